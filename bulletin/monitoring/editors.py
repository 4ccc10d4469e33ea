"""Words to people, by whatever Apprise speaks: mail, chat, a telephone."""

import logging
from collections.abc import Sequence
from typing import Any

from bulletin.config import Secret
from bulletin.errors import BulletinError, SettingsError

log = logging.getLogger("bulletin.monitoring")


class Editors:
    """The addresses of people. No secret is read, and Apprise not imported, before `tell`."""

    def __init__(self, addresses: Sequence[Secret]) -> None:
        self._addresses = addresses

    def tell(self, title: str, text: str) -> None:
        """Tell all of them; one that cannot be reached does not keep the others from it."""
        for number, address in enumerate(self._addresses, 1):
            try:
                arrived = service(address).notify(body=text, title=title, body_format="text")
            except BulletinError as error:
                log.warning("editor %d is told nothing: %s", number, error.problem)
                continue
            except Exception as error:  # noqa: BLE001  (130 services, each with errors of its own)
                log.warning("editor %d is told nothing (%s)", number, type(error).__name__)
                continue
            if not arrived:
                log.warning("editor %d could not be told", number)


def service(address: Secret) -> Any:
    """Return Apprise's own service of an address. Raises `SettingsError` for what is none."""
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415  (it reads in 130 services)

    asset = AppriseAsset(secure_logging=True, app_id="Bulletin")
    service = Apprise.instantiate(
        address.reveal(is_token=False), asset=asset, suppress_exceptions=True
    )
    if service is None:
        msg = "the address of an editor is none that Apprise knows"
        raise SettingsError(msg, "Write it as https://github.com/caronc/apprise shows.")
    if not service.verify_certificate:
        msg = "the address of an editor turns the check of certificates off"
        raise SettingsError(msg, "Take verify=no out of it.")
    return service
