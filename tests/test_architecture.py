"""The rules that the design holds to, kept by machine."""

import ast
import io
import pkgutil
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bulletin import registry

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted((ROOT / "bulletin").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

HEAVY = (
    "babel",
    "github",
    "graphql",
    "jinja2",
    "jira",
    "re2",
    "requests",
    "sqlalchemy",
    "weasyprint",
)
"""What takes long to import, and what `--help` has no use for."""

VAGUE = re.compile(r"Base[A-Z]\w*|\w*Util\w*|\w*(Manager|Helper|Handler|Processor)s?")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
REASONED = re.compile(r"noqa: [A-Z]+\d+(, [A-Z]+\d+)*  \(.+\)")


def show(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def parse_comments(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each comment with its line."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def nodes(paths: list[Path]) -> Iterator[tuple[Path, ast.AST]]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            yield path, node


def test_imports_run_one_way() -> None:
    """The contracts stand in pyproject.toml; `lint-imports` reads them."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_between_collectors_names_all_of_them() -> None:
    """A collector that is missing from it could lean on another one unseen."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    contracts = tools["importlinter"]["contracts"]
    strangers = next(c["modules"] for c in contracts if c["type"] == "independence")
    assert set(strangers) == {plug.partition(":")[0] for plug in registry.COLLECTORS.values()}


@pytest.mark.parametrize("group", registry.GROUPS)
def test_every_plug_of_the_registry_is_there(group: str) -> None:
    for address in registry.GROUPS[group][0].values():
        assert isinstance(pkgutil.resolve_name(address), type)


@pytest.mark.parametrize("kind", registry.COLLECTORS)
def test_a_collector_is_documented_and_tested(kind: str) -> None:
    assert (ROOT / "docs" / "sources" / f"{kind}.md").is_file()
    assert [path for path in TESTS if path.stem.startswith(f"test_{kind}")]


def test_help_imports_nothing_heavy() -> None:
    """`bulletin --help` answers at once."""
    look = (
        "import sys\n"
        "from bulletin.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit as left:\n    assert not left.code\n"
        f"sys.exit(' '.join(sorted(set({HEAVY!r}) & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=False)
    assert "Usage" in done.stdout, done.stderr
    assert (done.returncode, done.stderr) == (0, "")


def test_templates_hold_no_python() -> None:
    """Whoever edits the pages edits no code."""
    assert [path for path in (ROOT / "templates").rglob("*") if path.suffix.startswith(".py")] == []


def test_every_silenced_warning_has_its_reason() -> None:
    """Written as in `# noqa: S105  (a demo company has no secrets)`."""
    bare = [
        f"{show(path, line)}: {comment}"
        for path in CODE + TESTS
        for line, comment in parse_comments(path)
        if re.search(r"#\s*(ruff:\s*)?noqa", comment) and not REASONED.search(comment)
    ]
    assert not bare, "\n".join(bare)


def test_nothing_is_left_unfinished() -> None:
    found = [
        show(path, number)
        for path in CODE
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not found, "\n".join(found)


def test_a_class_says_what_it_is() -> None:
    """A name that fits everything says nothing."""
    vague = [
        f"{show(path, node.lineno)}: {node.name}"
        for path, node in nodes(CODE)
        if isinstance(node, ast.ClassDef) and VAGUE.fullmatch(node.name.lstrip("_"))
    ]
    assert not vague, "\n".join(vague)


def test_only_the_command_line_prints() -> None:
    printing = [
        show(path, node.lineno)
        for path, node in nodes([path for path in CODE if path.stem != "cli"])
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert not printing, "\n".join(printing)


def test_tests_lie_where_the_code_lies() -> None:
    """tests/ mirrors the package, folder for folder, but for what tries it as a whole."""
    packages = {path.parent.relative_to(ROOT / "bulletin") for path in CODE}
    whole = {Path(name) for name in ("contracts", "delivery", "e2e", "faults", "hostile", "pages")}
    strange = {
        folder.relative_to(ROOT / "tests")
        for folder in (path.parent for path in TESTS if path.name.startswith("test_"))
    } - {*packages, *whole}
    assert strange == set()
