"""What is written over what stands on a wiki, and what never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.errors import BulletinError
from bulletin.publishing import dokuwiki, mediawiki
from bulletin.publishing.mediawiki import MediawikiPublisher

STAMPS = {
    "mediawiki": "<!-- bulletin:edition:2026-W47:{revision}:{digest} -->",
    "dokuwiki": "[[#bulletin:edition:2026-W47:{revision}:{digest}|x]]",
}
DIALECTS = {"mediawiki": mediawiki.DIALECT, "dokuwiki": dokuwiki.DIALECT}
each = pytest.mark.parametrize("kind", DIALECTS)


def page(kind, revision=1, notes="\n", text="Text", digest=None):
    fence = DIALECTS[kind].fence
    stamp = STAMPS[kind].format(revision=revision, digest=digest or f"{revision:064x}")
    return f"{stamp}\n{text}\n{fence.begin}{notes}{fence.end}\nend\n"


@each
@pytest.mark.parametrize("standing", ["", "\n", "  \r\n"])
def test_where_nothing_stands_the_page_is_written(kind, standing):
    assert DIALECTS[kind].woven(page(kind), standing, "P") == page(kind)


@each
def test_the_same_edition_is_not_written_again_whatever_became_of_its_page(kind):
    standing = page(kind, notes="\nours\n", text="Somebody mended a word")
    assert DIALECTS[kind].woven(page(kind), standing, "P") is None


@each
@given(notes=st.text())
def test_the_notes_are_carried_over_to_the_letter(kind, notes):
    fence = DIALECTS[kind].fence
    if fence.begin in notes or fence.end in notes:
        return
    standing = page(kind, 1, notes)
    assert DIALECTS[kind].woven(page(kind, 2), standing, "P") == page(kind, 2, notes)


@each
@pytest.mark.parametrize(
    "standing", ["Minutes", "bulletin:edition:2026-W47:1:abc", "#REDIRECT [[X]]"]
)
def test_somebodys_page_is_refused(kind, standing):
    with pytest.raises(BulletinError, match="did not write"):
        DIALECTS[kind].woven(page(kind), standing, "P")


@each
def test_an_older_edition_is_refused(kind):
    with pytest.raises(BulletinError, match="newer edition, revision 3"):
        DIALECTS[kind].woven(page(kind, 2), page(kind, 3), "P")


@each
def test_the_page_of_another_week_is_refused(kind):
    ours = page(kind).replace("2026-W47", "2026-W48")
    with pytest.raises(BulletinError, match="another week, 2026-W47"):
        DIALECTS[kind].woven(ours, page(kind), "P")


@each
def test_a_stamp_that_somebody_wrote_into_the_notes_is_no_mark(kind):
    copied = f"\nsee {STAMPS[kind].format(revision=9, digest='9' * 64)}\n"
    held = page(kind, 1, copied)
    assert DIALECTS[kind].woven(page(kind, 2), held, "P") == page(kind, 2, copied)
    bare = held.replace(STAMPS[kind].format(revision=1, digest=f"{1:064x}"), "")
    with pytest.raises(BulletinError, match="did not write"):
        DIALECTS[kind].woven(page(kind, 2), bare, "P")


@each
def test_a_page_with_two_stamps_is_nobodys(kind):
    twice = page(kind) + STAMPS[kind].format(revision=2, digest="2" * 64)
    with pytest.raises(BulletinError, match="did not write"):
        DIALECTS[kind].woven(page(kind, 2), twice, "P")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        *(
            ({"page": page}, "write a name with {week} once in it")
            for page in (
                *("{title}", "{week} {mode}", "{week", "{week.year}", "{week!r}", "{week:.4}"),
                *("{week} {week}", "{week} {title:>90}", "{} {week}", "{week[0]}"),
            )
        ),
        ({"rehearsal": ""}, "the names that rehearsals have"),
        ({"rehearsal": ":"}, "the names that rehearsals have"),
        ({"attach": ["../deck.pdf"]}, "is no file of an edition"),
        ({"attach": ["deck.pdf", "deck.pdf"]}, "is no file of an edition"),
        ({"site": "http://wiki.example"}, "https"),
        ({"path": "w"}, "the path of api.php"),
        ({"password": "plain"}, "a secret is never written here"),
    ],
)
def test_a_mistake_in_the_settings_is_told_in_words(given, said):
    good = {"site": "https://wiki.example", "user": "x", "password": {"env": "X"}}
    with pytest.raises(ValueError, match=said):
        MediawikiPublisher.Settings.model_validate(good | given)
