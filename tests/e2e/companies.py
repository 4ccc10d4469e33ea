"""What people do on the servers: open, review, merge, resolve, reopen, delete."""

import requests


class Repository:
    """`acme/shop` on emulate, and the people who work on it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = "acme/shop"
        self.main = self.ask("GET", "git/ref/heads/main")["object"]["sha"]

    def ask(self, method: str, path: str, who: str = "ada", **body):
        address = f"{self._url}/repos/{self.name}/{path}".rstrip("/")
        headers = {"Authorization": f"Bearer {who}"}
        response = requests.request(method, address, json=body, headers=headers, timeout=30)
        response.raise_for_status()
        return response.json()

    def open(self, title: str) -> int:
        """Open a pull request of Ada's with one commit; return its number."""
        branch = title.lower().replace(" ", "-")
        self.ask("POST", "git/refs", ref=f"refs/heads/{branch}", sha=self.main)
        self.ask("PUT", f"contents/{branch}", message=title, content="eA==", branch=branch)
        return self.ask("POST", "pulls", title=title, head=branch, base="main")["number"]

    def checked(self, number: int, conclusion: str) -> None:
        sha = self.ask("GET", f"pulls/{number}")["head"]["sha"]
        run = {"name": "ci", "head_sha": sha, "status": "completed", "conclusion": conclusion}
        self.ask("POST", "check-runs", **run)


class Tickets:
    """The incidents of a Data Center, handled through its own REST API."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, method: str, path: str, **body) -> requests.Response:
        response = requests.request(method, f"{self._url}/{path}", json=body, timeout=30)
        response.raise_for_status()
        return response

    def day(self, day: str) -> None:
        self.ask("POST", f"clock/{day}")

    def open(self, summary: str, **fields) -> str:
        """Open an incident on the day that it is there; return its key."""
        fields |= {"project": {"key": "INC"}, "issuetype": {"name": "Incident"}}
        created = self.ask("POST", "rest/api/2/issue", fields=fields | {"summary": summary})
        return created.json()["key"]

    def move(self, key: str, status: str, **fields) -> None:
        """Take an incident to a status by the transition that leads there."""
        path = f"rest/api/2/issue/{key}/transitions"
        found = self.ask("GET", path).json()["transitions"]
        (way,) = (one["id"] for one in found if one["to"]["name"] == status)
        self.ask("POST", path, transition={"id": way}, fields=fields)

    def clear(self) -> None:
        for issue in self.ask("GET", "rest/api/2/search?maxResults=1000").json()["issues"]:
            self.ask("DELETE", f"rest/api/2/issue/{issue['key']}")
