"""Writes docs/events.md from the events themselves: `python -m tests.hall.events_doc`."""

import ast
import inspect
from pathlib import Path

from queue_server.hall.core import events

PAGE = Path(__file__).resolve().parents[2] / "docs" / "events.md"
HEAD = """# Events

What can happen in a hall, as its journal has it. This page is written by `python -m tests.hall.events_doc` from
`queue_server/hall/core/events.py`; a test says that it is current.

Each line of the journal is `(hall_id, seq, at, by, name, body)`. `seq` is dense in a hall and never restarts, `by` says
who asked, `name` is one of the names below, and `body` its fields as JSON, instants in UTC. A name is never
used for anything else and never renamed; a field is only ever added, with a default. The golden rows of every release
(`tests/golden`) must keep decoding. No phone, citizen's name or identity number stands in any event, only ids.
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page())


def page() -> str:
    """The page as it should be."""
    source = inspect.getsource(events)
    lines = source.splitlines()
    kinds = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return HEAD + "".join(section(node, lines) for node in kinds if node.name in events.EVENTS)


def section(kind: ast.ClassDef, lines: list[str]) -> str:
    """One event."""
    rows = [field(node, lines) for node in kind.body if isinstance(node, ast.AnnAssign)]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"\n## {kind.name}\n\n{ast.get_docstring(kind)}\n\n| field | type | default | |\n|---|---|---|---|\n{table}"


def field(node: ast.AnnAssign, lines: list[str]) -> tuple[str, str, str, str]:
    """One field: its name, type, default and the reason beside it."""
    default = "" if node.value is None else f"`{ast.unparse(node.value)}`"
    default = default.replace("field(default_factory=dict)", "{}")
    _, _, comment = lines[node.lineno - 1].partition("  # ")
    kind = ast.unparse(node.annotation).replace("|", "or")
    return f"`{ast.unparse(node.target)}`", f"`{kind}`", default, comment


if __name__ == "__main__":
    main()
