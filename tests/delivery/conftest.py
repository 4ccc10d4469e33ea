"""Every test here may use the plugs, the desk, a mail server and runs that die or race."""

from tests.archive.conftest import postgresql, server  # noqa: F401  (fixtures)
from tests.delivery.fixtures import desk, dogs, plugged, sink  # noqa: F401  (fixtures)
