"""Confluence Data Center: its one API, v1."""

from collections.abc import Mapping

from bulletin.publishing.confluence.connection import (
    Attachment,
    Connection,
    Json,
    Page,
    number,
    read_page,
    rows,
)

WHOLE = "body.storage,version"


class DataCenter(Connection):
    """Confluence Data Center, or Server."""

    def find(self, space: str, title: str) -> Page | None:
        """Return the page of this title, None where there is none."""
        answer = self.get(
            "/rest/api/content",
            {"type": "page", "spaceKey": space, "title": title, "expand": WHOLE},
        )
        same = [row for row in rows(answer, self._host) if row.get("title") == title]
        return self._read(same[0]) if same else None

    def page(self, id_: str) -> Page:
        """Return a page by its number."""
        return self._read(self.get(f"/rest/api/content/{id_}", {"expand": WHOLE}))

    def create(self, space: str, title: str, body: bytes, parent: str | None) -> Page:
        """Make a page and return it."""
        made = self.post(
            "/rest/api/content",
            {
                "type": "page",
                "title": title,
                "space": {"key": space},
                "body": {"storage": {"value": body.decode(), "representation": "storage"}},
            }
            | ({"ancestors": [{"id": parent}]} if parent else {}),
        )
        id_ = number(made.get("id"), self._host)
        return Page(id=id_, title=title, version=1, body=body, address=self._address(id_))

    def update(self, page: Page, body: bytes, message: str) -> None:
        """Replace a page's body; watchers are not told of a correction by mail."""
        given = {
            "id": page.id,
            "type": "page",
            "title": page.title,
            "body": {"storage": {"value": body.decode(), "representation": "storage"}},
            "version": {"number": page.version + 1, "message": message, "minorEdit": True},
        }
        self.put(f"/rest/api/content/{page.id}", given)

    def attachment(self, page: str, name: str) -> Attachment | None:
        """Return the file of this name that is attached to a page, if there is one."""
        answer = self.get(f"/rest/api/content/{page}/child/attachment", {"filename": name})
        for row in rows(answer, self._host):
            if row.get("title") == name:
                said = {**(row.get("metadata") or {}), **(row.get("extensions") or {})}
                id_ = number(row.get("id"), self._host)
                return Attachment(id=id_, comment=str(said.get("comment", "")))
        return None

    def has_space(self, space: str) -> bool:
        """Whether there is such a space that the account may see."""
        return bool(rows(self.get("/rest/api/space", {"spaceKey": space}), self._host))

    def _read(self, row: Mapping[str, Json]) -> Page:
        return read_page(row, self._host, self._address(row.get("id")))

    def _address(self, id_: object) -> str:
        return f"{self.base}/pages/viewpage.action?pageId={id_}"
