"""The desk of the delivery tests, with its canned service and its pigeons."""

from tests.delivery.fixtures import desk, plugged  # noqa: F401  (fixtures)
