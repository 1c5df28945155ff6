"""SQL as plain text: merged inserts, named values, and what a violation is called.

A shared commit carries the rows of many units. All rows for one table travel as ONE statement,

    INSERT INTO journal (hall_id, seq, …) SELECT * FROM unnest($1::text[], $2::bigint[], …)

with one array per column, each spelled by us as text. Thirty rows then cost the server and the client
about as much as two single statements (docs/decisions/0002-shared-commits.md has the figures).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeAlias
from uuid import UUID

Row: TypeAlias = dict[str, Any]
Values: TypeAlias = tuple[object, ...]

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*\Z")
_PG_TYPE = re.compile(r"[a-z][a-z0-9_ ]*(\([0-9, ]+\))?\Z")
SEPARATOR = "\x1e"  # Hardly in any text, and looked for before it is relied upon.
_NAMED = re.compile(
    r"""
      '(?:[^']|'')*'            # a literal: a colon in it is a colon
    | --[^\n]*                  # a comment
    | ::                        # a cast
    | :(?P<name>[A-Za-z_]\w*)   # a named value
    | %                         # a percent sign, which psycopg would take for a placeholder
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Insert:
    """A statement that adds rows to one table; built once, at module level.

    `columns` are (name, PostgreSQL type) pairs; array types cannot be merged and are refused.
    `ordered_by` names the key columns: rows are inserted in their order, so that two processes that
    insert the same keys never lock each other crosswise. `on_conflict` is appended as it stands,
    for example "ON CONFLICT DO NOTHING".
    """

    table: str
    columns: tuple[tuple[str, str], ...]
    ordered_by: tuple[str, ...] = ()
    on_conflict: str = ""
    names: tuple[str, ...] = field(init=False)
    numbered: bytes = field(init=False)  # For the wire: $1, $2, …
    formatted: str = field(init=False)  # For psycopg: %s, %s, …
    _order: Callable[[Values], Any] | None = field(init=False)

    def __post_init__(self) -> None:
        for name in (self.table, *(name for name, _ in self.columns)):
            if not _IDENTIFIER.match(name):
                raise ValueError(f"not an identifier: {name!r}")
        for _, pg_type in self.columns:
            if not _PG_TYPE.match(pg_type):
                raise ValueError(f"not a type whose rows can be merged: {pg_type!r}")
        names = tuple(name for name, _ in self.columns)
        places = [f"${place}" for place in range(1, len(names) + 1)]
        order = [names.index(name) for name in self.ordered_by]
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "numbered", self._text(places).encode())
        object.__setattr__(self, "formatted", self._text(["%s"] * len(names), percent="%%"))
        object.__setattr__(self, "_order", itemgetter(*order) if order else None)

    def spell(self, row: Mapping[str, object]) -> Values:
        """The row's values in the order of the columns. KeyError if one is missing."""
        return tuple([row[name] for name in self.names])

    def arrays(self, rows: list[Values]) -> list[str]:
        """One array literal per column. ValueError for a row of the wrong length or a NUL."""
        if self._order is not None and len(rows) > 1:
            rows = sorted(rows, key=self._order)
        columns = list(zip(*rows, strict=True))
        if len(columns) != len(self.names):
            raise ValueError(f"a row for {self.table} has {len(columns)} values, not {len(self.names)}")
        return [array_literal(column) for column in columns]

    def _text(self, places: Sequence[str], percent: str = "%") -> str:
        arrays = ", ".join(
            f"{place}::{pg_type}[]" for place, (_, pg_type) in zip(places, self.columns, strict=True)
        )
        columns = ", ".join(self.names)
        on_conflict = self.on_conflict.replace("%", percent)
        insert = f"INSERT INTO {self.table} ({columns}) SELECT * FROM unnest({arrays})"  # noqa: S608 - ours.
        return f"{insert} {on_conflict}".rstrip()


def array_literal(values: Sequence[object]) -> str:
    """Spell a column as PostgreSQL spells an array.

    >>> print(array_literal(["A001", 'say "hi"', "back\\\\slash"]))
    {"A001","say \\"hi\\"","back\\\\slash"}
    >>> print(array_literal([1, None, 3]))
    {1,NULL,3}
    """
    kinds = set(map(type, values))
    if kinds == {str}:
        literal = '{"' + _texts(values) + '"}'  # type: ignore[arg-type]
    elif kinds == {int}:
        literal = "{" + ",".join(map(str, values)) + "}"
    else:
        literal = "{" + ",".join(map(_element, values)) + "}"
    if "\x00" in literal:
        # On the wire the text would silently end there.
        raise ValueError("PostgreSQL text cannot hold a NUL character")
    return literal


def _element(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "t" if value else "f"
        case int() | float() | Decimal():
            return str(value)
        case str():
            text = value
        case datetime():
            if value.tzinfo is None:
                raise ValueError("an instant without a zone")
            text = value.isoformat()
        case date() | UUID():
            text = str(value)
        case bytes():
            text = "\\x" + value.hex()
        case _:
            raise TypeError(f"no column takes a {type(value).__name__}")
    return f'"{_escaped(text)}"'


def _texts(values: Sequence[str]) -> str:
    """The elements with what stands between them; the whole column is escaped at once."""
    column = SEPARATOR.join(values)
    if column.count(SEPARATOR) != len(values) - 1:  # Somebody's text has that character in it.
        return '","'.join([_escaped(value) for value in values])
    return _escaped(column).replace(SEPARATOR, '","')


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@lru_cache(maxsize=1024)
def placeholders(sql: str) -> str:
    """Turn :name into psycopg's %(name)s.

    >>> placeholders("SELECT body::text FROM t WHERE a = :a AND b LIKE '%:x'")
    "SELECT body::text FROM t WHERE a = %(a)s AND b LIKE '%%:x'"
    """

    def replace(found: re.Match[str]) -> str:
        if found["name"] is None:
            return found[0].replace("%", "%%")
        return f"%({found['name']})s"

    return _NAMED.sub(replace, sql)
