"""Bearer tokens for `XOAUTH2`."""

from urllib.parse import urlsplit

import requests

from bulletin.config import REVEALED
from bulletin.model.delivery import Fate
from bulletin.model.text import clean
from bulletin.publishing.answers import is_passing
from bulletin.publishing.email.carrier import NotTakenError
from bulletin.publishing.email.settings import OAuth
from bulletin.wire.http import Budget, session
from bulletin.wire.refused import Refused, refused_connection, refused_status

SAID = 120
HINT = "Check token_url, client_id, client_secret and scope: docs/channels/email.md."


def bearer(oauth: OAuth) -> str:
    """Return the ready token, or fetch one by client credentials (RFC 6749 4.4).

    Raises `NotTakenError` where none is given, `SettingsError` where a secret is not there.
    """
    if oauth.token is not None:
        return oauth.token.reveal()
    assert oauth.client_secret is not None  # the settings see to both
    assert oauth.token_url is not None
    asked = {
        "grant_type": "client_credentials",
        "client_id": oauth.client_id,
        "client_secret": oauth.client_secret.reveal(),
        "scope": oauth.scope,
    }
    host = urlsplit(oauth.token_url).hostname or ""
    try:
        with session(Budget(), attempts=1) as client:
            answer = client.post(
                oauth.token_url,
                data={name: value for name, value in asked.items() if value is not None},
                allow_redirects=False,  # the secret would go along
            )
    except (Refused, requests.RequestException) as error:  # it may quote the secret
        refused = error if isinstance(error, Refused) else refused_connection(error, host)
        raise _not_given(refused, refused.detail) from None
    return _token(answer, host)


def _token(answer: requests.Response, host: str) -> str:
    try:
        given = answer.json()
    except ValueError:
        given = None
    given = given if isinstance(given, dict) else {}
    token = given.get("access_token")
    fits = isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
    if answer.status_code == requests.codes.ok and fits:
        REVEALED.add(str(token))
        return str(token)
    why = given.get("error")
    said = f"{answer.status_code} {clean(why, SAID) if isinstance(why, str) else ''}".strip()
    raise _not_given(refused_status(answer.status_code, "", host), said)


def _not_given(refused: Refused, said: str) -> NotTakenError:
    fate = Fate.DEFERRED if is_passing(refused) else Fate.REFUSED
    return NotTakenError(fate, f"no token was given: {said}", HINT)
