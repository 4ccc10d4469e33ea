"""Every test here may use the plugs and the desk."""

from tests.delivery.fixtures import desk, plugged  # noqa: F401  (fixtures)
