"""Confluence Data Center: its one API, v1."""

from bulletin.publishing.confluence.connection import (
    Attachment,
    Connection,
    Page,
    changed,
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
        return read_page(same[0], self._host) if same else None

    def page(self, id_: str) -> Page:
        """Return a page by its number."""
        return read_page(self.get(f"/rest/api/content/{id_}", {"expand": WHOLE}), self._host)

    def create(self, space: str, title: str, body: bytes, parent: str | None) -> str:
        """Make a page and return its number."""
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
        number = str(made.get("id"))
        if not number.isdecimal():
            raise changed(self._host)
        return number

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
                return Attachment(id=str(row.get("id")), comment=str(said.get("comment", "")))
        return None

    def address(self, space: str, id_: str) -> str:  # noqa: ARG002  (Cloud's has the space in it)
        """Return the address that people open."""
        return f"{self.base}/pages/viewpage.action?pageId={id_}"

    def has_space(self, space: str) -> bool:
        """Whether there is such a space that the account may see."""
        return bool(rows(self.get("/rest/api/space", {"spaceKey": space}), self._host))
