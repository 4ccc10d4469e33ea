"""Writing to a MediaWiki that merged what somebody else wrote, as no wiki of the tests does it."""

import pytest

from bulletin.publishing.mediawiki_api import Standing, Wiki

MERGED = {"edit": {"result": "Success", "oldrevid": 8, "newrevid": 9}}


class Site:
    """A wiki where somebody wrote revision 8 over 7, and ours came over it as 9."""

    def __init__(self, theirs: str) -> None:
        self.texts = {8: theirs, 9: "Ours"}

    def get_token(self, _kind):
        return "+\\"

    def post(self, _action, **_asked):
        return MERGED

    def get(self, _action, *, revids=9, **_asked):
        slots = {"main": {"content": self.texts[revids]}}
        held = {"revid": revids, "timestamp": "then", "slots": slots}
        return {"curtimestamp": "now", "query": {"pages": [{"revisions": [held]}]}}


@pytest.mark.parametrize(("theirs", "counts"), [("whole", "whole"), ("cut", "Ours")])
def test_whose_notes_count_after_a_merge(theirs, counts):
    """Whoever cut our mark out of the page has no notes there that could be told from the rest."""
    standing = Standing("P", "Before", 7, "then", "now")

    raced = Wiki(Site(theirs)).write(standing, "Ours", "1", lambda text: text == "whole")

    assert (raced.text, raced.revision) == (counts, 9)
