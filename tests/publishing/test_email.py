"""The e-mail channel: who gets it, what is frozen, and what may never leave."""

import re
import sys
from dataclasses import replace
from email import message_from_bytes, policy
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bulletin import config, registry
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import Delivery, DeliveryState, Mode, letter_name
from bulletin.publishing.email import letter
from bulletin.publishing.email.addresses import allowed
from bulletin.publishing.email.settings import EmailSettings
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import EmailRenderer
from tests.builders import edited, error, filed, harvest, incident, pull_request
from tests.hostile.handmade import HEADERS
from tests.publishing.posting import (
    PATIENCE,
    PNG,
    THREE,
    Desk,
    draft,
    edition,
    issue,
    publisher,
    settings,
)
from tests.publishing.smtp_script import Script

WRONG = """
[[publish]]
kind = "email"
from = "journal@acme"
to = ["ada@acme.example", "Ada <ada@acme.example>", "grace@acme.example\\nbcc: eve@evil.example"]
allow = ["*", "*@*"]
host = "smtp.acme.example:587"
port = 99999
security = "maybe"
password = "hunter2"
pasword = 1
"""


def told(tmp_path, text: str) -> str:
    path = tmp_path / "bulletin.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        config.load(path, registry.kinds())
    return str(caught.value)


def read(parcel):
    return message_from_bytes(parcel.head + parcel.body, policy=policy.default)


def test_all_mistakes_of_the_settings_are_told_at_once(tmp_path):
    """And no value of a secret among them."""
    said = told(tmp_path, WRONG)

    for place in ("from", "to.1", "to.2", "allow.0", "allow.1", "host", "port", "security",
                  "password", "pasword"):  # fmt: skip
        assert f"publish 1 (email), {place}: " in said, place
    assert "hunter2" not in said
    assert "did you mean 'password'" in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"host": None}, "either host, or sendmail"),
        ({"sendmail": "/usr/sbin/sendmail"}, "either host, or sendmail"),
        ({"host": None, "sendmail": "sendmail"}, "write where the program is"),
        ({"host": None, "sendmail": "/usr/sbin/sendmail", "port": 25, "user": "x"},
         "port belongs to a host, and sendmail has none; user belongs"),
        ({"host": "smtp.acme.example", "security": "none"}, "for a server on this machine"),
        ({"user": "journal"}, "go together"),
        ({"password": {"env": "MAIL"}}, "go together"),
        ({"user": "j", "password": {"env": "MAIL"}, "oauth": {"token": {"env": "T"}}}, "either"),
        ({"user": "j", "oauth": {"token": {"env": "T"}, "scope": "x"}}, "write either token"),
        ({"user": "j", "oauth": {"client_id": "x"}}, "write either token"),
        ({"user": "j", "oauth": {"token_url": "http://x.example/"}}, "https, without a password"),
        ({"to": []}, "nobody gets it"),
        ({"to": ["ada@acme.example", "eve@acme.exmaple"]}, "eve@acme.exmaple: no mail may go"),
        ({"preview": ["eve@evil.example"]}, r"allow lets it go to \*@acme.example"),
        ({"allow": ["*@acme.example"], "teams": {"search": ["bob@sub.acme.example"]}}, "no mail"),
        ({"to": ["-oQ@acme.example"]}, "no address"),
        ({"to": ["ada@acme..example"]}, "no domain"),
        ({"to": ["ädä@acme.example"]}, "no address"),
        ({"list_id": "the journal"}, "no domain"),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(given, words):
    with pytest.raises(ValueError, match=words):
        settings(**{name: value for name, value in given.items() if value is not None}
                 | ({"host": None} if given.get("host", 1) is None else {}))  # fmt: skip


def test_an_international_domain_is_written_as_mail_servers_write_it():
    """By the rules of 2008: those of 2003 would send to another domain."""
    made = settings(
        **{"from": "j@Bücher.example", "to": ["a@faß.example"], "allow": ["*@faß.example"]}
    )

    assert made.sender == "j@xn--bcher-kva.example"
    assert made.recipients(Mode.LIVE) == ("a@xn--fa-hia.example",)


@pytest.mark.parametrize(
    ("address", "pattern", "may"),
    [
        ("ada@acme.example", "*@acme.example", True),
        ("Ada@acme.example", "ada@acme.example", True),
        ("ada@sub.acme.example", "*@acme.example", False),
        ("ada@sub.acme.example", "*@*.acme.example", True),
        ("ada@notacme.example", "*@*.acme.example", False),
        ("ada@acme.example", "*@*.acme.example", False),
        ("ada@acme.example.evil.example", "*@acme.example", False),
        ("bob@acme.example", "ada@acme.example", False),
    ],
)
def test_a_pattern_lets_mail_go_where_it_says(address, pattern, may):
    assert allowed(address, [pattern]) is may


def test_each_mode_reaches_its_own_and_each_person_once():
    made = publisher(
        to=["ada@acme.example", "Ada@acme.example"],
        teams={"search": ["bob@acme.example", "ada@acme.example"], "shop": ["eve@acme.example"]},
        rehearsal=["test@acme.example"],
    )

    def targets(mode):
        return [one.target for one in made.pack(issue(edition(mode)))]

    assert targets(Mode.LIVE) == ["ada@acme.example", "bob@acme.example", "eve@acme.example"]
    assert targets(Mode.REHEARSAL) == ["test@acme.example"]
    assert targets(Mode.PREVIEW) == []


def test_a_team_gets_its_own_letter_and_who_reads_more_gets_the_journal():
    """In `to`, or in two teams: the whole. The others their team's, with a head of their own."""
    made = publisher(
        to=["ada@acme.example"],
        teams={
            "search": ["Bob@acme.example", "ada@acme.example", "both@acme.example"],
            "Shop & Co": ["eve@acme.example", "both@acme.example", "mallory@acme.example"],
        },
        rehearsal=["bob@acme.example"],
    )
    filed = edition()
    whole = issue(filed)
    letters = [
        replace(whole.artifacts[0], name=letter_name(team), body=draft(filed, title=f"for {n}"))
        for n, team in enumerate(("search", "Shop & Co"))
    ]
    packed = made.pack(replace(whole, artifacts=(*whole.artifacts, *letters)))

    assert made.formats == ("team-email:search", "team-email:Shop & Co")
    assert {one.target: one.title for one in packed} == {
        "ada@acme.example": "3 open · week 48",
        "bob@acme.example": "for 0",
        "both@acme.example": "3 open · week 48",
        "eve@acme.example": "for 1",
        "mallory@acme.example": "for 1",
    }
    assert len({one.body for one in packed}) == 3
    assert len({one.reference for one in packed}) == 5
    assert {read(one)["X-Bulletin-Edition"] for one in packed} == {filed.digest}
    rehearsal = edition(Mode.REHEARSAL)
    (proof,) = made.pack(replace(issue(rehearsal), artifacts=whole.artifacts))
    assert proof.title == "3 open · week 48"


def test_a_letter_that_could_not_be_made_gives_way_to_the_journal():
    made = publisher(to=[], teams={"search": ["bob@acme.example"]})
    (parcel,) = made.pack(issue(edition()))
    assert parcel.title == "3 open · week 48"


def test_a_team_that_the_settings_do_not_know_is_told_with_all_other_mistakes(tmp_path):
    text = """
        [teams.search]
        [[publish]]
        kind = "email"
        from = "journal@acme.example"
        host = "smtp.acme.example"
        teams = { Serach = ["bob@acme.example"], search = [], "x<y" = [] }
        to = ["ada@acme.example"]
    """
    said = told(tmp_path, text)
    assert "publish email, teams.Serach: there is no such team; did you mean 'search'?" in said
    assert "publish email, teams.x<y: there is no such team; add the table [teams.<name>]" in said
    assert "2 mistakes" in said


def test_a_message_is_frozen_and_says_what_it_is():
    """Written twice it is the same; what recipients share is stored once."""
    filed = edition()
    one, two, three = publisher(reply_to="editors@acme.example").pack(issue(filed))
    message = read(one)

    assert publisher(reply_to="editors@acme.example").pack(issue(filed)) == [one, two, three]
    assert one.body == two.body == three.body
    assert len({one.reference, two.reference, three.reference}) == 3
    assert one.reference == message["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{32}@acme\.example>", one.reference)
    assert one.title == message["Subject"] == "3 open · week 48"
    assert message["To"] == "ada@acme.example"
    assert message["From"] == "The Journal <journal@acme.example>"
    assert message["Reply-To"] == "editors@acme.example"
    assert message["List-Id"] == "<bulletin.acme.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Bulletin-Mode"] == "live"
    assert message["X-Bulletin-Edition"] == filed.digest
    assert message["X-Unsent"] is None
    assert message["Precedence"] is None
    rich = message.get_body(("related",))
    assert [part.get_content() for part in rich.iter_attachments()] == [PNG]


def test_the_weeks_of_a_bulletin_are_one_thread_and_rehearsals_another():
    def thread(name="email", **given):
        mode = given.pop("mode", Mode.LIVE)
        made = publisher(name=name, rehearsal=["t@acme.example"])
        message = read(made.pack(issue(edition(mode, **given)))[0])
        assert message["References"] == message["In-Reply-To"] != message["Message-ID"]
        return message["References"]

    assert thread() == thread(week="2026-W49", title="Renamed")
    assert len({thread(), thread(mode=Mode.REHEARSAL), thread(name="board")}) == 3


@pytest.mark.parametrize(
    "title", ["Le Journal d\u2019été", "週刊" * 30, '"x" <evil@evil.example>', "="]
)
def test_any_title_makes_one_sender(title):
    parcel = publisher().pack(issue(edition(title=title)))[0]
    letter_ = read(parcel)

    assert [one for _, one in getaddresses([str(letter_["From"])])] == ["journal@acme.example"]
    assert not letter_["From"].defects


def test_a_mail_that_could_not_be_made_is_told():
    nothing = replace(issue(edition()), artifacts=())

    with pytest.raises(BulletinError, match=r"email\.eml is missing"):
        publisher().pack(nothing)


BCC = b"Subject: =?utf-8?q?x=0D=0ABcc=3A_eve=40evil.example?="
SPOILT = {
    "a header more": lambda eml: b"Bcc: eve@evil.example\r\n" + eml,
    "a header twice": lambda eml: b"Subject: x\r\n" + eml,
    "an encoded line break": lambda eml: re.sub(rb"Subject: .*?(?=\r\nDate)", BCC, eml, flags=16),
    "a bare line feed": lambda eml: eml.replace(b"Hello.", b"Hello.\n.\nMAIL FROM:<x@y.example>"),
    "a bare carriage return": lambda eml: eml.replace(b"Hello.", b"Hello.\r."),
    "a line that is too long": lambda eml: eml.replace(b"Hello.", b"x" * 999),
    "a null": lambda eml: eml.replace(b"Hello.", b"Hello\0"),
    "eight bits": lambda eml: eml.replace(b"Hello.", "Hé".encode()),
    "a separator that some read as a line": lambda eml: eml.replace(b"3_open", b"3\x1copen"),
    "no end": lambda eml: eml.rstrip(),
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_draft_that_mail_programs_would_read_otherwise_is_not_packed(spoil):
    filed = edition()
    eml = spoil(draft(filed))
    assert eml != draft(filed)

    with pytest.raises(BulletinError, match="not fit to leave"):
        publisher().pack(issue(filed, eml))


@pytest.fixture(scope="module")
def bundle():
    return Bundle.read()


def outside(title: str, bundle: Bundle):
    """Return the parcel of an edition in which everything is called this."""
    given = [
        harvest("jira", [incident(title=title, status=title, project=title)]),
        harvest("sentry", [error(title=title, level="fatal", events=900, events_before=1)]),
        harvest("github", [pull_request(title=title, repository=title)]),
    ]
    made = filed(replace(edited(given), mode=Mode.LIVE))
    eml = next(
        one.body for one in EmailRenderer().render(made, bundle, "en") if one.name == "email.eml"
    )
    return made, publisher(to=["ada@acme.example"]).pack(issue(made, eml))[0]


def headers(parcel) -> dict[str, str]:
    """Read the headers as our own code does not: line by line."""
    above = (parcel.head + parcel.body).split(b"\r\n\r\n", 1)[0].decode("ascii")
    lines = re.sub(r"\r\n[ \t]+", " ", above).split("\r\n")
    return dict(line.split(": ", 1) for line in lines)


def judge(title: str, bundle: Bundle, harmless: dict[str, str]) -> None:
    made, parcel = outside(title, bundle)
    found = headers(parcel)
    own = {"Message-ID", "X-Bulletin-Edition", "Content-Type"}
    assert found.keys() == harmless.keys()
    assert {name: found[name] for name in found if name not in own} == {
        name: harmless[name] for name in harmless if name not in own
    }
    assert found["X-Bulletin-Edition"] == made.digest
    message = read(parcel)
    assert set(message.keys()) == found.keys()
    assert [one for _, one in getaddresses([str(message["To"])])] == ["ada@acme.example"]


@pytest.mark.hostile
@pytest.mark.parametrize("title", HEADERS[::6])
def test_no_hostile_text_is_in_a_header(title, bundle):
    """The headers of a week whose titles are hostile are those of a week whose titles are not."""
    judge(title, bundle, headers(outside("x", bundle)[1]))


@pytest.mark.hostile
@pytest.mark.nightly
@pytest.mark.parametrize("title", HEADERS)
def test_no_hostile_text_is_in_a_header_at_all(title, bundle):
    judge(title, bundle, headers(outside("x", bundle)[1]))


TITLES = st.text(st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    ["=?utf-8?q?=0ABcc=3A_eve=40evil.test?=", "\r\nBcc: eve@evil.test", "\x1cBcc: x", "=?x?="]
)


@hypothesis_settings(max_examples=30)
@given(TITLES)
def test_a_configured_title_never_makes_a_header(title):
    """The one free text in a header is the masthead; the sender's name is made of it."""
    made = edition(title=title)
    head = letter.shared(draft(made), made, "email", settings())
    found = message_from_bytes(b"To: a@b.example\r\n" + head, policy=policy.default)
    assert found.keys() == [
        "To", "From", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress", "References",
        "In-Reply-To", "X-Bulletin-Mode", "X-Bulletin-Edition", "Subject", "Date", "MIME-Version",
        "Content-Type", "Content-Language",
    ]  # fmt: skip
    assert [one for _, one in getaddresses([str(found["From"])])] == ["journal@acme.example"]


def test_a_hostile_header_does_harm_where_nobody_looks():
    """The control: this Python reads such a subject as a Bcc, or refuses to write it."""
    if sys.version_info >= (3, 11, 10):
        pytest.skip("this Python refuses it (CVE-2024-6923)")
    from email.message import EmailMessage  # noqa: PLC0415  (here alone)

    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = "=?utf-8?q?=0ABcc=3A_eve=40evil.test?="
    message.set_content("x")
    assert message_from_bytes(message.as_bytes())["Bcc"] == "eve@evil.test"


def forged(filed, target: str, mode: Mode) -> Delivery:
    """Return a delivery as if an older setting, or somebody else, had put it in."""
    made = publisher(
        to=[target], rehearsal=[target], preview=[target], allow=[f"*@{target.split('@')[1]}"]
    )
    parcel = made.pack(issue(filed))[0]
    return Delivery(
        edition=filed.digest,
        week=str(filed.edition.week),
        mode=mode,
        channel="email",
        kind="email",
        parcel=parcel,
    )


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("target", "why"),
    [("eve@evil.example", "is no recipient"), ("stranger@acme.example", "is no recipient")],
)
def test_whoever_the_mode_does_not_reach_is_refused_at_the_last_hop(target, why, mode, tmp_path):
    """Even where a parcel for it lies in the outbox: nothing is said to the server."""
    filed = edition(mode)
    desk = Desk.open(tmp_path, filed)
    with Script() as script, desk.archive:
        desk.archive.outbox.put([forged(filed, target, mode)], desk.now)
        lists = {str(one): ["ada@acme.example"] for one in (Mode.PREVIEW, Mode.REHEARSAL)}
        desk.deliver(publisher(port=script.port, security="none", **lists))
        refused = {one.parcel.target: one for one in desk.archive.outbox.deliveries()}[target]

    assert refused.state is DeliveryState.REFUSED
    assert why in refused.detail
    assert target not in [one for one, _ in script.accepted]
    assert not [line for line in script.lines if target in line]
    assert script.accepted


def test_allow_is_asked_again_at_the_last_hop(tmp_path):
    """A setting that was made past its own checks."""
    filed = edition()
    loose = settings().model_copy(update={"to": ("eve@evil.example",)})
    channel = publisher()
    channel._settings = loose
    delivery = forged(filed, "eve@evil.example", Mode.LIVE)

    with pytest.raises(BulletinError, match=r"no mail may go to eve@evil\.example"):
        channel.deliver(delivery, issue(filed), lambda: None)


@pytest.mark.parametrize("field", ["mode", "edition", "target"])
def test_a_message_made_for_another_is_not_sent(field):
    """The rehearsal's bytes are no live edition, whatever the outbox says."""
    filed = edition()
    delivery = forged(filed, "ada@acme.example", Mode.LIVE)
    changed = {
        "mode": replace(delivery, mode=Mode.REHEARSAL),
        "edition": replace(delivery, edition="0" * 64),
        "target": replace(delivery, parcel=replace(delivery.parcel, target="grace@acme.example")),
    }[field]

    with pytest.raises(BulletinError, match=r"it is made for ada@acme\.example live"):
        publisher(rehearsal=["ada@acme.example"]).deliver(changed, issue(filed), lambda: None)


def test_what_arrives_is_what_was_packed_and_dots_are_dots(tmp_path):
    filed = edition()
    desk = Desk.open(tmp_path, filed)
    with Script() as script, desk.archive:
        desk.deliver(publisher(port=script.port, security="none"))
        packed = [one.parcel for one in desk.archive.outbox.deliveries()]

    assert [one for one, _ in script.accepted] == list(THREE)
    assert [one for _, one in script.accepted] == [one.head + one.body for one in packed]
    assert b"\r\n.\r\n" in packed[0].body
    assert script.connections == 1


def test_many_recipients_share_connections(tmp_path):
    """Six hundred mails over six connections; a hundred is what servers let pass at once."""
    everybody = [f"reader{number}@acme.example" for number in range(210)]
    filed = edition()
    made = publisher(PATIENCE, to=everybody, security="none", port=1)
    given = issue(filed)
    packed = made.pack(given)
    with Script() as script:
        channel = publisher(PATIENCE, to=everybody, security="none", port=script.port)
        for parcel in packed:
            delivery = Delivery(
                edition=filed.digest,
                week="2026-W48",
                mode=Mode.LIVE,
                channel="email",
                kind="email",
                parcel=parcel,
            )
            channel.deliver(delivery, given, lambda: None)
        del channel

    assert [one for one, _ in script.accepted] == everybody
    assert script.connections == 3
    assert script.said.count("quit") == 3


def test_an_address_that_is_spelt_otherwise_is_the_same_target():
    """Else a capital letter in the settings would send it again."""
    first, again = (
        EmailSettings.model_validate(
            {"from": "j@acme.example", "host": "mail.acme.example", "to": [spelt]}
        )
        for spelt in ("engineering@acme.example", "Engineering@ACME.example")
    )
    assert first.recipients(Mode.LIVE) == again.recipients(Mode.LIVE)
