"""Writes the table at the end of docs/api.md from the refusals themselves: `python -m tests.api.codes_doc`."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import queue_server
from queue_server.kit.rejections import Rejected, sentence
from queue_server.kit.web import errors

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
HEADING = "## Codes\n"
LEAD = """
A code never changes its meaning. This table is written by `python -m tests.api.codes_doc` from the code; a test says
that it is current. `{…}` is filled from the facts.
"""


def main() -> None:
    """Write the table."""
    PAGE.write_text(page(PAGE.read_text()))


def page(text: str) -> str:
    """The page with the table as it should be."""
    before, _, _ = text.partition(HEADING)
    rows = sorted({*of_http(), *of_refusals()})
    table = "".join(f"| {status} | `{code}` | {en} | {zh} |\n" for status, code, en, zh in rows)
    return f"{before}{HEADING}{LEAD}\n| status | code | English | 中文 |\n|---|---|---|---|\n{table}"


def of_http() -> Iterator[tuple[int, str, str, str]]:
    """What is refused before anybody is asked."""
    yield from ((status, *words) for status, words in errors.HTTP.items())
    yield from ((400, *words) for words in (errors.MALFORMED, errors.UNREADABLE))
    yield (422, *errors.INVALID)


def of_refusals() -> Iterator[tuple[int, str, str, str]]:
    """What a hall, or somebody at its door, refuses."""
    for module in pkgutil.walk_packages(queue_server.__path__, "queue_server."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for kind in below(Rejected):
        if kind.__module__.startswith("queue_server."):  # Tests have refusals of their own.
            yield kind.status, kind.code, sentence(kind), kind.zh


def below(kind: type[Rejected]) -> Iterator[type[Rejected]]:
    """Every kind of refusal."""
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


if __name__ == "__main__":
    main()
