"""What is on file, made again: also what only some channel asked for, and only where it did."""

from dataclasses import replace

import pytest

from bulletin import reading
from bulletin.archive.codec import file
from bulletin.archive.records import Rendering
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.model.delivery import Artifact
from bulletin.pipeline.printing import engine, render_all
from bulletin.rendering.bundle import Bundle
from tests.menagerie import AS_OF, WEEK, quiet

NOW = Bundle.read()
BEFORE = Bundle({path: body for path, body in NOW.files.items() if not path.startswith("chat/")})


@pytest.fixture
def verified(tmp_path):
    """File pages of the quiet week with these templates, and verify them."""

    def verify(bundle, artifacts):
        (tmp_path / "a.db").unlink(missing_ok=True)
        settings = Bulletin.model_validate({"archive": f"sqlite:///{tmp_path}/a.db"})
        edition = file(replace(quiet().edition, bundle=bundle.digest, teams=("search",)))
        made = artifacts or render_all(edition, bundle, "en", ("markdown", "verdict"))[0]
        kept = [Rendering(language="en", engine=engine(), artifact=one) for one in made]
        with Archive.open(settings.archive, create=True) as archive:
            archive.file(edition, bundle.digest, bundle.dumps(), AS_OF, kept)
        return {one.name: one.same for one in reading.verify(settings, WEEK)[1]}

    return verify


def test_what_a_channel_asked_for_is_compared_too(verified):
    forged = Artifact(name="verdict.txt", media_type="text/plain", body=b"All is well.\n")
    (page,) = render_all(
        file(replace(quiet().edition, bundle=NOW.digest, teams=("search",))),
        NOW,
        "en",
        ["markdown"],
    )[0]
    assert verified(NOW, [page, forged]) == {"bulletin.md": True, "verdict.txt": False}


def test_templates_of_before_need_no_face_that_nobody_had(verified):
    assert verified(BEFORE, None) == {"bulletin.md": True}


def test_a_teams_letter_is_compared_as_long_as_somebody_knows_the_team(verified):
    """By the edition or the settings; else nobody can make it again, which is no difference."""
    filed = file(replace(quiet().edition, bundle=NOW.digest, teams=("search",)))
    teams = ["search", "A team with a long name"]
    made = render_all(filed, NOW, "en", [f"team-email:{team}" for team in teams])[0]
    known, unknown = made
    forged = replace(known, body=known.body + b".")

    assert verified(NOW, [known, unknown]) == {known.name: True, unknown.name: None}
    assert verified(NOW, [forged, unknown]) == {known.name: False, unknown.name: None}
