"""The settings: all mistakes at once, in a person's words, and never a secret among them."""

from collections.abc import Callable
from dataclasses import is_dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from bulletin import pipeline, registry
from bulletin.config import Bulletin, Secret, load
from bulletin.errors import SettingsError
from bulletin.model.week import Cutoff
from bulletin.pipeline.drafting import policy_of
from bulletin.rendering.bundle import Bundle

KINDS = registry.kinds()
SECRET = "ghp_q8Zr4Wm2Xn6Kt0Lb1Vc3Yd5"
GITHUB = '[[source]]\nkind = "github"\norganization = "acme"\ntoken = { env = "GITHUB_TOKEN" }\n'

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "bulletin.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refusal(path: Path) -> str:
    """Return what is said about the settings at `path`, which must be refused."""
    with pytest.raises(SettingsError) as caught:
        load(path, KINDS)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    return caught.value.problem


def one(path: Path) -> str:
    """Return the one mistake that is found, without the name of the file."""
    problem = refusal(path)
    assert "\n" not in problem
    return problem.removeprefix(f"{path}: ")


def test_an_empty_file_is_all_defaults(write: Write) -> None:
    settings = load(write(""), KINDS)
    assert (settings.zone, settings.tone, settings.room) == (ZoneInfo("Europe/Paris"), "dry", 20)
    assert settings.closes == Cutoff.parse("Thursday 10:00")
    assert (settings.source, settings.publish, settings.rules) == ((), (), {})


def test_all_mistakes_are_told_at_once(write: Write) -> None:
    """Nobody mends a file one run at a time."""
    problem = refusal(
        write(
            'titel = "x"\nlanguage = "de"\nroom = "many"\nzone = "Mars/Base"\ncutoff = "Noon"\n'
            '[[source]]\nkind = "githib"\n'
            '[[source]]\nkind = "sentry"\norganisation = "acme"\n'
            "[rules.pull-request-stael]\ndays = 3\n"
            "[rules.pull-request-big]\nline = 3\n"
            "[teams.web]\nrepository = []\n"
        )
    )
    first, *mistakes = problem.splitlines()
    assert first.endswith("has 12 mistakes:")
    said = [mistake.strip() for mistake in mistakes]
    assert said == [
        "language: input should be 'en' or 'fr'",
        "zone: 'Mars/Base' is no time zone; write it as in 'Europe/Paris'",
        "cutoff: 'Noon' is no weekday; write it as in 'Thursday 10:00'",
        "room: input should be a valid integer, unable to parse string as an integer",
        "teams.web.repository: no such setting; did you mean 'repositories'?",
        "titel: no such setting; did you mean 'title'?",
        (
            "source 1 (githib): no such kind; did you mean 'github'?; "
            f"known: {', '.join(KINDS.sources)}"
        ),
        "source 2 (sentry), organization: is required",
        "source 2 (sentry), token: is required",
        "source 2 (sentry), organisation: no such setting; did you mean 'organization'?",
        "rules.pull-request-stael: no such rule; did you mean 'pull-request-stale'?",
        "rules.pull-request-big, line: no such setting; did you mean 'lines'?",
    ]


def test_a_mistake_is_two_lines_what_and_what_to_do(write: Write) -> None:
    path = write('tone = "loud"')
    with pytest.raises(SettingsError) as caught:
        load(path, KINDS)
    assert str(caught.value).splitlines() == [
        f"{path}: tone: input should be 'off', 'dry' or 'merry'",
        "bulletin.example.toml shows every setting.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("room = 0", "room: input should be greater than or equal to 1"),
        ('title = ""', "title: string should have at least 1 character"),
        ("title = 3", "title: input should be a valid string"),
        ("zone = 3", "zone: invalid timezone: 3"),
        ('zone = "../../etc/passwd"', "zone: '../../etc/passwd' is no time zone"),
        ('zone = "Europe"', "zone: 'Europe' is no time zone"),
        ('meeting = "Thursday 25:00"', "meeting: '25:00' is no time of day"),
        ('[teams.web]\nprojects = "SHOP"', "teams.web.projects: input should be a valid tuple"),
        ('rules = "none"', "rules: write each as a table of its own, [rules.<id>]"),
        (
            "[rules]\npull-request-stale = 3",
            "rules.pull-request-stale: write it as a table, [rules.pull-request-stale]",
        ),
        (
            '[rules.pull-request-stale]\ndays = "week"',
            "rules.pull-request-stale, days: input should be a valid integer",
        ),
        (
            '[rules.pull-request-labelled]\nlabels = "blocker"',
            "rules.pull-request-labelled, labels: input should be a valid tuple",
        ),
        (
            '[rules.incident-severe]\nat_least = "grave"',
            "rules.incident-severe, at_least: input should be 'low', 'medium', 'high' or",
        ),
        (
            '[rules.pull-request-stale]\nenabled = "no"',
            "rules.pull-request-stale, enabled: write true or false",
        ),
        ('[source]\nkind = "github"', "source: write each as a table of its own, [[source]]"),
        ('publish = "files"', "publish: write each as a table of its own, [[publish]]"),
        ('[[source]]\nname = "x"', "source 1: kind is required; known: "),
        ("[[source]]\nkind = 3", "source 1 (3): no such kind; known: "),
        ('[[publish]]\nkind = "fiels"', "publish 1 (fiels): no such kind; did you mean 'files'?"),
        (GITHUB + 'name = "Git Hub"', "source 1 (github): name: small letters, digits, - and _"),
        (GITHUB + "name = 3", "source 1 (github): name: small letters, digits, - and _"),
        (GITHUB + "limit = 0", "source 1 (github), limit: input should be greater than"),
        (
            GITHUB + "\n" + GITHUB,
            "source 2 (github): name: 'github' is taken; give each source its own name",
        ),
        (
            GITHUB + 'name = "forge"\n' + GITHUB + 'name = "forge"\n',
            "source 2 (github): name: 'forge' is taken; give each source its own name",
        ),
    ],
)
def test_a_mistake_names_its_place_and_its_remedy(write: Write, text: str, told: str) -> None:
    assert one(write(text)).startswith(told)


@pytest.mark.parametrize("text", ["title = The Journal", "title = 'a\nb'", "a = 1\na = 2", "[["])
def test_what_is_no_toml_is_told_with_its_line(write: Write, text: str) -> None:
    assert "is not TOML" in one(write(text))
    assert "line" in one(write(text)) or "end of document" in one(write(text))


def test_a_file_that_is_missing_or_no_text_is_told(write: Write, tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.toml") == f"there is no {tmp_path / 'none.toml'}"
    path = write("")
    path.write_bytes(b"title = '\xff'")
    assert "cannot be read: it is not UTF-8" in refusal(path)
    assert "cannot be read: Is a directory" in refusal(tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        f'kind = "github"\norganization = "acme"\ntoken = "{SECRET}"',
        f'kind = "github"\norganization = "acme"\ntoken = {{ env = "{SECRET}" }}',
        f'kind = "github"\norganization = "acme"\ntoken = {{ value = "{SECRET}" }}',
        f'kind = "github"\norganization = "acme"\ntoken = ["{SECRET}"]',
        f'kind = "github"\norganization = "acme"\npassword = "{SECRET}"',
        (
            f'kind = "github"\nrepositories = ["https://{SECRET}@github.com/acme/shop"]\n'
            'token = { env = "GITHUB_TOKEN" }'
        ),
        (
            'kind = "github"\norganization = "acme"\ntoken = { env = "GITHUB_TOKEN" }\n'
            f'api = "https://bot:{SECRET}@github.acme.example/api/v3"'
        ),
        f'kind = "jira"\nincidents = "x"\nsite = "https://acme.example"\ntoken = "{SECRET}"',
        (
            'kind = "jira"\nincidents = "x"\ntoken = { env = "JIRA_TOKEN" }\n'
            f'site = "https://bot:{SECRET}@acme.example"'
        ),
        f'kind = "sentry"\norganization = "acme"\ntoken = "{SECRET}"',
        (
            'kind = "sentry"\norganization = "acme"\ntoken = { env = "SENTRY_TOKEN" }\n'
            f'site = "https://{SECRET}@sentry.io"'
        ),
    ],
    ids=[f"source-{n}" for n in range(11)],
)
def test_a_secret_that_is_written_down_is_refused_and_not_repeated(
    write: Write, source: str
) -> None:
    """What stands in the file must not stand in the log as well."""
    problem = refusal(write(f"[[source]]\n{source}\n"))
    assert SECRET not in problem
    assert "source 1 (" in problem


def test_a_secret_is_not_repeated_where_the_toml_itself_is_broken(write: Write) -> None:
    assert SECRET not in refusal(write(f"[[source]]\ntoken = {SECRET}\n"))
    assert SECRET not in refusal(write(f'[[source]]\ntoken = "{SECRET}\n'))


@pytest.mark.parametrize("table", ["{}", '{ env = "A", file = "b" }'])
def test_a_secret_lies_in_one_place(write: Write, table: str) -> None:
    text = GITHUB.replace('{ env = "GITHUB_TOKEN" }', table)
    assert "write either { env = " in one(write(text))


def test_a_secret_is_read_when_it_is_wanted_and_never_kept(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", f" {SECRET}\n")
    settings = load(write(GITHUB), KINDS)
    assert settings.source[0].settings.token.reveal() == SECRET
    assert SECRET not in repr(settings)
    (tmp_path / "token").write_text(f"{SECRET}\n", encoding="utf-8")
    assert Secret(file=tmp_path / "token").reveal() == SECRET


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_a_secret_that_is_missing_is_told_with_its_place(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BULLETIN_TEST_TOKEN", raising=False)
    if value is not None:
        monkeypatch.setenv("BULLETIN_TEST_TOKEN", value)
    with pytest.raises(SettingsError, match="BULLETIN_TEST_TOKEN is not set") as caught:
        Secret(env="BULLETIN_TEST_TOKEN").reveal()
    assert "cron" in caught.value.hint


def test_a_file_of_a_secret_that_is_missing_or_no_text_is_told(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "none", tmp_path, binary):
        with pytest.raises(SettingsError, match="a secret is missing: the file"):
            Secret(file=path).reveal()


@pytest.mark.parametrize("value", ["ghp_abc…", "one\ntwo", "“quoted”"])
def test_a_token_that_no_header_can_hold_is_told_and_not_repeated(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each was once a fault of bulletin, or of the network, to whoever pasted it."""
    monkeypatch.setenv("BULLETIN_TEST_TOKEN", value)
    secret = Secret(env="BULLETIN_TEST_TOKEN")
    with pytest.raises(SettingsError, match="BULLETIN_TEST_TOKEN holds characters") as caught:
        secret.reveal()
    assert value not in str(caught.value)
    assert secret.reveal(is_token=False) == value


def test_every_missing_secret_is_told_at_once(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JIRA_TOKEN", "SENTRY_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    text = (
        '[[source]]\nkind = "jira"\nsite = "https://acme.example"\nincidents = "project = INC"\n'
        'token = { env = "JIRA_TOKEN" }\n'
        '[[source]]\nkind = "sentry"\norganization = "a"\ntoken = { env = "SENTRY_TOKEN" }\n'
    )
    settings = load(write(text), KINDS)
    with pytest.raises(SettingsError) as caught:
        pipeline.build(settings.source)
    jira, sentry = caught.value.problem.splitlines()
    assert "source jira: a secret is missing" in jira
    assert "source sentry: a secret is missing" in sentry


def test_without_a_source_nothing_can_be_collected(write: Write) -> None:
    with pytest.raises(SettingsError, match="name no source"):
        pipeline.build(load(write(""), KINDS).source)


def test_relative_paths_start_at_the_settings_and_not_where_the_program_does(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cron starts in the home folder."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "token").write_text(SECRET, encoding="utf-8")
    settings = load(
        write(
            'output = "pages"\narchive = "sqlite:///kept/bulletin.db"\n'
            + GITHUB.replace('env = "GITHUB_TOKEN"', 'file = "token"')
            + '[[publish]]\nkind = "files"\nfolder = "web"\n'
        ),
        KINDS,
    )
    assert settings.output == tmp_path / "pages"
    assert settings.archive == f"sqlite:///{tmp_path / 'kept' / 'bulletin.db'}"
    assert settings.source[0].settings.token.reveal() == SECRET
    assert settings.publish[0].settings.folder == tmp_path / "web"


@pytest.mark.parametrize(
    "archive",
    ["sqlite:////var/lib/bulletin.db", "sqlite://", "postgresql+psycopg://db.example/bulletin"],
)
def test_an_archive_elsewhere_stays_where_it_is(write: Write, archive: str) -> None:
    assert load(write(f'archive = "{archive}"'), KINDS).archive == archive


def test_absolute_paths_and_the_home_folder_are_taken_as_they_are(write: Write) -> None:
    assert load(write('output = "/srv/pages"')).output == Path("/srv/pages")
    assert load(write('output = "~/pages"')).output == Path.home() / "pages"


def test_a_rule_is_switched_off_by_name(write: Write) -> None:
    path = write("[rules.pull-request-stale]\nenabled = false\n")
    used = policy_of(load(path, KINDS), Bundle.read()).rules
    assert "pull-request-stale" in KINDS.rules
    assert {rule.id for rule in used} == set(KINDS.rules) - {"pull-request-stale"}


def test_a_rule_that_is_switched_off_is_still_read_for_mistakes(write: Write) -> None:
    path = write("[rules.pull-request-stale]\nenabled = false\nweeks = 3\n")
    assert one(path) == "rules.pull-request-stale, weeks: no such setting"


def test_a_rules_settings_reach_the_desk_and_the_others_keep_their_defaults(write: Write) -> None:
    path = write("[rules.pull-request-stale]\nenabled = true\ndays = 3\n")
    used = policy_of(load(path, KINDS), Bundle.read()).rules
    by_id = {rule.id: rule for rule in used}
    assert len(used) == len(by_id) == len(KINDS.rules)
    for name, rule in by_id.items():
        default = registry.find("rules", name)()
        assert (rule == default) is (name != "pull-request-stale")


def test_teams_reach_the_desk_in_the_order_of_the_file(write: Write) -> None:
    path = write('[teams.web]\nrepositories = ["acme/shop"]\n[teams.api]\naliases = ["core"]\n')
    territories = policy_of(load(path, KINDS), Bundle.read()).territories
    assert [one.team for one in territories] == ["web", "api"]
    assert territories[0].repositories == ("acme/shop",)


def test_two_sources_of_a_kind_go_by_their_names(write: Write) -> None:
    settings = load(write(GITHUB + GITHUB + 'name = "github-eu"\n'), KINDS)
    assert [(plug.kind, plug.name) for plug in settings.source] == [
        ("github", "github"),
        ("github", "github-eu"),
    ]


def test_commands_that_only_read_the_archive_need_no_plug_to_be_there(write: Write) -> None:
    """A package that has been uninstalled must not hide old editions."""
    path = write('title = "T"\n[[source]]\nkind = "gone"\n[rules.gone]\ndays = 1\n')
    assert load(path).title == "T"
    assert "no such kind" in refusal(path)


def test_settings_are_frozen_and_every_class_of_them_knows_its_keys() -> None:
    groups = (("source", KINDS.sources), ("publish", KINDS.channels), ("rules", KINDS.rules))
    shapes = [KINDS.settings(table, name) for table, names in groups for name in names]
    for shape in (Bulletin, *shapes):
        if issubclass(shape, BaseModel):
            assert shape.model_config["extra"] == "forbid"
            assert shape.model_config["frozen"]
        else:
            assert is_dataclass(shape)
            assert shape.__dataclass_params__.frozen


def test_a_password_in_the_archives_address_is_refused_and_not_repeated(tmp_path):
    path = tmp_path / "bulletin.toml"
    path.write_text('archive = "postgresql+psycopg://me:hunter2@db.example/journal"\n')
    with pytest.raises(SettingsError) as raised:
        load(path)
    assert "hunter2" not in str(raised.value)
    assert "archive" in raised.value.problem


def test_an_archives_address_may_be_named_like_a_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_URL", "postgresql+psycopg://me:hunter2@db.example/journal")
    path = tmp_path / "bulletin.toml"
    path.write_text('archive = { env = "JOURNAL_URL" }\n')
    assert load(path).archive.endswith("@db.example/journal")
    monkeypatch.delenv("JOURNAL_URL")
    with pytest.raises(SettingsError, match="JOURNAL_URL"):
        load(path)


def test_a_source_does_not_take_the_desks_name_and_no_rule_counts_backwards(tmp_path):
    path = tmp_path / "bulletin.toml"
    path.write_text(
        '[[source]]\nkind = "sentry"\nname = "desk"\norganization = "acme"\n'
        'token = { env = "T" }\n[rules.pull-request-stale]\ndays = -3\n'
    )
    with pytest.raises(SettingsError) as raised:
        load(path, registry.kinds())
    assert "2 mistakes" in raised.value.problem
    assert "'desk'" in raised.value.problem
    assert "rules.pull-request-stale, days: must not be negative" in raised.value.problem


@pytest.mark.parametrize("name", ["", "  ", "🦆🦆", "<@!>"])
def test_a_team_has_a_name_that_can_be_said(write: Write, name: str) -> None:
    """It stands in subjects and in the names of files."""
    with pytest.raises(SettingsError, match="a team's name has letters or digits"):
        load(write(f'[teams."{name}"]\n'), registry.kinds())


def test_who_only_looks_knows_the_channels_by_name_and_kind(write: Write) -> None:
    path = write('[[publish]]\nkind = "files"\n[[publish]]\nkind = "chat"\nname = "talk"\n')
    found = [(plug.kind, plug.name, plug.settings) for plug in load(path).publish]
    assert found == [("files", "files", None), ("chat", "talk", None)]
