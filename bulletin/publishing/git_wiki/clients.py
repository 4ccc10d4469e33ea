"""How a git remote is reached. Credentials go to the host that they are for, in a header, and no
configuration of the machine's git is read.
"""

import os
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from dulwich.client import (
    GitClient,
    TraditionalGitClient,
    Urllib3HttpGitClient,
    default_user_agent_string,
    get_transport_and_path,
)
from dulwich.errors import GitProtocolError
from dulwich.protocol import Protocol
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from urllib3 import PoolManager, ProxyManager, Retry, Timeout

from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused, refused_connection, refused_status

CONNECT_SECONDS = 10
SILENCE_SECONDS = 60
SSH = f"ssh -o BatchMode=yes -o ConnectTimeout={CONNECT_SECONDS} -o ServerAliveInterval=15"


class SmartHttp(Urllib3HttpGitClient):
    """Speaks to a git server over HTTP, and to nothing that only looks like one."""

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,  # noqa: ARG002, FBT001, FBT002  (dulwich asks for it)
    ) -> tuple[Any, Any]:
        host = urlsplit(url).hostname or ""
        try:
            response, read = super()._http_request(url, headers, data, raise_for_status=False)
        except GitProtocolError as error:
            cause = error.__cause__
            raise refused_connection(getattr(cause, "reason", None) or error, host) from None
        given: Any = response
        status = given.status
        kind = (given.content_type or "").split(";")[0]
        if status != 200:  # noqa: PLR2004  (HTTP's only success here)
            given.close()
            raise refused_status(status, "", host)
        if not kind.startswith("application/x-git-"):
            given.close()
            raise Refused(
                Cause.CHANGED_SHAPE,
                f"{host} answered with {kind or 'nothing'} where git was expected",
                "Usually a sign-in page: check the address and the credentials.",
            )
        return response, read


def watch(client: GitClient) -> list[Protocol]:
    """Return a list that will hold every connection that a client opens: dulwich leaves those open
    that end before they begin.
    """
    opened: list[Protocol] = []
    if isinstance(client, TraditionalGitClient):
        plain = client._connect  # noqa: SLF001  (what each kind of client has of its own)

        def remembered(*given: Any, **named: Any) -> Any:
            made = plain(*given, **named)
            opened.append(made[0])
            return made

        client._connect = remembered  # type: ignore[method-assign]  # noqa: SLF001  (as above)
    return opened


def connect(remote: str, user: str, token: str | None, key: str | None) -> tuple[GitClient, str]:
    """Return a client of this remote, and the path there. Nothing is reached yet."""
    parts = urlsplit(remote)
    if parts.scheme == "file":
        return get_transport_and_path(unquote(parts.path))
    if parts.scheme not in {"http", "https"}:
        ssh = f"{SSH} -o IdentitiesOnly=yes" if key else SSH
        return get_transport_and_path(remote, key_filename=key, ssh_command=ssh)
    client = SmartHttp(
        f"{parts.scheme}://{parts.netloc}/",
        pool_manager=_pool(remote),
        username=user if token else None,
        password=token,
    )
    return client, parts.path


def _pool(url: str) -> PoolManager:
    authorities = os.environ.get("REQUESTS_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    limits: dict[str, Any] = {
        "ssl_context": ssl.create_default_context(cafile=authorities),
        "timeout": Timeout(connect=CONNECT_SECONDS, read=SILENCE_SECONDS),
        # What is sent again could be sent twice, and a redirect leads to a sign-in page.
        "retries": Retry(0, redirect=0, raise_on_redirect=False),
        "headers": {"User-Agent": default_user_agent_string()},
    }
    proxy = select_proxy(url, get_environ_proxies(url))
    return ProxyManager(proxy, **limits) if proxy else PoolManager(**limits)
