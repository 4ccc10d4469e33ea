"""Publishers: artifacts in, a receipt out. Each is idempotent by edition."""

from collections.abc import Sequence
from typing import Protocol

from bulletin.model.delivery import Artifact, Receipt
from bulletin.model.edition import Filed


class Publisher(Protocol):
    """Brings an edition to one place. Publishing the same edition twice changes nothing."""

    channel: str

    def publish(self, filed: Filed, artifacts: Sequence[Artifact]) -> Receipt:
        """Deliver. Raises `BulletinError` where nothing was delivered and a person must act."""
        ...
