"""Watching the templates: whoever waits is woken by the next change."""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import watchfiles

log = logging.getLogger("bulletin")

SETTLED = 50
"""Milliseconds without a further change after which a save counts as done."""
LOOK = 500
"""Milliseconds after which the watcher looks whether it should stop."""


class Changes:
    """Counts the changes of files in some folders."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._count = 0
        self._news = threading.Condition()
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with self._news:
            self._news.notify_all()
        self._watcher.join()

    @property
    def count(self) -> int:
        """How many changes there were."""
        return self._count

    @property
    def is_over(self) -> bool:
        """Whether nobody watches any more."""
        return self._stop.is_set()

    def wait(self, seen: int, seconds: float) -> int:
        """Return the count as soon as it is not `seen` any more, or after so many seconds."""
        with self._news:
            self._news.wait_for(lambda: self._count != seen or self.is_over, seconds)
            return self._count

    def _watch(self) -> None:
        try:
            for _ in watchfiles.watch(
                *self._folders,
                stop_event=self._stop,
                step=SETTLED,
                rust_timeout=LOOK,
                raise_interrupt=False,
            ):
                with self._news:
                    self._count += 1
                    self._news.notify_all()
        except (OSError, RuntimeError) as error:
            log.warning("the templates cannot be watched (%s): reload pages by hand", error)
