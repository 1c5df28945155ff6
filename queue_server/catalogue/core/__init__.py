"""What people come for, and where it is done.

    matter     something one can apply for        group   the pool of windows where it is done
    scenario   the case one is in (lost, expired), which says what to bring
    leg        the part of a visit that one group can serve

Every matter has exactly one group. A matter which nobody mapped goes to general business, so nothing is
unroutable. A matter bound to a professional window needs a reason, because it counts against the promise that
any matter can be filed at one window.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal, get_args

from pypinyin import Style, lazy_pinyin

from queue_server.kit.rejections import Rejected

Kind = Literal["immediate", "committed"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class MatterUnknown(Rejected):
    """There is no matter with the code {matter} in this hall."""

    status = 404
    zh = "本大厅没有编码为{matter}的事项。"


class MatterClosed(Rejected):
    """The matter {matter} is not handled in this hall at present."""

    zh = "编码为{matter}的事项目前暂停办理。"


class ScenarioUnknown(Rejected):
    """None of the matters of this visit has a scenario {scenario}."""

    status = 404
    zh = "所选事项中没有编码为{scenario}的情形。"


class OneScenarioEach(Rejected):
    """Only one scenario of the matter {matter} can be chosen."""

    status = 422
    zh = "事项{matter}只能选择一种情形。"


@dataclass(frozen=True, slots=True)
class Material:
    """Something one has to bring, or need not."""

    name_zh: str
    name_en: str
    tolerable: bool = False  # May be handed in later, against a signature.
    exempt: bool = False  # The hall has it already, as an e-licence or by asking another office.
    only: tuple[str, ...] = ()  # The scenarios that need it; empty: all of them.


@dataclass(frozen=True, slots=True)
class Scenario:
    """The case one is in within a matter."""

    code: str
    name_zh: str
    name_en: str
    group_id: str | None = None  # Where this case is done, if not where the others are.


@dataclass(frozen=True, slots=True)
class Letter:
    """A department's delegation: until when the hall's windows may accept its matter, and whom to ask after that."""

    ends_on: date
    ask: str

    def has_ended(self, today: date) -> bool:
        """Whether it allows nothing any more. It does on its last day."""
        return self.ends_on < today


@dataclass(frozen=True, slots=True)
class Matter:
    """A thing one can apply for, as one hall offers it."""

    code: str
    name_zh: str
    name_en: str
    department_zh: str
    department_en: str
    theme: str
    group_id: str | None  # None: nobody mapped it, so it goes to general business.
    target_minutes: int  # How long taking it in should last.
    kind: Kind = "committed"
    tags: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    specialised_because: str = ""  # Why it is bound to a professional window; empty for nearly all.
    active: bool = True
    scenarios: tuple[Scenario, ...] = ()
    materials: tuple[Material, ...] = ()
    online_zh: str = ""  # Where it can be done without coming, ready to be read; empty if it cannot.
    online_en: str = ""
    committed_days: int | None = None  # Working days within which the hall promises a decision.
    statutory_days: int | None = None  # The hard line that the law draws.
    letter: Letter | None = field(default=None, compare=False)  # Kept beside the matter; most need none.

    def __hash__(self) -> int:
        """Quick, because a search asks for it a thousand times: two matters with one code and name are rare."""
        return hash((self.code, self.name_zh))

    def materials_for(self, scenario: str) -> tuple[Material, ...]:
        """What to bring in one case."""
        return tuple(each for each in self.materials if not each.only or scenario in each.only)


@dataclass(frozen=True, slots=True)
class Leg:
    """The part of a visit that one group can serve, and how long that should take."""

    group_id: str
    codes: tuple[str, ...]
    minutes: int
    scenarios: tuple[str, ...] = ()  # As "M15.expired".


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new list of matters would change."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


# ── Routing ─────────────────────────────────────────────────────────────────────────────────────


def route(
    matters: Mapping[str, Matter], codes: Iterable[str], default_group: str, scenarios: Iterable[str] = ()
) -> tuple[Leg, ...]:
    """Which groups a visit leads to, in the order in which the citizen named the matters.

    >>> card = Matter("M15", "居民身份证换领", "ID card renewal", "公安分局", "Police", "household", "A", 8)
    >>> card = replace(card, scenarios=(Scenario("lost", "遗失", "Lost", group_id="G"),))
    >>> licence = replace(card, code="M16", target_minutes=10, scenarios=())
    >>> unmapped = replace(card, code="M99", group_id=None)
    >>> known = {matter.code: matter for matter in (card, licence, unmapped)}
    >>> route(known, ["M15", "M16", "M15"], default_group="A")
    (Leg(group_id='A', codes=('M15', 'M16'), minutes=18, scenarios=()),)
    >>> [leg.group_id for leg in route(known, ["M99"], default_group="G")]
    ['G']
    >>> route(known, ["M15"], default_group="A", scenarios=["M15.lost"])
    (Leg(group_id='G', codes=('M15',), minutes=8, scenarios=('M15.lost',)),)
    """
    visit = {code: open_matter(matters, code) for code in codes}
    chosen = chosen_scenarios(visit, scenarios)
    by_group: dict[str, list[Matter]] = {}
    for matter in visit.values():
        by_group.setdefault(group_of(matter, default_group, chosen.get(matter.code)), []).append(matter)
    return tuple(
        Leg(
            group_id,
            tuple(matter.code for matter in legs),
            sum(matter.target_minutes for matter in legs),
            tuple(f"{matter.code}.{chosen[matter.code].code}" for matter in legs if matter.code in chosen),
        )
        for group_id, legs in by_group.items()
    )


def chosen_scenarios(visit: Mapping[str, Matter], scenarios: Iterable[str]) -> dict[str, Scenario]:
    """The case the citizen is in, by matter."""
    chosen: dict[str, Scenario] = {}
    for named in dict.fromkeys(scenarios):
        code, _, case = named.partition(".")
        found = [each for each in visit[code].scenarios if each.code == case] if code in visit else []
        if not found:
            raise ScenarioUnknown(scenario=named)
        if code in chosen:
            raise OneScenarioEach(matter=code)
        chosen[code] = found[0]
    return chosen


def group_of(matter: Matter, default_group: str, chosen: Scenario | None = None) -> str:
    """The one group where a matter is done; a case may have its own place."""
    own = None if chosen is None else chosen.group_id
    return own or matter.group_id or default_group


def mapped(matters: Mapping[str, Matter], group_ids: Collection[str]) -> Mapping[str, Matter]:
    """The matters as these groups do them: one whose group is gone falls to general business, and a case whose
    group is gone is done where its matter is.

    >>> card = Matter("M15", "居民身份证换领", "ID card renewal", "公安分局", "Police", "household", "H", 8)
    >>> mapped({"M15": card}, ["A", "B"])["M15"].group_id is None
    True
    """

    def kept(group_id: str | None) -> str | None:
        return group_id if group_id in group_ids else None

    return {
        code: replace(
            matter,
            group_id=kept(matter.group_id),
            scenarios=tuple(replace(each, group_id=kept(each.group_id)) for each in matter.scenarios),
        )
        for code, matter in matters.items()
    }


def open_matter(matters: Mapping[str, Matter], code: str) -> Matter:
    """The matter with this code, if one can apply for it here and now."""
    matter = matters.get(code)
    if matter is None:
        raise MatterUnknown(matter=code)
    if not matter.active:
        raise MatterClosed(matter=code)
    return matter


# ── The directory of a group ────────────────────────────────────────────────────────────────────


def with_directory(matters: Iterable[Matter], group_id: str, codes: Iterable[str]) -> tuple[Matter, ...]:
    """The matters after a group got a new directory: what it lists is done there, what it no longer lists
    falls back to general business.
    """
    listed = frozenset(codes)
    known = {matter.code: matter for matter in matters}
    for code in sorted(listed - known.keys()):
        raise MatterUnknown(matter=code)
    return tuple(_after_directory(matter, group_id, listed) for matter in known.values())


def _after_directory(matter: Matter, group_id: str, listed: frozenset[str]) -> Matter:
    if matter.code in listed:
        return matter if matter.group_id == group_id else replace(matter, group_id=group_id)
    if matter.group_id == group_id:
        return replace(matter, group_id=None, specialised_because="")
    return matter


def difference(before: Mapping[str, Matter], after: Mapping[str, Matter]) -> Difference:
    """What changes from one list of matters to another, to be looked at before it is applied."""
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(code for code in before.keys() & after.keys() if before[code] != after[code])),
    )


# ── Searching ───────────────────────────────────────────────────────────────────────────────────

NO_FIT = 8  # One more than the worst way to fit.


def search(matters: Iterable[Matter], query: str) -> list[Matter]:
    """The active matters that fit what somebody typed, the best first; everything for an empty query.

    People type a code, a piece of the name or of what they call it, pinyin with or without spaces, or only
    its initials: "sfz" finds 身份证. The case they are in ("遗失") or the office finds it too, after the
    names. Several words must all fit.

    >>> card = Matter("M15", "居民身份证换领", "ID card renewal", "公安分局", "Police", "household", "A", 8)
    >>> [matter.code for matter in search([card], "SFZ")]
    ['M15']
    """
    words = plain(query).split()
    ranked = [
        (worst, place, matter)
        for place, matter in enumerate(matters)
        if matter.active and (worst := max((_rank(matter, word) for word in words), default=0)) < NO_FIT
    ]
    return [matter for _, _, matter in sorted(ranked, key=lambda entry: entry[:2])]


def make_ready(matters: Iterable[Matter]) -> None:
    """Spell every matter beforehand: of a thousand that takes a moment, which nobody should wait for."""
    for matter in matters:
        _spelled(matter)


def _rank(matter: Matter, word: str) -> int:
    """How well one word fits: 0 is the code itself, the maximum is not at all."""
    spelled = _spelled(matter)
    if word not in spelled.everything:
        return NO_FIT  # Nearly all of a thousand matters: one look is enough.
    fits = (
        word == spelled.code,
        word in spelled.names or word in spelled.sounds,
        any(name.startswith(word) for name in spelled.names),
        any(word in name for name in spelled.names),
        any(sound.startswith(word) for sound in spelled.sounds),
        len(word) > 1 and any(word in sound for sound in spelled.sounds),
        any(word in case for case in spelled.cases),
        any(word in place for place in spelled.places),
    )
    return fits.index(True) if True in fits else NO_FIT


@dataclass(frozen=True)
class _Spelled:
    """Every way in which a matter may be typed."""

    code: str
    names: tuple[str, ...]
    sounds: tuple[str, ...]
    cases: tuple[str, ...]
    places: tuple[str, ...]

    @cached_property
    def everything(self) -> str:
        """All of it at once; a line for each way, so that no word fits across two."""
        return "\n".join((self.code, *self.names, *self.sounds, *self.cases, *self.places))


@lru_cache(maxsize=10_000)
def _spelled(matter: Matter) -> _Spelled:
    names = (matter.name_zh, *matter.synonyms, matter.name_en)
    cases = [name for case in matter.scenarios for name in (case.name_zh, case.name_en)]
    return _Spelled(
        code=plain(matter.code),
        names=tuple(plain(name) for name in names),
        sounds=tuple(sound for name in names for sound in (initials(name), syllables(name))),
        cases=tuple(way for case in cases for way in (plain(case), initials(case), syllables(case))),
        places=tuple(plain(place) for place in (matter.theme, matter.department_zh, matter.department_en)),
    )


def initials(name: str) -> str:
    """The first letters of the pinyin, as one types them in a hurry."""
    return _letters("".join(lazy_pinyin(name, style=Style.FIRST_LETTER)))


def syllables(name: str) -> str:
    """The pinyin without spaces."""
    return _letters("".join(lazy_pinyin(name)))


def _letters(sound: str) -> str:
    """A kiosk has letters and nothing else: brackets and dots would stand between them."""
    return "".join(filter(str.isalnum, plain(sound)))


def plain(text: str) -> str:
    """The text as it is compared, whatever its case."""
    return text.casefold().strip()
