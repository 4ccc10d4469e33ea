"""What a page names it cannot fetch: no request leaves, no file is read, nothing is attached."""

import io
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdf
import pytest
import weasyprint

from bulletin.errors import BulletinError
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.deck import DeckRenderer
from bulletin.rendering.paper import PaperRenderer
from bulletin.rendering.pdf import print_pdf
from tests.hostile.shapes import wide

pytestmark = pytest.mark.hostile
BUNDLE = Bundle.read()
HEAD = (
    '<link rel="stylesheet" href="{}">',
    '<link rel="attachment" href="{}">',
    "<style>@import url({});</style>",
    "<style>@font-face {{ font-family: f; src: url({}) }} p {{ font-family: f }}</style>",
)
BODY = (
    '<img src="{}" alt="x">',
    '<object data="{}">x</object>',
    '<embed src="{}">',
    '<p style="background: url({})">x</p>',
    '<ul style="list-style-image: url({})"><li>x</li></ul>',
    '<p style="border-image: url({}) 1; border: 1px solid">x</p>',
    '<a rel="attachment" href="{}">x</a>',
    '<svg width="9" height="9"><title>t</title><image href="{}" width="9" height="9"/></svg>',
    '<svg width="9" height="9"><title>t</title><use href="{}#x"/></svg>',
    '<i style="content: url({})">x</i>',
    '<input type="image" src="{}">',
    '<xi:include href="{}"/>',
    '<iframe src="{}"></iframe>',
)
PAYLOADS = (*HEAD, *BODY)


class Lure:
    """Addresses on a loopback listener, and files that tell when they are opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hits: set[str] = set()
        self.reads: set[int] = set()
        self.done = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(0.05)
        for n in range(len(PAYLOADS)):
            os.mkfifo(folder / f"secret{n}")

    def web(self, n: int) -> str:
        return f"http://127.0.0.1:{self.server.getsockname()[1]}/{n}"

    def path(self, n: int) -> str:
        return (self.folder / f"secret{n}").as_uri()

    def listen(self) -> None:
        while not self.done.is_set():
            try:
                caller, _ = self.server.accept()
            except TimeoutError:
                continue
            with caller:
                self.hits.add(caller.recv(4096).split(b" ")[1].decode())
                caller.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def watch(self) -> None:
        """A pipe can be opened for writing only while somebody reads it."""
        while not self.done.is_set():
            for n in range(len(PAYLOADS)):
                try:
                    pipe = os.open(self.folder / f"secret{n}", os.O_WRONLY | os.O_NONBLOCK)
                except OSError:
                    continue
                self.reads.add(n)
                os.write(pipe, b"secret")
                os.close(pipe)
            time.sleep(0.005)


@contextmanager
def lure(folder: Path) -> Iterator[Lure]:
    laid = Lure(folder)
    threads = [threading.Thread(target=work) for work in (laid.listen, laid.watch)]
    for thread in threads:
        thread.start()
    try:
        yield laid
    finally:
        laid.done.set()
        for thread in threads:
            thread.join()
        laid.server.close()


def page(address) -> str:
    """Return a page with every payload, each at its own address."""
    parts = [payload.format(address(n)) for n, payload in enumerate(PAYLOADS)]
    head, body = "".join(parts[: len(HEAD)]), "".join(parts[len(HEAD) :])
    return f'<!doctype html><html lang="en"><head><title>t</title>{head}</head><body>{body}</body>'


@pytest.mark.parametrize("where", ["web", "path"])
def test_markup_that_got_through_reaches_nothing(where, tmp_path):
    with lure(tmp_path) as laid:
        with pytest.raises(BulletinError, match="could not be printed"):
            print_pdf(page(getattr(laid, where)), BUNDLE)
        time.sleep(0.1)
    assert not laid.hits
    assert not laid.reads


@pytest.mark.parametrize("renderer", [DeckRenderer, PaperRenderer])
def test_markup_in_the_fields_of_an_edition_reaches_nothing_and_is_printed(renderer, tmp_path):
    with lure(tmp_path) as laid:
        evil = [p.format(at(n)) for at in (laid.web, laid.path) for n, p in enumerate(PAYLOADS)]
        places = [w for w, where in wide().places.items() if where == "Item.title"]
        filed = wide().fill(dict(zip(places, evil, strict=False)))
        (made,) = renderer().render(filed, BUNDLE, "en")
        time.sleep(0.1)
    assert not laid.hits
    assert not laid.reads
    assert not pypdf.PdfReader(io.BytesIO(made.body)).attachments
    assert len(places) >= len(evil)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_printer_that_is_not_closed_would_be_noticed(tmp_path):
    """A control: the same page, with the printer's own way of fetching."""
    with lure(tmp_path) as laid:
        weasyprint.HTML(string=page(laid.web)).write_pdf()
        body = weasyprint.HTML(string=page(laid.path)).write_pdf()
    assert len(laid.hits) >= 8
    assert len(laid.reads) >= 8
    assert pypdf.PdfReader(io.BytesIO(body)).attachments
