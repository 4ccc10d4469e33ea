"""Our own faults and check-ins, as a server for them that nobody here wrote reads them."""

import logging

import pytest
import requests

from bulletin.monitoring.sentry import Sentry, schedule_of
from tests.e2e.serving import free_port, running
from tests.e2e.tools import tool
from tests.monitoring.desk import settings

pytestmark = pytest.mark.e2e


@pytest.fixture
def kent(tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [tool("kent-server"), "run", "--host", "127.0.0.1", "--port", str(port)]
    with running(command, f"{url}/api/eventlist/", tmp_path / "log"):
        yield url


def received(url):
    listed = requests.get(f"{url}/api/eventlist/", timeout=10).json()["events"]
    names = [one["event_id"] if isinstance(one, dict) else one for one in listed]
    found = [requests.get(f"{url}/api/event/{name}", timeout=10).json() for name in names]
    return [one["payload"]["body"] for one in found]


def test_a_run_is_read_as_two_check_ins_and_a_fault(kent, tmp_path):
    bulletin = settings(tmp_path)
    sentry = Sentry(
        f"http://public@{kent.removeprefix('http://')}/1", "journal", schedule_of(bulletin)
    )
    sentry.start()
    try:
        raise ZeroDivisionError("of ours")  # noqa: TRY301  (a log needs a traceback)
    except ZeroDivisionError:
        logging.getLogger("bulletin").exception("a rule broke")
    sentry.end(4)
    sentry.close()

    bodies = received(kent)

    checked = [one for one in bodies if "check_in_id" in one]
    assert sorted(one["status"] for one in checked) == ["error", "in_progress"]
    assert {one["monitor_slug"] for one in checked} == {"journal"}
    (fault,) = [one for one in bodies if "exception" in one]
    assert fault["exception"]["values"][0]["type"] == "ZeroDivisionError"
    assert fault["release"].startswith("bulletin@")
