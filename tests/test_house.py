"""The rules of the house that neither the type checker nor the import contracts can see."""

import ast
import importlib
import inspect
import pkgutil
import re
import string
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from queue_server.hall.core import commands, events
from queue_server.kit.rejections import Rejected, sentence
from queue_server.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGES = ("queue_server", "displays", "kiosk", "notify", "load_tests")
MIB = 1024 * 1024


def sources(*folders: str, pattern: str = "*.py") -> list[Path]:
    found = [path for folder in folders for path in (CHECKOUT / folder).rglob(pattern)]
    return sorted(path for path in found if "vendor" not in path.parts and "__pycache__" not in path.parts)


def named(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def files_of_the_project() -> list[Path]:
    """What is, or is about to be, in the repository; without one, whatever lies in our folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return sorted(
            path for name in listed.stdout.split("\0") if name and (path := CHECKOUT / name).is_file()
        )
    return [path for path in sources(*PACKAGES, "tests", "docs", pattern="*") if path.is_file()]


# ── A core is pure ───────────────────────────────────────────────────────────────────────────────

CORES = [path for path in sources("queue_server") if path.name == "core.py" or path.parent.name == "core"]
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "time_ns", "monotonic_ns"}
CLOCK_OWNERS = {"datetime", "date", "time"}
IMPURE = {"time", "random", "secrets", "uuid", "os", "asyncio", "threading", "socket", "logging", "structlog"}


@pytest.mark.parametrize("path", CORES, ids=named)
def test_a_core_asks_neither_the_clock_nor_the_dice(path: Path) -> None:
    asked = [
        f"{named(path)}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and ast.unparse(node.func.value).split(".")[-1] in CLOCK_OWNERS
    ]
    assert asked == []
    assert imported(path) & IMPURE == set()


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_there_are_cores_to_look_at() -> None:
    assert len(CORES) > 10


# ── SQL stays in the stores ──────────────────────────────────────────────────────────────────────

SQL = re.compile(
    r"\b(SELECT\b.*\bFROM\b|INSERT\s+INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|CREATE\s+TABLE\b)", re.S
)
MAY_SPEAK_SQL = re.compile(
    r"^queue_server/(kit/|migrations/|[a-z]+/store(\.py|/)|demo/run\.py)|^notify/outbox\.py|^load_tests/case_rows\.py|^load_tests/catalogue_bench\.py"
)
# demo/run.py asks when the demo's last day was, before there is a server that could be asked.
# The benches of catalogue and cases write by hand, to know what writing costs without us.


@pytest.mark.parametrize("path", sources(*PACKAGES), ids=named)
def test_sql_stands_only_where_things_are_remembered(path: Path) -> None:
    if MAY_SPEAK_SQL.match(named(path)):
        return
    found = [f"{named(path)}:{line}" for line, text in strings(path) if SQL.search(text)]
    assert found == []


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module but its docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


# ── The hall is silent ───────────────────────────────────────────────────────────────────────────

SOUND = re.compile(
    r"<audio|<video|<embed|(?<!\w)<object|<bgsound|new\s+Audio\b|AudioContext|\bspeechSynthesis|SpeechSynthesisUtterance"
    r"|createOscillator|createElement\(\s*['\"](audio|video)|\.(mp3|wav|ogg|oga|opus|m4a|aac|flac|weba|mid)\b|data:audio",
    re.IGNORECASE,
)
SOUND_FILES = {".mp3", ".wav", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".flac", ".weba", ".mid", ".midi"}
PAGES = [
    path
    for suffix in ("html", "js", "mjs", "css", "svg", "json")
    for path in sources("queue_server", "displays", "kiosk", "notify", pattern=f"*.{suffix}")
]


# The one exception the law asks for: the prompt of an accessible window, on its own screen, off unless a hall
# turns it on.
MAY_SPEAK = "displays/static/js/prompt.js"


def test_no_page_can_make_a_sound() -> None:
    loud = [
        f"{named(path)}: {found[0]}"
        for path in PAGES
        if named(path) != MAY_SPEAK and (found := SOUND.search(path.read_text())) is not None
    ]
    assert loud == []
    assert len(PAGES) > 10


def test_only_the_screen_of_an_accessible_window_knows_the_one_module_that_may_speak() -> None:
    knows = [named(path) for path in PAGES if "/prompt.js" in path.read_text()]
    assert [path for path in knows if path != "displays/static/js/accessible.js"] == []


def test_there_is_no_recording_anywhere() -> None:
    assert [named(path) for path in files_of_the_project() if path.suffix.lower() in SOUND_FILES] == []


# ── Settings say why ─────────────────────────────────────────────────────────────────────────────


def test_every_setting_says_what_it_is_and_why() -> None:
    path = CHECKOUT / "queue_server" / "settings.py"
    lines = path.read_text().splitlines()
    (settings,) = (
        node for node in tree(path).body if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    fields = {
        node.target.id: reason(node, lines)
        for node in settings.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    assert set(fields) == set(Settings.model_fields)
    assert [name for name, why in fields.items() if len(why.split()) < 3] == []


def reason(field: ast.AnnAssign, lines: list[str]) -> str:
    """The comment beside or above a field."""
    assert field.end_lineno is not None
    beside = [line.partition("  # ")[2] for line in lines[field.lineno - 1 : field.end_lineno]]
    above = []
    for line in reversed(lines[: field.lineno - 1]):
        if not line.strip().startswith("#") or "──" in line:
            break
        above.append(line.strip("# "))
    return " ".join((*reversed(above), *beside)).strip()


def test_every_setting_is_used() -> None:
    code = "\n".join(path.read_text() for path in sources("queue_server", "displays", "kiosk", "notify"))
    unused = {name for name in Settings.model_fields if not re.search(rf"(settings|self)\.{name}\b", code)}
    assert not unused


# ── Words ────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_events_is_current() -> None:
    from tests.hall import events_doc

    assert events_doc.PAGE.read_text() == events_doc.page(), "write it: python -m tests.hall.events_doc"
    headings = re.findall(r"^## (\w+)$", events_doc.page(), re.MULTILINE)
    assert headings == list(dict.fromkeys(headings))
    assert set(headings) == set(events.EVENTS)


def code_names() -> set[str]:
    """The classes of the cores: values, commands and events. Refusals are sentences and need no entry."""
    return {
        node.name
        for path in CORES
        for node in tree(path).body
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and not any(ast.unparse(base) in ("Rejected", "AssertionError") for base in node.bases)
    }


def glossary() -> str:
    return (CHECKOUT / "docs" / "glossary.md").read_text()


def test_every_word_of_the_cores_is_in_the_glossary() -> None:
    explained = set(re.findall(r"`(\w+)`", glossary()))
    assert sorted(code_names() - explained) == []
    assert {kind.__name__ for kind in commands.Command.__args__} <= explained
    assert set(events.EVENTS) <= explained


def test_the_glossary_explains_no_word_that_nobody_uses() -> None:
    code = "\n".join(
        path.read_text() for path in (*sources("queue_server"), *sources("queue_server", pattern="*.sql"))
    )
    unused = [word for word in re.findall(r"`(\w+)`", glossary()) if not re.search(rf"\b{word}\b", code)]
    assert unused == []


def test_every_word_of_the_glossary_has_its_chinese() -> None:
    rows = [row.split("|") for row in glossary().splitlines() if row.startswith("| ") and "中文" not in row]
    assert len(rows) > 40
    assert [row[1].strip() for row in rows if not is_chinese(row[2])] == []


def is_chinese(text: str) -> bool:
    return re.search(r"[一-鿿]", text) is not None


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────


@cache
def rejections() -> list[type[Rejected]]:
    for package in ("queue_server", "displays", "kiosk", "notify"):
        for module in pkgutil.walk_packages([str(CHECKOUT / package)], f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return [kind for kind in descendants(Rejected) if kind.__module__.split(".")[0] in PACKAGES]


def descendants(kind: type[Rejected]) -> list[type[Rejected]]:
    return [below for child in kind.__subclasses__() for below in (child, *descendants(child))]


def test_every_refusal_is_a_sentence_in_both_languages() -> None:
    for kind in rejections():
        assert "__doc__" in kind.__dict__, f"{kind.__name__} has no sentence of its own"
        assert sentence(kind).endswith((".", "?")), f"{kind.__name__}: {sentence(kind)!r} is no sentence"
        assert "zh" in kind.__dict__, f"{kind.__name__} has no Chinese of its own"
        assert is_chinese(kind.zh), kind.__name__
        assert holes(sentence(kind)) == holes(kind.zh), f"{kind.__name__} fills its two sentences differently"
        assert 400 <= kind.status < 600, kind.__name__


def holes(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_no_two_refusals_have_the_same_code() -> None:
    codes = Counter(kind.code for kind in rejections())
    assert len(codes) > 50
    assert [code for code, count in codes.items() if count > 1] == []


def test_every_refusal_is_used() -> None:
    code = "\n".join(path.read_text() for path in sources("queue_server", "displays", "kiosk", "notify"))
    names = [kind.__name__ for kind in rejections()]
    assert [name for name in names if len(re.findall(rf"\b{name}\b", code)) < 2] == []


# ── What does not belong here ────────────────────────────────────────────────────────────────────

TEXTS = {".py", ".js", ".mjs", ".css", ".html", ".md", ".toml", ".sql", ".json", ".yml", ".yaml", ".lock"}
TEXTS |= {".txt", ".cfg", ".sh", ""}
LEFT_OPEN = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r"\b:?)")
REGISTRIES = re.compile(
    "|".join(
        map(
            re.escape,
            (
                "pypi" + ".org",
                "python" + "hosted.org",
                "registry." + "npmjs",
                "npm" + "mirror.com",
                "/simple" + "/",
                "tuna." + "tsinghua",
                "mirrors." + "aliyun",
                "index" + "-url =",
            ),
        )
    )
)


def texts() -> Iterable[tuple[Path, str]]:
    for path in files_of_the_project():
        if path.suffix in TEXTS:
            yield path, path.read_text(errors="replace")


def test_nothing_is_left_to_do() -> None:
    found = [
        f"{named(path)}: {hit[0]}" for path, text in texts() if (hit := LEFT_OPEN.search(text)) is not None
    ]
    assert found == []


def test_no_file_names_the_address_of_a_package_registry() -> None:
    found = [
        f"{named(path)}: {hit[0]}" for path, text in texts() if (hit := REGISTRIES.search(text)) is not None
    ]
    assert found == []


def test_no_file_is_larger_than_a_mebibyte() -> None:
    large = [named(path) for path in files_of_the_project() if path.stat().st_size > MIB]
    assert large == []


def test_every_decision_has_its_own_number() -> None:
    pages = [path.name for path in (CHECKOUT / "docs" / "decisions").glob("*.md") if path.name != "README.md"]
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name) for name in pages), pages
    assert len({name[:4] for name in pages}) == len(pages)


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        named(path)
        for path in sources("queue_server", "displays", "kiosk", "notify", "load_tests")
        if tree(path).body and ast.get_docstring(tree(path)) is None
    ]
    assert silent == []
    assert inspect.getdoc(Settings)
