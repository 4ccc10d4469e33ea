"""Confluence Cloud: its API v2 for pages; attachments and labels have none but v1."""

from bulletin.model.harvest import Cause
from bulletin.publishing.confluence.connection import (
    Attachment,
    Connection,
    Page,
    changed,
    read_page,
    rows,
)
from bulletin.publishing.confluence.settings import ConfluenceSettings
from bulletin.wire.http import Budget
from bulletin.wire.refused import Refused

STORAGE = {"body-format": "storage"}


class Cloud(Connection):
    """Confluence Cloud."""

    def __init__(self, settings: ConfluenceSettings, token: str, budget: Budget) -> None:
        super().__init__(settings, token, budget)
        self._spaces: dict[str, str] = {}

    def find(self, space: str, title: str) -> Page | None:
        """Return the page of this title, None where there is none."""
        answer = self.get(
            "/api/v2/pages",
            {
                "space-id": self._space(space),
                "title": title,
                "status": "current",
            }
            | STORAGE,
        )
        same = [row for row in rows(answer, self._host) if row.get("title") == title]
        return read_page(same[0], self._host) if same else None

    def page(self, id_: str) -> Page:
        """Return a page by its number."""
        return read_page(self.get(f"/api/v2/pages/{id_}", STORAGE), self._host)

    def create(self, space: str, title: str, body: bytes, parent: str | None) -> str:
        """Make a page and return its number."""
        given = {
            "spaceId": self._space(space),
            "status": "current",
            "title": title,
            "body": {"representation": "storage", "value": body.decode()},
        }
        made = self.post("/api/v2/pages", given | ({"parentId": parent} if parent else {}))
        return _number(made.get("id"), self._host)

    def update(self, page: Page, body: bytes, message: str) -> None:
        """Replace a page's body."""
        given = {
            "id": page.id,
            "status": "current",
            "title": page.title,
            "body": {"representation": "storage", "value": body.decode()},
            "version": {"number": page.version + 1, "message": message},
        }
        self.put(f"/api/v2/pages/{page.id}", given)

    def attachment(self, page: str, name: str) -> Attachment | None:
        """Return the file of this name that is attached to a page, if there is one."""
        answer = self.get(f"/api/v2/pages/{page}/attachments", {"filename": name})
        same = [row for row in rows(answer, self._host) if row.get("title") == name]
        comment = str(same[0].get("comment", "")) if same else ""
        return Attachment(id=str(same[0].get("id")), comment=comment) if same else None

    def address(self, space: str, id_: str) -> str:
        """Return the address that people open."""
        return f"{self.base}/spaces/{space}/pages/{id_}"

    def has_space(self, space: str) -> bool:
        """Whether there is such a space that the account may see."""
        return self._look_up(space) is not None

    def _space(self, key: str) -> str:
        found = self._look_up(key)
        if found is None:
            raise Refused(
                Cause.NOT_FOUND,
                f"{self._host} has no space {key} that the account may see",
                "Check the key, which is in the space's address, and the account's rights.",
            )
        return found

    def _look_up(self, key: str) -> str | None:
        if key not in self._spaces:
            found = rows(self.get("/api/v2/spaces", {"keys": key}), self._host)
            if not found:
                return None
            self._spaces[key] = _number(found[0].get("id"), self._host)
        return self._spaces[key]


def _number(given: object, host: str) -> str:
    if not isinstance(given, str | int) or not str(given).isdecimal():
        raise changed(host)
    return str(given)
