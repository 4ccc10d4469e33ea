"""A MediaWiki that is signed in to, and what its refusals mean to a person."""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Self
from urllib.parse import urlsplit

import mwclient
import requests
from mwclient import errors

from bulletin.errors import BulletinError
from bulletin.model.text import clean
from bulletin.notes import with_notes
from bulletin.publishing.answers import is_lost
from bulletin.publishing.standing import NotNowError, looking_again
from bulletin.wire.http import Budget, session
from bulletin.wire.refused import Refused, refused_connection, refused_status

# Every sign-in is answered with the same announcement, which it would log as a warning.
logging.getLogger("mwclient").setLevel(logging.ERROR)
MAXLAG = 5
"""Seconds that the wiki's databases may lag behind before it is left in peace."""
SERVER_ERROR = 500
RACES = frozenset({"articleexists", "editconflict", "missingtitle", "pagedeleted"})
"""Somebody else was there between our reading and our writing."""
PASSING = {
    "maxlag": "the wiki's databases lag behind",
    "ratelimited": "the wiki lets this user write no more for now",
    "readonly": "the wiki is read-only for now",
}
REFUSALS = {
    "spam": (
        "a spam filter of the wiki refuses the page",
        "Ask whoever runs the wiki to let the bulletin's links pass.",
    ),
    "abuse": (
        "an abuse filter of the wiki refuses the page",
        "Ask whoever runs the wiki to let the bulletin pass.",
    ),
    "titleblacklist": (
        "the wiki bans the page's name",
        "Choose another `page` in the settings.",
    ),
    "protected": (
        "the page is protected",
        "Let the bulletin's user edit it, or name another page.",
    ),
    "contenttoobig": (
        "the page is larger than the wiki allows",
        "Lower `room` in the settings.",
    ),
    "uploaddisabled": (
        "the wiki takes no uploads",
        "Take `attach` out of the settings, or switch uploads on.",
    ),
    "blocked": (
        "the wiki has blocked the bulletin's user",
        "Ask whoever runs the wiki to unblock it.",
    ),
}
"""What the code of an error holds → what happened, and what to do."""
RIGHTS = "Grant it edit, create and upload rights on Special:BotPasswords, or in its group."


@dataclass(frozen=True, slots=True)
class Standing:
    """A page as it was read; one that is not there has no text and the revision 0."""

    page: str
    text: str = ""
    revision: int = 0
    written: str = ""
    """When this revision was saved, as the wiki writes moments."""
    read: str = ""
    """When it was read, by the wiki's clock."""


class Wiki:
    """Reads pages and writes them only over what was read."""

    def __init__(self, site: Any) -> None:
        self._site = site

    @classmethod
    def enter(cls, site: str, path: str, user: str, password: str) -> Self:
        """Sign in. Raises what `spoken` puts into words."""
        address = urlsplit(site)
        wiki = mwclient.Site(
            address.netloc + address.path,
            path=path,
            scheme=address.scheme,
            pool=session(Budget(), attempts=1),
            max_retries=0,
            do_init=False,
        )
        wiki.login(user, password)
        return cls(wiki)

    @property
    def user(self) -> str:
        """The user that is signed in."""
        return clean(str(self._site.username), 60)

    @property
    def software(self) -> str:
        """Name and version, as the wiki tells them."""
        return clean(str(self._site.site["generator"]), 60)

    @property
    def rights(self) -> frozenset[str]:
        """What this user may do."""
        return frozenset(self._site.rights)

    def read(self, page: str, revision: int = 0) -> Standing:
        """Return a page as it stands, or one revision of it."""
        asked: dict[str, Any] = {"revids": revision} if revision else {"titles": page}
        answer = self._site.get(
            "query",
            prop="revisions",
            rvprop="ids|timestamp|content",
            rvslots="main",
            curtimestamp=1,
            formatversion=2,
            **asked,
        )
        (found,) = answer["query"]["pages"]
        if "revisions" not in found:
            return Standing(page, read=answer["curtimestamp"])
        (held,) = found["revisions"]
        text = held["slots"]["main"].get("content", "")
        return Standing(page, text, held["revid"], held["timestamp"], answer["curtimestamp"])

    def write(self, standing: Standing, text: str, summary: str) -> Standing | None:
        """Write a page over what was read; None where it was written.

        Where the answer was lost, it returns what stands now; where somebody was there in between,
        over what to write next: the page that was read, with the notes that the other one left.
        Raises `NotNowError` where nothing can be read after a lost answer.
        """
        over = {
            "nocreate": 1,
            "baserevid": standing.revision,
            "basetimestamp": standing.written,
            "starttimestamp": standing.read,
        }
        try:
            answer = self._site.post(
                "edit",
                title=standing.page,
                text=text,
                md5=hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
                summary=summary,
                bot=1,
                maxlag=MAXLAG,
                formatversion=2,
                token=self._site.get_token("csrf"),
                **{"assert": "user"},
                **(over if standing.revision else {"createonly": 1}),
            )
            edit = answer["edit"]
        except Exception as error:
            if not _may_be_written(error):
                raise
            with looking_again(error):
                return self.read(standing.page)
        if edit.get("result") != "Success":
            told = "the wiki wants more than the page, such as a captcha"
            raise BulletinError(told, "Give the bulletin's user the right to skip captchas.")
        before = edit.get("oldrevid", standing.revision)
        if "nochange" in edit or before == standing.revision:
            return None
        # The wiki minds no conflict of a user with itself, and merges others that do not touch.
        theirs, now = self.read(standing.page, before), self.read(standing.page)
        try:
            return replace(now, text=with_notes(standing.text, theirs.text))
        except BulletinError:  # nobody can say where their notes are: the history has them
            return now

    def upload(self, name: str, body: bytes) -> None:
        """Upload a file, unless it is there. Raises `BulletinError` for somebody else's."""
        answer = self._site.get(
            "query",
            titles=f"File:{name}",
            prop="imageinfo",
            iiprop="sha1|user",
            formatversion=2,
        )
        (found,) = answer["query"]["pages"]
        for held in found.get("imageinfo", ()):
            if held["sha1"] == hashlib.sha1(body, usedforsecurity=False).hexdigest():
                return
            if held["user"] != self._site.username:
                told = f"File:{name} was uploaded by somebody else"
                raise BulletinError(told, "Move it away, or take `attach` out of the settings.")
        answer = self._site.upload(BytesIO(body), name, description="Bulletin", ignore=True)
        if answer.get("result") != "Success":
            raise BulletinError(f"the wiki did not keep {name}", "Look at its log of uploads.")


def _may_be_written(error: Exception) -> bool:
    """Whether it has to be looked up if the page was written: a race, or a lost answer."""
    if isinstance(error, errors.APIError):
        return error.code in RACES
    if isinstance(error, requests.HTTPError):
        return error.response.status_code >= SERVER_ERROR
    return isinstance(error, errors.InvalidResponse | KeyError) or (
        isinstance(error, Refused) and is_lost(error)
    )


@contextmanager
def spoken(user: str) -> Iterator[None]:
    """Say what the wiki refuses in a person's words; nothing of what was sent is in them.

    Raises `NotNowError`, `BulletinError` and `Refused`.
    """
    try:
        yield
    except errors.LoginError as error:
        told = f"the wiki does not let {user} in ({clean(str(error.code), 40)})"
        raise BulletinError(told, "Make a new bot password on Special:BotPasswords.") from None
    except errors.APIError as error:
        raise _refusal(str(error.code), str(error.info), user) from None
    except errors.MaximumRetriesExceeded:
        raise NotNowError("the wiki asks to be left in peace", "It is tried again.") from None
    except errors.InsufficientPermission:
        raise BulletinError(f"{user} may not write there", RIGHTS) from None
    except requests.HTTPError as error:
        host = urlsplit(error.response.url).hostname or ""
        raise refused_status(error.response.status_code, "", host) from None
    except requests.RequestException as error:
        raise refused_connection(error, "the wiki") from None
    except (errors.MwClientError, json.JSONDecodeError, KeyError):
        raise BulletinError(
            "what answers there is no MediaWiki that we know",
            "Check `site` and `path`: api.php lies below them.",
        ) from None


def _refusal(code: str, said: str, user: str) -> Exception:
    if code in PASSING:
        return NotNowError(PASSING[code], "It is tried again.")
    if code.startswith("internal_api_error"):
        return NotNowError(f"the wiki failed ({clean(code, 60)})", "Look at the wiki's own log.")
    for part, (problem, hint) in REFUSALS.items():
        if part in code:
            return BulletinError(problem, hint)
    if "denied" in code or "permission" in code or code in {"noedit", "cantcreate"}:
        return BulletinError(f"{user} may not write there ({clean(code, 40)})", RIGHTS)
    return BulletinError(
        f"the wiki refuses it: {clean(said, 120)}", f"Its code is {clean(code, 40)}."
    )
