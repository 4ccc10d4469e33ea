"""Writing to a MediaWiki that merges, or answers, as no wiki of the tests does it."""

import pytest

from bulletin.notes import BEGIN, END
from bulletin.publishing.mediawiki_api import Standing, Wiki

READ = Standing("P", f"Stamp 7\n{BEGIN}\nbefore\n{END}\n", 7, "then", "now")
OURS = f"Stamp 9\n{BEGIN}\nbefore\n{END}\n"


class Site:
    """A wiki where somebody wrote revision 8 over 7, and ours came over it as 9."""

    def __init__(self, theirs="", answer=None) -> None:
        self.texts = {8: theirs, 9: OURS}
        self.answer = answer or {"edit": {"result": "Success", "oldrevid": 8, "newrevid": 9}}

    def get_token(self, _kind):
        return "+\\"

    def post(self, _action, **_asked):
        return self.answer

    def get(self, _action, *, revids=9, **_asked):
        slots = {"main": {"content": self.texts[revids]}}
        held = {"revid": revids, "timestamp": "then", "slots": slots}
        return {"curtimestamp": "now", "query": {"pages": [{"revisions": [held]}]}}


@pytest.mark.parametrize("stamp", ["Stamp 7", ""], ids=["kept", "cut"])
def test_the_notes_of_who_came_between_are_written_next_even_if_our_mark_was_cut(stamp):
    raced = Wiki(Site(f"{stamp}\n{BEGIN}\nAda\n{END}\n")).write(READ, OURS, "1")

    assert (raced.text, raced.revision) == (f"Stamp 7\n{BEGIN}\nAda\n{END}\n", 9)


def test_where_their_notes_cannot_be_told_from_the_rest_ours_stands():
    raced = Wiki(Site("Mine")).write(READ, OURS, "1")

    assert (raced.text, raced.revision) == (OURS, 9)


def test_an_answer_that_says_nothing_of_the_edit_is_looked_up():
    assert Wiki(Site(answer={"warnings": {}})).write(READ, OURS, "1").text == OURS
