"""A DokuWiki that is signed in to, over XML-RPC, and what its refusals mean to a person."""

import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

import requests

from bulletin.errors import BulletinError
from bulletin.model.harvest import Cause
from bulletin.model.text import clean
from bulletin.publishing.answers import is_lost
from bulletin.publishing.standing import NotNowError
from bulletin.wire.http import Budget, session
from bulletin.wire.refused import Refused, refused_connection, refused_status

RPC = "/lib/exe/xmlrpc.php"
MISSING, LOCKED, SPAM = 121, 133, 134
FORBIDDEN = -32604
DENIED = frozenset({111, 112, -32603, FORBIDDEN})
DISABLED = -32605
EDIT, CREATE, UPLOAD = 2, 4, 8
"""What a user may do with a page; each holds those before it."""
NO_WIKI = (
    "what answers there is no DokuWiki that we know",
    "Check `site`, and switch `remote` on in its settings.",
)
NOT_TAKEN = (
    "the wiki does not take the page",
    "Its list of banned words may hold one of the page's (wordblock.conf); or look at its log.",
)
FAILED = "Look at the wiki's own log; it is tried again."
NOT_LET_IN = "Check the password; `remoteuser` in the wiki's settings has to name the user."

Told = TypeVar("Told")


class Wiki:
    """Calls the wiki's methods, each at most once."""

    def __init__(self, site: str) -> None:
        self._host = urlsplit(site).hostname or ""
        self._address = f"{site}{RPC}"
        self._client = session(Budget(), attempts=1)

    @classmethod
    def enter(cls, site: str, user: str, password: str) -> Self:
        """Sign in with a password. Raises what `spoken` puts into words."""
        wiki = cls(site)
        if not wiki.call("dokuwiki.login", user, password):
            raise BulletinError(f"the wiki does not let {user} in", NOT_LET_IN)
        return wiki

    @classmethod
    def present(cls, site: str, token: str) -> Self:
        """Bring a token along with every call."""
        wiki = cls(site)
        wiki._client.headers["Authorization"] = f"Bearer {token}"
        return wiki

    def call(self, method: str, *values: Any) -> Any:
        """Call a method and return what it returns. Raises `xmlrpc.client.Fault` and `Refused`."""
        sent = xmlrpc.client.dumps(values, method, encoding="utf-8").encode()
        answer = self._client.post(
            self._address, data=sent, headers={"Content-Type": "text/xml; charset=utf-8"}
        )
        # A refusal of the method comes with 401 or 403, and says in its body what it is.
        if b"<methodResponse>" not in answer.content:
            if answer.status_code == HTTPStatus.OK:
                raise Refused(Cause.CHANGED_SHAPE, *NO_WIKI)
            raise refused_status(answer.status_code, "", self._host)
        try:
            (made,), _ = xmlrpc.client.loads(_plain(answer.content))
        except (xmlrpc.client.ResponseError, ExpatError, ValueError, TypeError, LookupError):
            raise Refused(Cause.CHANGED_SHAPE, *NO_WIKI) from None
        if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise xmlrpc.client.Fault(FORBIDDEN, "it is not allowed")
        return made

    def ask(self, kind: type[Told], method: str, *values: Any) -> Told:
        """Call a method that returns this kind. Raises as `call` does, and `Refused` for another.

        The release of July 2022 returns an empty struct where it means a fault.
        """
        made = self.call(method, *values)
        if isinstance(made, kind):
            return made
        if made == {}:
            raise Refused(Cause.SERVER_ERROR, f"the wiki failed at {method}", FAILED)
        raise Refused(Cause.CHANGED_SHAPE, *NO_WIKI)

    def read(self, page: str) -> str:
        """Return a page's text; empty where there is none, whatever its namespace begins with."""
        try:
            is_there = self.call("wiki.getPageInfo", page)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != MISSING:
                raise
            is_there = False
        return self.ask(str, "wiki.getPage", page) if is_there else ""

    def write(self, page: str, text: str, summary: str) -> Refused | None:
        """Write a page. A lost answer is no error: it is returned, and the page to be read again.

        Raises `BulletinError` where the wiki does not take it, and what `spoken` puts into words.
        """
        try:
            taken = self.call("wiki.putPage", page, text, {"sum": summary, "minor": False})
        except Refused as refused:
            if not is_lost(refused):
                raise
            return refused
        if not taken:
            raise BulletinError(*NOT_TAKEN)
        return None

    def may(self, page: str) -> int:
        """Return what the user may do with a page."""
        return self.ask(int, "wiki.aclCheck", page)

    @contextmanager
    def locked(self, page: str) -> Iterator[None]:
        """Keep others from saving the page meanwhile. Raises `NotNowError` where one edits it."""
        held = self.ask(dict, "dokuwiki.setLocks", {"lock": [page], "unlock": []})
        if page not in held.get("locked", ()):
            told = f"somebody is editing {page}, or holds its lock"
            raise NotNowError(told, "It is tried again.")
        try:
            yield
        finally:
            with suppress(Refused, xmlrpc.client.Fault, BulletinError):
                self.call("dokuwiki.setLocks", {"lock": [], "unlock": [page]})

    def upload(self, name: str, body: bytes) -> None:
        """Upload a file, unless it is there. Raises `BulletinError` where another has its name."""
        if self.ask(dict, "wiki.getAttachmentInfo", name).get("size"):
            if self.ask(xmlrpc.client.Binary, "wiki.getAttachment", name).data == body:
                return
            told = f"there is another file called {name}"
            raise BulletinError(told, "Move it away, or take `attach` out of the settings.")
        if not self.call("wiki.putAttachment", name, body, {"ow": False}):
            told = f"the wiki does not take {name}"
            raise BulletinError(told, "Look at mime.conf: it names the kinds of files it takes.")


def _plain(answer: bytes) -> bytes:
    """Return the answer. Raises `ValueError` where it defines entities, as no wiki does."""
    if b"<!" in answer:
        raise ValueError
    return answer


@contextmanager
def spoken(user: str) -> Iterator[None]:
    """Say what the wiki refuses in a person's words; nothing of what was sent is in them.

    Raises `NotNowError`, `BulletinError` and `Refused`.
    """
    try:
        yield
    except xmlrpc.client.Fault as fault:
        raise _refusal(fault, user) from None
    except requests.RequestException as error:
        raise refused_connection(error, "the wiki") from None


def _refusal(fault: xmlrpc.client.Fault, user: str) -> Exception:
    code, said = fault.faultCode, clean(str(fault.faultString), 120)
    if code == LOCKED:
        return NotNowError("somebody is editing the page", "It is tried again.")
    if code == SPAM:
        return BulletinError(*NOT_TAKEN)
    if code == DISABLED or "not enabled" in said:
        return BulletinError("the wiki's remote API is off", "Switch `remote` on in its settings.")
    if code in DENIED:
        hint = "Give it create and upload rights there; `remoteuser` has to name it as well."
        return BulletinError(f"{user} may not do that on the wiki: {said}", hint)
    return BulletinError(f"the wiki refuses it: {said}", f"Its code is {code}.")
