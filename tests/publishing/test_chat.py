"""The chat channel: real Apprise addresses, a server that remembers, and every way to fail."""

import logging
import ssl
from collections import Counter
from dataclasses import replace

import apprise
import pytest
import trustme
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from pydantic import ValidationError

from bulletin import config, registry
from bulletin.archive.codec import file
from bulletin.archive.store import Archive
from bulletin.config import Bulletin, Secret
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Delivery, DeliveryState, Fate, Mode, Parcel
from bulletin.pipeline import sending
from bulletin.publishing import Issue, chat
from bulletin.publishing.chat import ChatPublisher
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.escape import JOINER, Chat
from bulletin.rendering.verdict import VerdictRenderer
from tests.e2e.serving import free_port
from tests.menagerie import AS_OF, EDITIONS, HOSTILE, WEEK, everything, quiet
from tests.publishing.rooms import open_room

BUNDLE = Bundle.read()
TEXT = "Journal & Co · week 47\n\n19 open: 5 new.\n\nhttps://journal.example/2026-W47/index.html\n"
TOKEN = "s3cr3t-room-key-abcdefghij"
NAMES = {Mode.LIVE: "CHAT_URL", Mode.REHEARSAL: "CHAT_TRIAL", Mode.PREVIEW: "CHAT_DRAFTS"}
TEAMS = (
    "https://prod-1.westeurope.logic.azure.com:443/workflows/abc/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcdefghijkl"
)
KEYS = {Mode.LIVE: "url", Mode.REHEARSAL: "rehearsal", Mode.PREVIEW: "preview"}


@pytest.fixture
def room():
    with open_room() as opened:
        yield opened


@pytest.fixture
def address(monkeypatch):
    """Put an address of Apprise where the settings look for it."""
    return lambda url, mode=Mode.LIVE: monkeypatch.setenv(NAMES[mode], url)


def publisher(*modes):
    named = {KEYS[mode]: {"env": NAMES[mode]} for mode in (Mode.LIVE, *modes)}
    settings = ChatPublisher.Settings.model_validate(named)
    return ChatPublisher.from_settings(settings, "talk", Bulletin())


def delivery(mode=Mode.LIVE, target=None, text=TEXT):
    parcel = Parcel(target=target or f"the {mode} room of {NAMES[mode]}", body=text.encode())
    return Delivery(
        edition="0" * 64, week="2026-W47", mode=mode, channel="talk", kind="chat", parcel=parcel
    )


def issue(mode=Mode.LIVE, artifacts=None):
    filed = file(replace(quiet().edition, mode=mode))
    text = Artifact(name="verdict.txt", media_type="text/plain", body=TEXT.encode())
    return Issue(
        filed=filed,
        language="en",
        artifacts=(text,) if artifacts is None else artifacts,
        shelf=lambda _: (),
    )


def posted(mode=Mode.LIVE):
    """Deliver; return the receipt, and whether the point of no return was passed."""
    passed = []
    receipt = publisher(mode).deliver(delivery(mode), issue(mode), lambda: passed.append(1))
    return receipt, len(passed)


SERVICES = {
    "json": ("json://{at}/{token}", lambda said: said["message"]),
    "mattermost": ("mmost://{at}/{token}", lambda said: said["text"]),
    "rocketchat": (
        "rocket://aaaaaaaaaa/bbbbbbbbbbb@{at}/#general",
        lambda said: said["text"],
    ),
    "matrix webhook": ("matrix://user:{token}@{at}/?mode=matrix", lambda said: said["text"]),
    "ntfy": ("ntfy://{at}/general", lambda said: said["message"]),
    "slack": (
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
        lambda said: said["attachments"][0]["text"],
    ),
    "discord": ("discord://4174216/{token}/", lambda said: said["content"]),
}


@pytest.mark.parametrize("service", SERVICES)
def test_the_text_arrives_once_and_to_the_letter(room, address, monkeypatch, service):
    """Slack and Discord live at one address of their own; for once it is the test's server."""
    url, read = SERVICES[service]
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{room.at}/services")
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://{room.at}/api/webhooks")
    address(url.format(at=room.at, token=TOKEN))
    receipt, passed = posted()

    assert (receipt.fate, passed, len(room.heard)) == (Fate.DELIVERED, 1, 1)
    assert read(room.said).replace("&amp;", "&").rstrip() == TEXT.rstrip()
    assert "github.com" not in str(room.said), "an icon from a stranger's server"
    assert TOKEN not in repr(receipt)


def test_teams_takes_it_over_a_verified_connection(address, monkeypatch, tmp_path):
    """Workflows are spoken to over TLS alone."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with open_room(context) as room:
        address(f"workflows://{room.at}/WFID/{TOKEN}")
        distrusted, _ = posted()
        assert (distrusted.fate, room.heard) == (Fate.REFUSED, [])
        assert "certificate" in distrusted.detail

        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        receipt, _ = posted()

    assert (receipt.fate, len(room.heard)) == (Fate.DELIVERED, 1)
    (card,) = room.said["attachments"]
    assert [block["text"] for block in card["content"]["body"]] == [TEXT.rstrip()]


STATUSES = {
    **dict.fromkeys((301, 302, 307, 308), Fate.REFUSED),
    **dict.fromkeys((400, 401, 403, 404, 405, 410, 413, 422), Fate.REFUSED),
    429: Fate.DEFERRED,
    **dict.fromkeys((408, 500, 502, 503, 504), Fate.UNCERTAIN),
}
FAULTS = dict.fromkeys(("hangs up", "says nothing", "talks nonsense"), Fate.UNCERTAIN)


@pytest.mark.parametrize("service", ["json", "mattermost", "slack"])
def test_every_fault_ends_in_what_can_be_known(address, monkeypatch, service):
    """Only an answer that says no, or a connection that never began, is no arrival."""
    monkeypatch.setattr(chat, "READ_SECONDS", 0.2)
    ended, fired = {}, Counter()
    for fault in (*STATUSES, *FAULTS):
        with open_room() as room:
            monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{room.at}/services")
            address(SERVICES[service][0].format(at=room.at, token=TOKEN))
            if isinstance(fault, int):
                room.status, room.to = fault, f"http://{room.at}/elsewhere"
            else:
                room.fault = fault
            receipt, passed = posted()
            ended[fault] = receipt.fate
            fired[fault] = len(room.heard)
            assert (passed, TOKEN in receipt.detail) == (1, False), fault

    assert ended == STATUSES | FAULTS
    assert set(fired.values()) == {1}, "each fault fired, and none was asked twice"
    assert len(fired) == 21


@pytest.mark.parametrize(
    "url",
    ["json://{at}/", "json://nowhere.invalid/", *(SERVICES[n][0] for n in sorted(SERVICES)[1:])],
)
def test_what_was_never_reached_is_tried_again(address, monkeypatch, url):
    closed = f"127.0.0.1:{free_port()}"
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{closed}/services")
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://{closed}/api/webhooks")
    address(url.format(at=closed, token=TOKEN))

    receipt, passed = posted()

    assert (receipt.fate, passed) == (Fate.DEFERRED, 1)


def test_of_several_rooms_some_may_have_it(address, room):
    """The first takes it, the second does not: nobody says that nothing was sent."""
    room.status = 404
    address(f"mmost://{room.at}/{TOKEN}?to=one,two")

    receipt, _ = posted()

    assert (receipt.fate, len(room.heard)) == (Fate.UNCERTAIN, 2)


def test_a_message_in_two_parts_of_which_one_arrived_is_uncertain():
    """A service that needs several requests may have been lost after the first."""

    def record(level, said):
        return logging.LogRecord("apprise", level, "", 0, said, None, None)

    lost = record(logging.DEBUG, "Socket Exception: (Caused by NewConnectionError(x))")
    sent = record(logging.INFO, "Sent Matrix notification.")
    assert chat._ending([lost], is_single=True)[0] is Fate.DEFERRED
    assert chat._ending([sent, lost], is_single=True)[0] is Fate.UNCERTAIN


@pytest.mark.parametrize("service", ["json", "mattermost", "slack"])
def test_a_gateway_that_tells_of_its_own_troubles_is_uncertain(address, room, monkeypatch, service):
    """Its words are not those of this machine: it may have handed the message on."""
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{room.at}/services")
    address(SERVICES[service][0].format(at=room.at, token=TOKEN))
    room.status = 502
    room.body = b"Socket Exception: Caused by NewConnectionError, error=404"

    receipt, _ = posted()

    assert receipt.fate is Fate.UNCERTAIN


def test_an_answer_that_apprise_does_not_understand_is_uncertain(address, room, monkeypatch):
    """Slack says 200 and `ok`; what a proxy says instead may hide either."""
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{room.at}/services")
    address(SERVICES["slack"][0])
    room.body = b"<html>Welcome to the hotel</html>"

    receipt, _ = posted()

    assert receipt.fate is Fate.UNCERTAIN


def test_apprise_that_breaks_is_uncertain_and_tells_no_address(address, room, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError(TOKEN)

    monkeypatch.setattr(NotifyJSON, "send", broken)
    address(f"json://{room.at}/{TOKEN}")

    receipt, _ = posted()

    assert (receipt.fate, TOKEN in receipt.detail) == (Fate.UNCERTAIN, False)
    assert "RuntimeError" in receipt.detail


def test_a_redirect_is_not_followed_even_if_the_address_asks_for_it(address, room):
    """The control: Apprise by itself carries the text along."""
    with open_room() as elsewhere:
        room.status, room.to = 307, f"http://{elsewhere.at}/"
        url = f"json://{room.at}/?redirect=yes"
        address(url)
        receipt, _ = posted()
        assert (receipt.fate, elsewhere.heard) == (Fate.REFUSED, [])

        assert apprise.Apprise.instantiate(url).notify(body=TEXT)
        assert len(elsewhere.heard) == 1


def test_what_apprise_logs_is_heard_by_nobody_else(address, room, caplog):
    """It names addresses in full. The control: without the channel it says so."""
    caplog.set_level(logging.DEBUG)
    url = f"mmost://{room.at}/{TOKEN}"
    address(url)
    room.status = 404
    posted()
    assert TOKEN not in "".join(one.getMessage() for one in caplog.records if one.name == "apprise")

    apprise.Apprise.instantiate(url).notify(body=TEXT)
    assert TOKEN in "".join(one.getMessage() for one in caplog.records if one.name == "apprise")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("json://127.0.0.1/?verify=no", "verify certificates"),
        ("jsons://127.0.0.1/?verify=0", "verify certificates"),
        (f"nosuchservice://{TOKEN}", "none that Apprise knows"),
        (f"slack://{TOKEN}", "none that Apprise knows"),
        (f"https://chat.example/hooks/{TOKEN}", "none that Apprise knows"),
    ],
)
def test_a_bad_address_is_told_by_its_place_before_anything_is_sent(address, url, said):
    address(url)
    for attempt in (posted, publisher().check):
        with pytest.raises(BulletinError, match=said) as caught:
            attempt()
        assert "CHAT_URL" in str(caught.value)
        assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "Slack"),
        (TEAMS, "Power Automate / Workflows (for MSTeams)"),
        ("https://discord.com/api/webhooks/4174216/aaaaaaaaaaaaaaaaaaaaaaaa", "Discord"),
        ("mmosts://chat.example/abcdefghijklmnopqrstuvwxyz", "Mattermost"),
        ("rockets://aaaaaaaaaa/bbbbbbbbbbb@chat.example/#general", "Rocket.Chat"),
        ("matrixs://user:password@chat.example/#general", "Matrix"),
        ("jsons://chat.example/path", "JSON"),
    ],
)
def test_the_addresses_of_the_documentation_are_known(address, url, service):
    address(url)
    assert publisher().check().startswith(f"live to {service}")


def test_each_mode_has_a_room_of_its_own_or_none(address):
    channel = publisher(Mode.REHEARSAL)
    targets = [[parcel.target for parcel in channel.pack(issue(mode))] for mode in Mode]
    assert targets == [[], ["the rehearsal room of CHAT_TRIAL"], ["the live room of CHAT_URL"]]
    for mode, target in (
        (Mode.REHEARSAL, "the live room of CHAT_URL"),
        (Mode.PREVIEW, "the preview room"),
    ):
        with pytest.raises(BulletinError, match=f"is no room of the {mode} editions"):
            channel.deliver(delivery(mode, target), issue(mode), lambda: pytest.fail("passed"))


def test_a_rehearsal_is_posted_to_its_own_room_alone(address, room):
    with open_room() as trial:
        address(f"json://{room.at}/")
        address(f"json://{trial.at}/", Mode.REHEARSAL)
        receipt, _ = posted(Mode.REHEARSAL)
        assert (receipt.fate, len(trial.heard), len(room.heard)) == (Fate.DELIVERED, 1, 0)


def test_two_modes_never_share_a_room(address):
    secret = Secret(env="CHAT_URL")
    with pytest.raises(ValidationError, match="a room of their own"):
        ChatPublisher.Settings(url=secret, rehearsal=secret)
    address("json://127.0.0.1/")
    address("json://127.0.0.1/", Mode.REHEARSAL)
    with pytest.raises(BulletinError, match="the same room"):
        publisher(Mode.REHEARSAL).check()


def test_the_check_names_the_service_and_reaches_nothing(address, room):
    address(f"mmost://{room.at}/{TOKEN}")
    said = publisher().check()
    assert "live to Mattermost" in said
    assert (TOKEN in said, room.heard) == (False, [])


def test_the_same_issue_is_packed_the_same_and_without_its_text_not_at_all(address):
    (parcel,) = publisher().pack(issue())
    assert publisher().pack(issue()) == (parcel,)
    assert (parcel.title, parcel.body) == (TEXT.split("\n", maxsplit=1)[0], TEXT.encode())
    with pytest.raises(BulletinError, match=r"no verdict\.txt"):
        publisher().pack(issue(artifacts=()))


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_verdict_is_short_and_holds_nothing_foreign(name, language):
    filed = EDITIONS[name]()
    (made,) = VerdictRenderer().render(filed, BUNDLE, language)
    text = made.body.decode()
    assert (made.name, len(text) <= 400, text.count("\n") <= 5) == ("verdict.txt", True, True)
    assert not set("<>@#`") & set(text)
    assert not [word for word in HOSTILE if word[:12] in text]
    assert len(text.split("\n\n")) >= 2


def test_the_verdict_has_the_sum_the_gaps_and_the_link():
    filed = file(replace(everything().edition, web="https://journal.example", mode=Mode.REHEARSAL))
    head, said, link = VerdictRenderer().render(filed, BUNDLE, "en")[0].body.decode().split("\n\n")
    ledger = filed.edition.ledger
    assert head == "[REHEARSAL] The Black Friday Journal · week 47"
    assert said.startswith(f"{ledger.open_now} open: {ledger.new} new, {ledger.fixed} fixed. Not ")
    assert link == "https://journal.example/2026-W47/index.html\n"


@pytest.mark.parametrize(
    "text",
    ["@channel", "<!here>", "@everyone", "<@U024BE7LH>", "<!subteam^S1|ops>", "[x](http://e.example)",
     "www.evil.example", "#general", "<at>Ada</at>", "`@room`"],
)  # fmt: skip
def test_foreign_text_calls_nobody_and_links_nowhere(text):
    """A theme may print a title all the same."""
    said = str(Chat.escape(text))
    assert not set("<>[]`") & set(said)
    assert all(f"{sign}{JOINER}" in said for sign in ("@", "#", "www") if sign in text)
    assert "://" not in said


@pytest.fixture
def journal(tmp_path):
    return filed_for(tmp_path)


def filed_for(tmp_path, more=""):
    """File an edition for a bulletin with a chat; returns how to publish it."""
    path = tmp_path / "bulletin.toml"
    path.write_text(
        f'mode = "live"\narchive = "sqlite:///a.db"\ninstance = "the tests"\n'
        f'[[publish]]\nkind = "chat"\nurl = {{ env = "{NAMES[Mode.LIVE]}" }}\n{more}',
        encoding="utf-8",
    )
    live = file(replace(quiet().edition, bundle=BUNDLE.digest))
    with Archive.open(f"sqlite:///{tmp_path}/a.db", create=True) as archive:
        archive.file(live, BUNDLE.digest, BUNDLE.dumps(), AS_OF)
    settings = config.load(path, registry.kinds())
    return lambda: sending.publish(settings, WEEK, clock=lambda: AS_OF)[1]


def test_what_may_have_arrived_is_not_posted_again(journal, address, room):
    """However often it is published, before and after; a person decides."""
    address(f"json://{room.at}/{TOKEN}")
    room.fault = "hangs up"
    first = journal()
    room.fault = ""
    again = journal()

    assert [one.state for one in first.deliveries] == [DeliveryState.UNCERTAIN]
    assert again.deliveries == first.deliveries
    assert (first.is_whole, len(room.heard)) == (False, 1)


def test_what_was_refused_is_posted_once_it_may_be(journal, address, room):
    """And never again after that."""
    address(f"json://{room.at}/{TOKEN}")
    room.status = 403
    states = [journal().deliveries[0].state]
    room.status = 200
    states += [journal().deliveries[0].state for _ in range(2)]

    assert states == [DeliveryState.REFUSED, DeliveryState.SENT, DeliveryState.SENT]
    assert len(room.heard) == 2


def test_each_of_two_chats_gets_it_once(tmp_path, monkeypatch, address, room):
    second = '[[publish]]\nkind = "chat"\nname = "second"\nurl = { env = "CHAT_SECOND" }\n'
    with open_room() as other:
        address(f"json://{room.at}/")
        monkeypatch.setenv("CHAT_SECOND", f"json://{other.at}/")
        publish = filed_for(tmp_path, second)
        outcomes = [publish() for _ in range(2)]

        assert (len(room.heard), len(other.heard)) == (1, 1)
    assert [one.state for one in outcomes[1].deliveries] == [DeliveryState.SENT] * 2
