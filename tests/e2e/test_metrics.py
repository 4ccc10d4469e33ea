"""The status as metrics, read by Prometheus' own programs."""

import json
import shutil
import subprocess

import pytest

from bulletin import telling
from bulletin.status import look
from tests.builders import NOW, WEEK
from tests.e2e.tools import tool
from tests.monitoring.desk import HOUR, settings
from tests.test_status import claimed

pytestmark = pytest.mark.e2e

READ = """
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
assert all(one.documentation and one.type == "gauge" for one in families)
print(json.dumps([
    [[one.name, *one.labels.values()], one.value] for family in families for one in family.samples
]))
"""


@pytest.fixture
def found(tmp_path):
    """A status with an edition whose one delivery is uncertain, two hours late."""
    bulletin = settings(tmp_path)
    claimed(bulletin)
    return look(bulletin, NOW + 2 * HOUR)


def test_the_metrics_say_what_the_json_says(found):
    done = subprocess.run(
        [tool("metrics-python"), "-c", READ], input=telling.as_metrics(found),
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    read = {tuple(name): value for name, value in json.loads(done.stdout)}
    told = telling.as_json(found)
    assert read["bulletin_lateness_seconds",] == told["lateness_seconds"] == 7200
    assert read["bulletin_deliveries", "uncertain"] == read["bulletin_deliveries_asking",] == 1
    assert read["bulletin_deliveries", "sent"] == 0
    assert read["bulletin_edition_info", str(WEEK), "live"] == 1
    assert read["bulletin_due_edition_out",] == 0
    assert read["bulletin_open_items",] == told["edition"]["open_items"]
    assert read["bulletin_coverage_seen", "jira"] == told["edition"]["coverage"][0]["seen"]
    assert read["bulletin_coverage_state", "jira", "known"] == 1
    assert read["bulletin_next_due_timestamp_seconds",] == found.ahead.opens.timestamp()


def test_promtool_finds_nothing_wrong(found):
    """And it finds a metric without a meaning: the control."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not on PATH; Debian's prometheus has it")
    text = telling.as_metrics(found)
    for told, code in ((text, 0), (text.replace("# HELP bulletin_gaps", "# H"), 3)):
        done = subprocess.run(
            ["promtool", "check", "metrics"],
            input=told,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
