"""How many requests a week costs, and how the cost grows: with pages, never with items.

Run: uv run python benchmarks/request_counts.py
"""

import os
import resource
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bulletin import registry
from bulletin.editing.desk import span_of
from bulletin.model.week import Cutoff, Week
from bulletin.sandbox import github, jira, sentry
from bulletin.sandbox.server import TOKEN, Service
from bulletin.sandbox.world import ErrorStory, IncidentStory, PullRequestStory, World

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
WINDOW = Week(2026, 47).window(ZoneInfo("Europe/Paris"), Cutoff.parse("Thursday 10:00"))


def world(pull_requests: int = 0, incidents: int = 0, errors: int = 0) -> World:
    return World(
        pull_requests=tuple(
            PullRequestStory(
                repository=f"recircle/shop-{n % 100}", number=n + 1, title=f"Change {n}",
                author="camille", created=NOW - timedelta(hours=n + 1),
            )
            for n in range(pull_requests)
        ),
        incidents=tuple(
            IncidentStory(
                key=f"INC-{n + 1}", summary=f"Incident {n}", created=NOW - timedelta(minutes=n + 1)
            )
            for n in range(incidents)
        ),
        errors=tuple(
            ErrorStory(
                short_id=f"SHOP{n % 40}-{n}", project=f"shop{n % 40}", title=f"Error {n}",
                first_seen=NOW - timedelta(days=30), per_day=20 + n % 50,
            )
            for n in range(errors)
        ),
    )  # fmt: skip


def ask(kind: str, company: World) -> tuple[int, int, float]:
    """Collect once; return facts, requests and seconds."""
    answers = {"github": github.answer, "jira": jira.answer, "sentry": sentry.answer}
    with Service(kind, answers[kind], company, NOW) as service:
        given = {
            "github": {"organization": "recircle", "api": service.url},
            "jira": {
                "site": service.url, "user": "bot@recircle.example", "scope": "project = INC",
                "incidents": "project = INC AND statusCategory != Done",
            },
            "sentry": {"organization": "recircle", "site": service.url, "top": 1000},
        }[kind]  # fmt: skip
        plug = registry.find("source", kind)
        settings = plug.Settings(token={"env": "BENCHMARK_TOKEN"}, **given)
        started = time.perf_counter()
        span = span_of(Week(2026, 47), WINDOW, NOW, None)
        harvest = plug.from_settings(settings, kind).collect(span, NOW)
        return len(harvest.facts), harvest.coverage.requests, time.perf_counter() - started


def main() -> None:
    os.environ["BENCHMARK_TOKEN"] = TOKEN
    print(f"{'source':<8} {'facts':>6} {'requests':>9} {'seconds':>8} {'to the row before':>18}")
    rows = [("github", n, world(pull_requests=n)) for n in (125, 250, 500, 1000)]
    rows += [("jira", n, world(incidents=n)) for n in (125, 250, 500)]
    rows += [("sentry", n, world(errors=n)) for n in (75, 150, 300)]
    before: dict[str, float] = {}
    for kind, _, company in rows:
        facts, requests, seconds = ask(kind, company)
        ratio = f"{seconds / before[kind]:.1f}x" if kind in before else ""
        before[kind] = seconds
        print(f"{kind:<8} {facts:>6} {requests:>9} {seconds:>8.2f} {ratio:>18}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory, services and all: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
