"""Catalogues as cities publish them, read into matters and the beginnings of their guides.

    a table (CSV)   name, department, item_code, task_type, main_item …     as 广安 publishes it
    a list (JSON)   items: name, domain, materials, process, immediate …    as 临沂 publishes it

A catalogue says little of what a guide has to say. What it leaves out is not invented: it is missing, and counted.
"""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from msgspec.structs import replace as with_fields

from queue_server.catalogue.core import Kind, Material, Matter
from queue_server.catalogue.core.guides import Guide, Words, derived
from queue_server.catalogue.core.lint import findings
from queue_server.kit.rejections import Rejected

NAME_CHARACTERS_MAX: Final = 200
CODE_CHARACTERS_MAX: Final = 40
USUAL_MINUTES: Final = 15  # What taking in a matter of which nobody knows better should last.
UNSORTED: Final = "未分类"
DOCUMENT: Final = re.compile(r"(证|证书|执照|许可|登记|卡)$")


class CatalogueUnreadable(Rejected):
    """This file is neither a table with names and item codes nor a list of items ({why})."""

    status = 422
    zh = "该文件既不是含事项名称和编码的表格，也不是事项列表（{why}）。"


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot become a matter, and why."""

    row: int
    why: str  # name_missing, name_too_long, code_missing, code_repeats
    name: str


@dataclass(frozen=True, slots=True)
class Catalogued:
    """What a file holds."""

    guides: tuple[tuple[Matter, Guide], ...]
    refused: tuple[Refused, ...]

    def missing(self) -> dict[str, int]:
        """How many of the guides lack what, by the code of the finding, the most frequent first."""
        counts = Counter(
            code
            for matter, guide in self.guides
            for code in {each.code for each in findings(guide, matter.kind)}
        )
        return dict(counts.most_common())


def read_catalogue(text: str) -> Catalogued:
    """The matters of a file. `CatalogueUnreadable` if it has none of the two shapes."""
    text = text.removeprefix("\ufeff")
    rows = _listed(text) if text.lstrip().startswith(("{", "[")) else _tabled(text)
    kept: dict[str, tuple[Matter, Guide]] = {}
    refused = []
    for number, (matter, process) in enumerate(rows, start=1):
        why = _unfit(matter, kept)
        if why:
            refused.append(Refused(number, why, matter.name_zh))
        else:
            kept[matter.code] = (matter, _guide_of(matter, process))
    return Catalogued(tuple(kept.values()), tuple(refused))


def _unfit(matter: Matter, kept: Mapping[str, object]) -> str:
    if not matter.name_zh:
        return "name_missing"
    if len(matter.name_zh) > NAME_CHARACTERS_MAX:
        return "name_too_long"
    if not matter.code:
        return "code_missing"
    return "code_repeats" if matter.code in kept else ""


def _guide_of(matter: Matter, process: str) -> Guide:
    guide = with_fields(derived(matter), process=Words(process))
    return with_fields(guide, result_is_document=bool(DOCUMENT.search(matter.name_zh)))


# ── A table ─────────────────────────────────────────────────────────────────────────────────────


def _tabled(text: str) -> list[tuple[Matter, str]]:
    try:
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise CatalogueUnreadable(why=str(error)) from error
    if not rows or not {"name", "item_code"} <= rows[0].keys():
        raise CatalogueUnreadable(why="name, item_code")
    short = _short_codes(_text(row, "item_code") for row in rows)
    return [(_from_row(row, short[_text(row, "item_code")]), "") for row in rows]


def _from_row(row: Mapping[str, Any], code: str) -> Matter:
    main, department = _text(row, "main_item"), _text(row, "department")
    return _matter(
        code,
        _text(row, "name"),
        department,
        theme=main if main and main != UNSORTED else department,
    )


def _short_codes(codes: Iterable[str]) -> dict[str, str]:
    """Codes that people can be asked for: what stands before region and office, told apart where that repeats.

    >>> _short_codes(["511A01-511602000000-000-1-00", "Z-000147-001-511602000000-000-2-00"])
    {'511A01-511602000000-000-1-00': '511A01', 'Z-000147-001-511602000000-000-2-00': 'Z-000147-001'}
    """
    listed = list(dict.fromkeys(codes))
    heads = {code: re.split(r"-\d{12}-", code)[0] for code in listed}
    repeats = Counter(heads.values())
    return {code: _apart(code, heads[code], repeats[heads[code]]) for code in listed}


def _apart(code: str, head: str, count: int) -> str:
    if count == 1 and len(head) <= CODE_CHARACTERS_MAX:
        return head
    mark = _mark(code)
    return f"{head[: CODE_CHARACTERS_MAX - len(mark) - 1]}-{mark}"


# ── A list ──────────────────────────────────────────────────────────────────────────────────────


def _listed(text: str) -> list[tuple[Matter, str]]:
    try:
        told = json.loads(text)
    except ValueError as error:
        raise CatalogueUnreadable(why=str(error)) from error
    items = told.get("items") if isinstance(told, dict) else told
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise CatalogueUnreadable(why="items")
    return [(_from_item(each), _text(each, "process")) for each in items]


def _from_item(item: Mapping[str, Any]) -> Matter:
    name, domain = _text(item, "name"), _text(item, "domain")
    code = _text(item, "item_code") or (f"I-{_mark(domain + name)}" if name else "")
    department, _, theme = domain.partition("/")
    papers = item.get("materials")
    materials = tuple(
        Material(each.strip(), each.strip())
        for each in dict.fromkeys(papers if isinstance(papers, list) else ())
        if isinstance(each, str) and each.strip()
    )
    kind: Kind = "immediate" if item.get("immediate") is True else "committed"
    matter = _matter(code, name, department, theme=theme or department, kind=kind)
    return replace(matter, materials=materials)


# ── Both ────────────────────────────────────────────────────────────────────────────────────────


def _matter(code: str, name: str, department: str, *, theme: str, kind: Kind = "committed") -> Matter:
    return Matter(
        code=code,
        name_zh=name,
        name_en=name,
        department_zh=department,
        department_en=department,
        theme=theme,
        group_id=None,
        target_minutes=USUAL_MINUTES,
        kind=kind,
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
