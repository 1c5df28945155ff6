"""What windows need to know, as values, and how it is found.

    entry      one thing worth knowing: what to look for, a sample, a common question
    version    an entry as it was written once; every change is a new one, and all stay readable
    shown      the version that clerks find: the one last published, unless the entry was withdrawn since
    miss       what somebody looked for in vain

An entry is about matters ("M03"), about scenarios ("M03.new"), or about nothing in particular.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from queue_server.catalogue.core import initials, plain, syllables
from queue_server.kit.rejections import Rejected

FOUND_MAX: Final = 20


class KnowledgeState(StrEnum):
    """How far an entry has come."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class KnowledgeKind(StrEnum):
    """What an entry is good for."""

    INTAKE = "intake"  # What to look for when papers are taken in.
    SAMPLE = "sample"  # How a form or a letter looks when it is right.
    QUESTION = "question"  # What people ask again and again.
    MISTAKE = "mistake"  # What goes wrong again and again.


class EntryUnknown(Rejected):
    """There is no such knowledge entry here."""

    status = 404
    zh = "没有这条知识。"


class EntryChanged(Rejected):
    """Somebody has just changed this knowledge entry. Please read it again."""

    zh = "这条知识刚被他人更新，请重新查看。"


class EntryWithdrawn(Rejected):
    """This knowledge entry is not published any more. Please search again or ask the department."""

    zh = "这条知识已撤下，请重新检索或请教业务部门。"


class Writing(Struct, frozen=True, kw_only=True):
    """What is written in one version. English may be missing."""

    title_zh: str
    body_zh: str
    title_en: str = ""
    body_en: str = ""
    kind: KnowledgeKind
    about: tuple[str, ...] = ()
    from_case: int | None = None  # The case that it was suggested from.


class Entry(Struct, frozen=True, kw_only=True):
    """One version of an entry."""

    id: int
    version: int
    state: KnowledgeState
    at: datetime
    by_name: str
    writing: Writing
    shown_version: int | None = None


class Miss(Struct, frozen=True, kw_only=True):
    """What was looked for in vain, and how often."""

    query: str
    matter: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies on the desk of whoever searches."""

    matter: str = ""
    scenario: str = ""


# ── Finding ──────────────────────────────────────────────────────────────────────────────────────

NO_FIT: Final = 7
ELSEWHERE: Final = 4


def search(
    entries: Iterable[Entry], query: str, desk: Desk, names: Mapping[str, str] | None = None
) -> list[Entry]:
    """The entries that fit what somebody typed: those of the matter on the desk first, then the best.

    With nothing typed, everything about the matter, and then what is true of every matter. Words may be
    Chinese, and of titles pinyin or its initials; several must all fit. `names` are those of the matters, by code.

    >>> when = datetime(2026, 11, 23)
    >>> plan = Writing(title_zh="平面图怎么画", body_zh="标明操作间。", kind=KnowledgeKind.SAMPLE, about=("M03",))
    >>> entry = Entry(id=1, version=1, state=KnowledgeState.PUBLISHED, at=when, by_name="审批员", writing=plan)
    >>> [len(search([entry], typed, Desk("M03"))) for typed in ("", "平面图", "pmt", "pingmian", "操作间", "消防")]
    [1, 1, 1, 1, 1, 0]
    """
    words = plain(query).split()
    ranked = []
    for entry in entries:
        near = nearness(entry.writing, desk)
        fit = max((_rank(entry.writing, word, names or {}) for word in words), default=0)
        if fit < NO_FIT and (words or near < ELSEWHERE):
            ranked.append((near, fit, -entry.id, entry))
    return [entry for *_, entry in sorted(ranked, key=lambda each: each[:3])][:FOUND_MAX]


def nearness(writing: Writing, desk: Desk) -> int:
    """How near an entry is to what is on the desk: this scenario, this matter, another scenario, any, elsewhere."""
    if desk.matter and f"{desk.matter}.{desk.scenario}" in writing.about:
        return 0
    if desk.matter in writing.about:
        return 1
    if any(each.partition(".")[0] == desk.matter for each in writing.about):
        return 2
    return ELSEWHERE if writing.about else 3


def _rank(writing: Writing, word: str, names: Mapping[str, str]) -> int:
    spelled = _spelled(writing)
    fits = (
        any(title.startswith(word) for title in spelled.titles),
        any(word in title for title in spelled.titles),
        any(sound.startswith(word) for sound in spelled.sounds),
        len(word) > 1 and any(word in sound for sound in spelled.sounds),
        word in spelled.codes,
        any(word in body for body in spelled.bodies),
        any(word in plain(names.get(code.upper(), "")) for code in spelled.codes),
    )
    return fits.index(True) if True in fits else NO_FIT


@dataclass(frozen=True, slots=True)
class _Spelled:
    titles: tuple[str, ...]
    sounds: tuple[str, ...]
    codes: tuple[str, ...]
    bodies: tuple[str, ...]


@lru_cache(maxsize=10_000)
def _spelled(writing: Writing) -> _Spelled:
    return _Spelled(
        titles=(plain(writing.title_zh), plain(writing.title_en)),
        sounds=(initials(writing.title_zh), syllables(writing.title_zh)),
        codes=tuple(plain(each).partition(".")[0] for each in writing.about),
        bodies=(plain(writing.body_zh), plain(writing.body_en)),
    )
