"""Two channels of one kind: each place is another one, and each gets the edition."""

import pytest

from bulletin import config, registry
from bulletin.errors import BulletinError
from bulletin.model.delivery import Mode
from bulletin.pipeline import packing
from bulletin.publishing import dokuwiki, mediawiki
from tests.publishing.issues import edition, issue

CHANNELS = {
    "chat": ('url = { env = "CHAT_ONE" }', 'url = { env = "CHAT_TWO" }'),
    "mediawiki": tuple(
        f'{place}\nuser = "x"\npassword = {{ env = "X" }}'
        for place in ('site = "https://one.example"', 'site = "https://two.example"')
    ),
    "mediawiki, one site": tuple(
        f'site = "https://one.example"\npath = "{path}"\nuser = "x"\npassword = {{ env = "X" }}'
        for path in ("/one/", "/two/")
    ),
    "dokuwiki": tuple(
        f'site = "https://{host}.example"\ntoken = {{ env = "X" }}' for host in ("one", "two")
    ),
    "git-wiki": tuple(f'remote = "https://{host}.example/w.git"' for host in ("one", "two")),
    "git-wiki, one remote": tuple(
        f'remote = "https://one.example/w.git"\nbranch = "{branch}"' for branch in ("one", "two")
    ),
    "confluence": tuple(
        f'site = "https://{host}.example"\nspace = "ENG"\ntoken = {{ env = "X" }}'
        for host in ("one", "two")
    ),
    "confluence, one site": tuple(
        f'site = "https://one.example"\nspace = "{space}"\ntoken = {{ env = "X" }}'
        for space in ("ONE", "TWO")
    ),
}
PAGES = ("verdict.txt", "bulletin.mediawiki", "bulletin.dokuwiki", "bulletin.confluence")


def packed(path, *channels):
    path.write_text('mode = "live"\n' + "\n".join(channels))
    settings = config.load(path, registry.kinds())
    made = issue(edition(mode=Mode.LIVE), files=dict.fromkeys(PAGES, b"The page\n"))
    return packing.pack(settings, made, packing.publishers(settings))


@pytest.mark.parametrize("kind", CHANNELS)
def test_of_two_channels_of_one_kind_each_gets_its_own(tmp_path, kind):
    tables = [
        f'[[publish]]\nkind = "{kind.partition(",")[0]}"\nname = "{name}"\n{table}'
        for name, table in zip(("one", "two"), CHANNELS[kind], strict=True)
    ]

    both, failures = packed(tmp_path / "bulletin.toml", *tables)

    assert failures == []
    assert [one.channel for one in both.values()] == ["one", "two"]


@pytest.mark.parametrize("kind", CHANNELS)
def test_one_place_is_one_whatever_its_channel_is_called(tmp_path, kind):
    """The control: what makes two of them different is where they are."""
    tables = [
        f'[[publish]]\nkind = "{kind.partition(",")[0]}"\nname = "{name}"\n{CHANNELS[kind][0]}'
        for name in ("one", "two")
    ]

    both, _ = packed(tmp_path / "bulletin.toml", *tables)

    assert [one.channel for one in both.values()] == ["one"]


NAMELESS = {
    "mediawiki": (
        mediawiki.MediawikiPublisher,
        {"user": "x", "password": {"env": "X"}, "rehearsal": "Try{{"},
        "no page of MediaWiki can be called",
    ),
    "dokuwiki": (
        dokuwiki.DokuwikiPublisher,
        {"token": {"env": "X"}, "rehearsal": "Try outs"},
        "no page of DokuWiki can be called",
    ),
}


@pytest.mark.parametrize("kind", NAMELESS)
def test_a_check_tries_the_name_of_a_rehearsals_page_as_well(kind):
    """Before any secret is read, and before the wiki is asked."""
    made, given, said = NAMELESS[kind]
    settings = made.Settings.model_validate({"site": "https://wiki.example"} | given)

    with pytest.raises(BulletinError, match=said):
        made(settings, kind, "The Journal").check()
