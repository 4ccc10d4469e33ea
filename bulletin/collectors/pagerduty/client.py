"""PagerDuty's REST API, one page after the other, within a budget."""

from collections.abc import Iterator
from typing import Any

from bulletin.collectors.pagerduty.reading import Json, parse_names
from bulletin.collectors.paging import endless
from bulletin.model.harvest import Cause
from bulletin.wire.http import Budget, Params, get, parse_json, session
from bulletin.wire.refused import Refused

PAGE = 100
CEILING = 10_000
"""Of a list PagerDuty gives so many rows, and refuses to go beyond them."""
UPDATE = "Update bulletin, or ask PagerDuty's support what changed."

EVER = (("date_range", "all"), ("time_zone", "UTC"))
"""Without the first a list is of the last month, without the second in the account's own zone."""
OPEN = (
    *(("statuses[]", "triggered"), ("statuses[]", "acknowledged")),
    *(*EVER, ("sort_by", "created_at:asc")),
)
CLOSED = (("statuses[]", "resolved"), *EVER, ("sort_by", "resolved_at:desc"))


class Client:
    """PagerDuty's REST API, version 2, asked with one key. Raises `Refused`."""

    def __init__(self, site: str, token: str, budget: Budget) -> None:
        self._site = site
        self._session = session(budget)
        self._session.headers["Authorization"] = f"Token token={token}"
        self._session.headers["Accept"] = "application/vnd.pagerduty+json;version=2"
        self._session.headers["Content-Type"] = "application/json"

    def pages(self, what: str, params: Params = ()) -> Iterator[list[Any]]:
        """Yield the pages of `incidents`, `services` or `teams`."""
        seen: set[str] = set()
        offset = 0
        while offset <= CEILING - PAGE:
            place = (("limit", str(PAGE)), ("offset", str(offset)))
            body = self._get(what, (*params, *place))
            rows, more = body.get(what), body.get("more")
            if not isinstance(rows, list) or not isinstance(more, bool):
                raise Refused(Cause.CHANGED_SHAPE, f"a page without {what}", UPDATE)
            yield rows
            new = {repr(row.get("id")) for row in rows if isinstance(row, dict)} - seen
            if not more:
                return
            if not new:
                raise endless("the same page again")
            seen |= new
            offset += len(rows)
        raise Refused(
            Cause.TRUNCATED,
            f"there are more than the {CEILING} {what} that PagerDuty lists",
            "Name the `services` or `teams` that matter.",
        )

    def names(self, what: str) -> dict[str, str]:
        """Return the ids of `services` or `teams`, with their names."""
        return parse_names([row for rows in self.pages(what) for row in rows])

    def incident(self, handle: str) -> Any:
        """Fetch one incident."""
        return self._get(f"incidents/{handle}", ()).get("incident")

    def _get(self, path: str, params: Params) -> Json:
        body: Json = parse_json(get(self._session, f"{self._site}/{path}", params), dict)
        return body
