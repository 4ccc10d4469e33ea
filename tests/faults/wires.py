"""The catalogue, first part: the connection, TLS, and bodies that no reader could read."""

import gzip

from bulletin.model.harvest import Cause
from tests.faults.cell import Row, alike, always, nothing
from tests.faults.spoils import (
    altered,
    cut,
    cut_json,
    dripping,
    page,
    reset,
    silence,
    zipped,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = 21 * 2**20


CONNECTION = (
    Row(
        id="H01",
        family="connection",
        what="nothing listens at the address",
        scripts=nothing(),
        stage="refused",
        outcomes=alike(Cause.UNREACHABLE, 0, fired=3),
    ),
    Row(
        id="H02",
        family="connection",
        what="the name of the host is not known",
        scripts=nothing(),
        stage="nameless",
        outcomes=alike(Cause.UNREACHABLE, 0, fired=3),
    ),
    Row(
        id="H03",
        family="connection",
        what="the host takes no connection in time",
        scripts=nothing(),
        stage="full",
        outcomes=alike(Cause.TOO_SLOW, 0, fired=3),
    ),
    Row(
        id="H07",
        family="connection",
        what="the connection is reset before an answer",
        scripts=always(reset()),
        outcomes=alike(Cause.UNREACHABLE, 3),
    ),
    Row(
        id="H08",
        family="connection",
        what="the answer never begins",
        scripts=always(silence(0.6)),
        stage="impatient",
        outcomes=alike(Cause.TOO_SLOW, 3),
    ),
    Row(
        id="H09",
        family="connection",
        what="the answer drips, byte by byte",
        scripts=always(dripping(HEAD + b"Content-Length: 99999\r\n\r\n")),
        stage="hurried",
        outcomes=alike(Cause.TOO_SLOW, 3),
    ),
    Row(
        id="H09h",
        family="connection",
        what="the headers of the answer drip",
        scripts=always(dripping(HEAD + b"X-Slow:")),
        stage="hurried",
        outcomes=alike(Cause.TOO_SLOW, 3),
    ),
)

TLS = (
    Row(
        id="H04",
        family="tls",
        what="the certificate has expired",
        scripts=nothing(),
        stage="tls:expired",
        outcomes=alike(Cause.UNREACHABLE, 0, fired=3),
    ),
    Row(
        id="H05",
        family="tls",
        what="nobody we trust has signed the certificate",
        scripts=nothing(),
        stage="tls:stranger",
        outcomes=alike(Cause.UNREACHABLE, 0, fired=3),
    ),
    Row(
        id="H06",
        family="tls",
        what="the certificate is of another host",
        scripts=nothing(),
        stage="tls:elsewhere",
        outcomes=alike(Cause.UNREACHABLE, 0, fired=3),
    ),
)

BODY = (
    Row(
        id="H10",
        family="body",
        what="the answer ends before the length it announced",
        scripts=always(altered(cut)),
        outcomes=alike(Cause.UNREACHABLE, 3),
    ),
    Row(
        id="H11",
        family="body",
        what="the JSON ends in the middle",
        scripts=always(altered(cut_json)),
        outcomes=alike(Cause.CHANGED_SHAPE, 2),
    ),
    Row(
        id="H12",
        family="body",
        what="the answer is empty",
        scripts=always(page(b"")),
        outcomes=alike(Cause.CHANGED_SHAPE, 2),
    ),
    Row(
        id="H13",
        family="body",
        what="the compression is corrupt",
        scripts=always(altered(lambda reply: zipped(reply, lambda data: data[:12] + b"\x00" * 40))),
        outcomes=alike(Cause.UNREACHABLE, 3),
    ),
    Row(
        id="H14",
        family="body",
        what="a small answer unpacks to more than 20 MiB",
        scripts=always(
            altered(lambda reply: zipped(reply, lambda _: gzip.compress(b"[" + b" " * BOMB)))
        ),
        outcomes=alike(Cause.CHANGED_SHAPE, 1),
    ),
)
