"""jira820 with incidents of our own, and a clock: run by jira820's own Python, with a port.

Its routes for issues stay as they are. `POST /clock/2026-11-24` sets the day that it dates changes
with, and `POST /type/INC-3/Task` moves a ticket to another type, which it has no route for.
"""

import sys
from datetime import date

import uvicorn
from jira820 import Config, Store, make_app

STATUSES = [
    ["Open", "todo", "1"],
    ["In Progress", "inprogress", "3"],
    ["Done", "done", "10002"],
    ["Reopened", "todo", "4"],
]
TYPES = [["Incident", "10"], ["Task", "6"]]


def main() -> None:
    config = Config(project_key="INC", statuses=STATUSES, issue_types=TYPES, modules=["Checkout"])
    store = Store(config, seed=False)
    app = make_app(store)

    @app.post("/clock/{day}")
    def clock(day: str) -> None:
        config.base_date = date.fromisoformat(day)

    @app.post("/type/{key}/{name}")
    def change_type(key: str, name: str) -> None:
        store.get_issue(key)["type"] = name

    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")


main()
