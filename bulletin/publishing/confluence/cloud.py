"""Confluence Cloud: its API v2 for pages; attachments and labels have none but v1."""

import re
from collections.abc import Mapping

from bulletin.model.harvest import Cause
from bulletin.publishing.confluence.connection import (
    Attachment,
    Connection,
    Json,
    Page,
    number,
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
        return self._read(same[0], answer) if same else None

    def page(self, id_: str) -> Page:
        """Return a page by its number."""
        answer = self.get(f"/api/v2/pages/{id_}", STORAGE)
        return self._read(answer, answer)

    def create(self, space: str, title: str, body: bytes, parent: str | None) -> Page:
        """Make a page and return it."""
        given = {
            "spaceId": self._space(space),
            "status": "current",
            "title": title,
            "body": {"representation": "storage", "value": body.decode()},
        }
        made = self.post("/api/v2/pages", given | ({"parentId": parent} if parent else {}))
        id_ = number(made.get("id"), self._host)
        return Page(id=id_, title=title, version=1, body=body, address=self._address(made, made))

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
        if not same:
            return None
        id_ = number(same[0].get("id"), self._host)
        return Attachment(id=id_, comment=str(same[0].get("comment", "")))

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
            self._spaces[key] = number(found[0].get("id"), self._host)
        return self._spaces[key]

    def _read(self, row: Mapping[str, Json], answer: Mapping[str, Json]) -> Page:
        return read_page(row, self._host, self._address(row, answer))

    def _address(self, row: Mapping[str, Json], answer: Mapping[str, Json]) -> str:
        """Return the address that people open, as the answer tells: a gateway's is not for them."""
        said = [one.get("_links") for one in (answer, row)]
        links = [one if isinstance(one, dict) else {} for one in said]
        told = f"{links[0].get('base', '')}{links[1].get('webui', '')}"
        if re.fullmatch(r"https?://[!-~]+", told):
            return told
        return f"{self.base}/pages/viewpage.action?pageId={row.get('id')}"
