"""Runs github-to-sqlite against another address than the one that is written into it.

Run by the Python that has it: `python elsewhere.py ADDRESS ARGUMENTS`.
"""

import runpy
import sys
from pathlib import Path

import requests

WRITTEN = "https://api.github.com"


def main(address: str) -> None:
    """Send every request to that address instead."""
    ask = requests.Session.request

    def elsewhere(session: requests.Session, method: str, url: str, **more: object) -> object:
        return ask(session, method, url.replace(WRITTEN, address), **more)

    requests.Session.request = elsewhere
    del sys.argv[1]
    runpy.run_path(str(Path(sys.executable).with_name("github-to-sqlite")), run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1])
