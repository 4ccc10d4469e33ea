"""The demo, delivered: to a mail server and a git wiki on this machine, and looked at there."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dulwich import porcelain
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo

from bulletin import config, pipeline, registry
from bulletin.errors import BulletinError
from bulletin.model.delivery import DeliveryState
from bulletin.model.week import Week
from bulletin.pipeline.sending import publish
from bulletin.sandbox.post_office import Letter, open_post_office

TABLES = """
# Whom the demo was delivered to: a mail server that ran on this machine while it did, and a wiki.
[[publish]]
kind = "email"
host = "127.0.0.1"
port = {port}
security = "none"
from = "journal@recircle.example"
to = ["engineering@recircle.example"]
teams = {{ payments = ["payments@recircle.example"], identity = ["identity@recircle.example"] }}

[[publish]]
kind = "git-wiki"
remote = "{remote}"
branch = "main"
index = "Home"
attach = ["deck.pdf"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What arrived, as it was found there."""

    letters: tuple[Letter, ...]
    wiki: Path
    """The wiki, checked out."""
    commits: tuple[str, ...]
    """What the wiki's history says, oldest first."""
    again: int
    """What left when everything was asked for a second time."""


def deliver_demo(output: Path, weeks: Sequence[Week]) -> Delivered:
    """Deliver the printed weeks of the demo in `output`, twice, and read what arrived.

    It lies in `delivered`, anew each time. Raises `BulletinError` where something did not arrive,
    and where that folder is somebody else's.
    """
    output = output.expanduser().resolve()
    folder = output / "delivered"
    mail, remote, wiki = folder / "mail", folder / "wiki.git", folder / "wiki"
    if folder.exists() and not (remote / "HEAD").exists():
        msg = f"{folder} is there, and no demo made it"
        raise BulletinError(msg, "Choose another folder with --output.")
    shutil.rmtree(folder, ignore_errors=True)
    mail.mkdir(parents=True)
    remote.mkdir()
    with Repo.init_bare(remote) as repository:
        repository.refs.set_symbolic_ref(HEADREF, Ref(b"refs/heads/main"))
    with open_post_office(mail) as office:
        path = output / "bulletin.toml"
        text = path.read_text(encoding="utf-8")
        text += TABLES.format(port=office.port, remote=remote.as_uri())
        path.write_text(text, encoding="utf-8")
        settings = config.load(path, registry.kinds())
        for week in weeks:
            _send(settings, week)
        again = sum(_send(settings, week) for week in weeks)
    porcelain.clone(str(remote), str(wiki), errstream=porcelain.NoneStream()).close()
    with Repo(str(wiki)) as repository:
        entries = [entry.commit.message.decode() for entry in repository.get_walker()]
    commits = tuple(entry.splitlines()[0] for entry in reversed(entries))
    return Delivered(letters=tuple(office.letters), wiki=wiki, commits=commits, again=again)


def _send(settings: config.Bulletin, week: Week) -> int:
    """Publish a week at the moment that it was due; returns how many deliveries were tried."""
    due = week.closes(settings.zone, settings.closes)
    outcome = publish(settings, week, clock=lambda: due, report=pipeline.silent)[1]
    if not outcome.is_whole:
        stuck = [one for one in outcome.deliveries if one.state is not DeliveryState.SENT]
        wrong = [f"{one.channel}: {one.detail}" for one in stuck]
        told = "; ".join([*wrong, *(failure.problem for failure in outcome.failures)])
        msg = f"the demo did not arrive: {told}"
        raise BulletinError(msg, "See that this machine may open loopback ports, and try again.")
    return len(outcome.receipts)
