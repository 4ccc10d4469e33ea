"""Postfix with its own configuration, queue and mailboxes: a server, and `sendmail` beside it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.e2e.serving import free_port
from tests.e2e.tools import tool

MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log
maillog_file_prefixes = {home}
myhostname = mail.acme.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
alias_database =
default_transport = error:nothing leaves this machine
virtual_mailbox_domains = acme.example
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ busy@acme.example = 450 4.2.1 later }} }},
    reject_unauth_destination
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {home}/chain.pem
smtpd_peername_lookup = no
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n - 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
"""
SENDMAIL = '#!/bin/sh\nMAIL_CONFIG={home} exec /usr/sbin/sendmail "$@"\n'
WAIT_SECONDS = 30


@dataclass(frozen=True)
class Postfix:
    home: Path
    port: int

    @property
    def sendmail(self) -> Path:
        return self.home / "sendmail"

    @property
    def ca(self) -> Path:
        return self.home / "ca.pem"

    def received(self, name: str, count: int = 1) -> list[bytes]:
        """Return what lies in a mailbox, once so many messages are there."""
        box = self.home / "mail" / name / "new"
        give_up = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < give_up:
            found = sorted(box.glob("*")) if box.exists() else []
            if len(found) >= count:
                break
            time.sleep(0.1)
        else:
            raise AssertionError((self.home / "log").read_text(encoding="utf-8")[-3000:])
        return [one.read_bytes() for one in found]

    def empty(self) -> None:
        shutil.rmtree(self.home / "mail", ignore_errors=True)
        self._folder("mail").chmod(0o777)

    def _folder(self, name: str) -> Path:
        folder = self.home / name
        folder.mkdir(exist_ok=True)
        return folder


@contextmanager
def serving(people: tuple[str, ...]) -> Iterator[Postfix]:
    """Run it until the block ends. Not below pytest's folders: those are root's alone."""
    program = tool("postfix")
    with tempfile.TemporaryDirectory(prefix="postfix-") as name:
        home, port = Path(name), free_port()
        home.chmod(0o755)
        made = Postfix(home, port)
        _configure(made, people)
        _run(program, home, "start")
        try:
            yield made
        finally:
            _run(program, home, "stop")


def _configure(made: Postfix, people: tuple[str, ...]) -> None:
    home = made.home
    made.empty()
    (home / "queue").mkdir()
    (home / "data").mkdir()
    shutil.chown(home / "data", "postfix")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(made.ca))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
        str(home / "chain.pem")
    )
    boxes = ", ".join(f"{{ {one}@acme.example = {one}/ }}" for one in people)
    (home / "main.cf").write_text(MAIN.format(home=home, boxes=boxes))
    (home / "master.cf").write_text(MASTER.format(port=made.port))
    made.sendmail.write_text(SENDMAIL.format(home=home))
    made.sendmail.chmod(0o755)


def _run(program: Path, home: Path, verb: str) -> None:
    done = subprocess.run(
        [program, "-c", home, verb],
        capture_output=True, text=True, check=False, timeout=WAIT_SECONDS,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
