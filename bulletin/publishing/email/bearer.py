"""Bearer tokens for `XOAUTH2`."""

import requests

from bulletin.config import REVEALED
from bulletin.model.delivery import Fate
from bulletin.publishing.email.carrier import NotTakenError
from bulletin.publishing.email.settings import OAuth

CONNECT_SECONDS = 30
ANSWER_SECONDS = 60
HINT = "Check token_url, client_id, client_secret and scope: docs/channels/email.md."


def bearer(oauth: OAuth) -> str:
    """Return the ready token, or fetch one by client credentials (RFC 6749 4.4).

    Raises `NotTakenError` where none is given, `SettingsError` where a secret is not there.
    """
    if oauth.token is not None:
        return oauth.token.reveal()
    assert oauth.client_secret is not None  # the settings see to it
    asked = {
        "grant_type": "client_credentials",
        "client_id": oauth.client_id,
        "client_secret": oauth.client_secret.reveal(),
        "scope": oauth.scope,
    }
    try:
        answer = requests.post(
            str(oauth.token_url),
            data={name: value for name, value in asked.items() if value is not None},
            auth=_no_netrc,
            allow_redirects=False,  # the secret would go along
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
        )
    except requests.RequestException as error:
        told = f"no token could be fetched ({type(error).__name__})"
        raise NotTakenError(Fate.DEFERRED, told, HINT) from None  # it may quote the secret
    return _token(answer)


def _token(answer: requests.Response) -> str:
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
    for_now = answer.status_code == requests.codes.too_many_requests or answer.status_code >= 500  # noqa: PLR2004  (a server error)
    fate = Fate.DEFERRED if for_now else Fate.REFUSED
    why = given.get("error")
    told = f"no token was given: {answer.status_code} {why if isinstance(why, str) else ''}"
    raise NotTakenError(fate, told.strip()[:200], HINT)


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    # requests consults .netrc only where no auth is given; this gives one that does nothing.
    return request
