"""What the two PDFs cost, from cold, beside a browser that prints the same page.

Run as `python -m benchmarks.printing FOLDER` on a demo's folder it reads the newest edition and
prints deck and paper; with a second folder it leaves there the paper as a page for a browser.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import PYTHON, Cost, run, side_by_side, tree_memory
from benchmarks.table import Row, at_most

SECONDS = 3.0
MEMORY = 120.0
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--no-pdf-header-footer",
)  # fmt: skip


def full(demo: Path) -> Iterator[Row]:
    """Print both, and the paper with Chromium where there is one."""
    command = [PYTHON, "-m", "benchmarks.printing", str(demo)]
    with tempfile.TemporaryDirectory() as folder:
        run([*command, folder])
        browser = shutil.which("chromium") or shutil.which("google-chrome")
        calls = {"ours": lambda: run(command)}
        if browser:
            chrome = [browser, *FLAGS, f"--user-data-dir={folder}/profile"]
            chrome += [f"--print-to-pdf={folder}/paper.pdf", f"file://{folder}/paper.html"]
            calls["chromium"] = lambda: run(chrome)
        cost = side_by_side(5, **calls)
        yield from _ours(cost["ours"], command)
        if not browser:
            yield Row("Chromium, one of the two", "not here")
            return
        theirs, held = cost["chromium"], tree_memory(chrome)
        yield Row(
            "Chromium, the paper alone",
            f"{theirs.wall:.2f} s on the wall, {held or 0:.0f} MiB at once",
        )


def _ours(cost: Cost, command: list[str]) -> Iterator[Row]:
    yield at_most(
        "both PDFs from cold",
        cost.quiet,
        SECONDS,
        " s",
        f"{cost.cpu:.2f} s CPU, {cost.wall:.2f} s on the wall",
    )
    held = tree_memory(command, below=True)
    if held is None:
        yield Row("both PDFs: memory of their printers", "only Linux tells")
    else:
        yield at_most("both PDFs: memory of their printers, at once", held, MEMORY, " MiB")


def main(demo: str, page_into: str = "") -> None:
    """Print deck and paper of the newest edition."""
    from bulletin import config
    from bulletin.archive.store import Archive
    from bulletin.pipeline.printing import render_all
    from bulletin.rendering.bundle import Bundle

    settings = config.load(Path(demo) / "bulletin.toml")
    with Archive.open(settings.archive) as archive:
        filed = archive.latest(archive.editions()[0].week)
    assert filed is not None
    bundle = Bundle.read()
    if page_into:
        from bulletin.rendering import paper
        from bulletin.rendering.environment import inline_asset

        page = paper.sheets(filed, bundle, settings.language, inline_asset(bundle))
        (Path(page_into) / "paper.html").write_text(page)
        return
    artifacts, failures = render_all(filed, bundle, settings.language, ("deck", "paper"))
    assert not failures, failures
    assert all(artifact.body.startswith(b"%PDF-") for artifact in artifacts)


if __name__ == "__main__":
    main(*sys.argv[1:])
