"""Chains of matters that belong to one thing in life: opening a company, opening a pharmacy.

    chain     its links, which wait for which, who leads, and the scenarios one can be in
    master    the case of the whole: one form, one receipt, one acceptance, one day by which all is done
    member    the case of one link: it begins when everything it waits for was granted

A chain is offered as a matter of its own, put together from those of its links, so the master is taken in like
any other case. Its acceptance splits it. From then on nobody decides anything about the master: what becomes of
it, and when a member begins, follows from the members (`follows`), whoever moved and in whatever order.

    master    … → accepted → in_chain → closed             withdrawn or terminated, and its members with it
    member    accepted | waiting → accepted → … → closed   waiting → dropped, when its ground was denied
"""

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from queue_server.cases.core.deadlines import paused_days
from queue_server.cases.core.model import (
    ENDED,
    GAPS,
    SATISFIED,
    UNDER_WAY,
    Actor,
    By,
    Case,
    Item,
    Mark,
    Member,
    Part,
    Stage,
    Step,
    When,
)
from queue_server.cases.core.rejections import ChainUnfit, MemberUnderWay
from queue_server.cases.core.stages import limit_days, step, subject
from queue_server.catalogue.core import Material, Matter, Scenario

CLOCK: Final = Actor("clock", "")
WITHOUT_SCENARIO: Final = ""


class Link(Struct, frozen=True):
    """One matter of a chain."""

    matter: str
    after: tuple[str, ...] = ()  # The matters whose results it waits for.
    gives: str = ""  # The material that its result is, for those that come after it.


class Situation(Struct, frozen=True):
    """A scenario of a chain: which one it means for each of its matters."""

    code: str
    name_zh: str
    name_en: str
    scenarios: dict[str, str]


class Chain(Struct, frozen=True):
    """Matters that are applied for together."""

    code: str
    name_zh: str
    name_en: str
    lead: str  # The matter whose department accepts for all.
    links: tuple[Link, ...]
    situations: tuple[Situation, ...] = ()


# ── What is offered ──────────────────────────────────────────────────────────────────────────────


def offered(chain: Chain, matters: Mapping[str, Matter]) -> Matter | None:
    """A chain as one can apply for it; nothing while one of its matters is not handled here."""
    if not all(link.matter in matters and matters[link.matter].active for link in chain.links):
        return None
    lead = matters[chain.lead]
    situations = [each.code for each in chain.situations] or [first_situation(chain)]
    lists = {each: asked(chain, matters, each) for each in situations}
    every = {name: material for materials in lists.values() for name, material in materials.items()}
    return dataclasses.replace(
        lead,
        code=chain.code,
        name_zh=chain.name_zh,
        name_en=chain.name_en,
        target_minutes=sum(matters[link.matter].target_minutes for link in chain.links),
        scenarios=tuple(Scenario(each.code, each.name_zh, each.name_en) for each in chain.situations),
        materials=tuple(only_in(material, lists) for material in every.values()),
        committed_days=promised_days(members(chain, matters, first_situation(chain))),
    )


def first_situation(chain: Chain) -> str:
    """The situation a chain is described by: its limits are the same in each."""
    return chain.situations[0].code if chain.situations else WITHOUT_SCENARIO


def asked(chain: Chain, matters: Mapping[str, Matter], situation: str) -> dict[str, Material]:
    """What to bring for the whole, once: not what several matters ask for again, nor what one gives another."""
    merged: dict[str, Material] = {}
    for link in chain.links:
        for material in materials_of(chain, matters, link, situation):
            if material.name_zh in given(chain, link):
                continue
            known = merged.get(material.name_zh, material)
            merged[material.name_zh] = dataclasses.replace(
                material,
                # It may come later only if none of them needs it at once.
                tolerable=known.tolerable and material.tolerable,
                exempt=known.exempt or material.exempt,
            )
    return merged


def members(chain: Chain, matters: Mapping[str, Matter], situation: str) -> tuple[Member, ...]:
    """The links of a chain as a case keeps them."""
    return tuple(
        Member(
            # Whatever is decided on the spot elsewhere is decided in the back office here: one acceptance
            # binds them all, and nobody decides on what they have accepted.
            subject=replace(
                subject(matters[link.matter], scenario_of(chain, matters, link, situation)), immediate=False
            ),
            after=link.after,
            needs=tuple(
                Item(each.name_zh, each.name_en, tolerable=each.tolerable, exempt=each.exempt)
                for each in materials_of(chain, matters, link, situation)
            ),
            given=tuple(sorted(given(chain, link))),
        )
        for link in chain.links
    )


def promised_days(links: Iterable[Member], stood_still: Mapping[str, int] | None = None) -> int:
    """Within how many working days the whole is done: the longest way through it, with what did not count."""
    waits = stood_still or {}
    known = {link.subject.code: link for link in links}
    return longest_path(
        {code: link.subject.limit_days + waits.get(code, 0) for code, link in known.items()},
        {code: link.after for code, link in known.items()},
    )


def longest_path(days: Mapping[str, int], after: Mapping[str, Collection[str]]) -> int:
    """How long it takes when everything begins as soon as it can.

    >>> longest_path({"a": 3, "b": 5}, {})
    5
    >>> longest_path({"a": 3, "b": 5}, {"b": ["a"]})
    8
    """
    done: dict[str, int] = {}
    while len(done) < len(days):
        ready = [
            each for each in days if each not in done and all(one in done for one in after.get(each, ()))
        ]
        if not ready:
            raise ChainUnfit  # They wait for one another, or for something that is not there.
        for each in ready:
            done[each] = days[each] + max((done[one] for one in after.get(each, ())), default=0)
    return max(done.values(), default=0)


def check_chain(chain: Chain, matters: Mapping[str, Matter]) -> None:
    """Refuse a chain that leads nowhere: unknown or repeated matters, a circle, a scenario nobody offers."""
    codes = [link.matter for link in chain.links]
    if len(codes) < 2 or len(set(codes)) < len(codes) or chain.lead not in codes or chain.code in matters:
        raise ChainUnfit
    if not all(code in matters for code in codes):
        raise ChainUnfit
    longest_path(dict.fromkeys(codes, 1), {link.matter: link.after for link in chain.links})
    for situation in chain.situations:
        for code in codes:
            offered_here = {each.code for each in matters[code].scenarios}
            chosen = situation.scenarios.get(code)
            if (chosen is None) != (not offered_here) or (chosen is not None and chosen not in offered_here):
                raise ChainUnfit


def given(chain: Chain, link: Link) -> frozenset[str]:
    """The materials that a matter gets from those before it, however far before."""
    known = {each.matter: each for each in chain.links}
    before = {one for code in link.after for one in (code, *ancestors(known, code))}
    return frozenset(known[code].gives for code in before if known[code].gives)


def ancestors(known: Mapping[str, Link], code: str) -> frozenset[str]:
    """Everything that has to be granted before a matter begins."""
    return frozenset(one for each in known[code].after for one in (each, *ancestors(known, each)))


def scenario_of(chain: Chain, matters: Mapping[str, Matter], link: Link, situation: str) -> Scenario | None:
    """The scenario of one matter, in one situation of the chain."""
    chosen = next(
        (each.scenarios.get(link.matter) for each in chain.situations if each.code == situation), None
    )
    return next((each for each in matters[link.matter].scenarios if each.code == chosen), None)


def materials_of(
    chain: Chain, matters: Mapping[str, Matter], link: Link, situation: str
) -> tuple[Material, ...]:
    """What one matter asks for, in one situation of the chain."""
    scenario = scenario_of(chain, matters, link, situation)
    return matters[link.matter].materials_for("" if scenario is None else scenario.code)


def only_in(material: Material, lists: Mapping[str, Mapping[str, Material]]) -> Material:
    """A merged material, with the situations that need it: none are named if all of them do."""
    needed = tuple(code for code, materials in lists.items() if material.name_zh in materials)
    return dataclasses.replace(material, only=() if len(needed) == len(lists) else needed)


# ── From one acceptance to its members ───────────────────────────────────────────────────────────


def entered(accepted: Step) -> Step:
    """The acceptance of a master: its members work from now on, and nobody decides on the whole."""
    return replace(accepted, case=replace(accepted.case, stage=Stage.IN_CHAIN))


def with_shorter_limits(case: Case, matters: Mapping[str, Matter]) -> Case:
    """A master under the limits of this day, where those are the shorter ones."""
    shorter = tuple(
        replace(
            each,
            subject=replace(
                each.subject,
                limit_days=min(each.subject.limit_days, limit_days(matters[each.subject.code])),
            ),
        )
        if each.subject.code in matters
        else each
        for each in case.members
    )
    days = promised_days(shorter)
    return replace(case, members=shorter, subject=replace(case.subject, limit_days=days))


def matters_in(case: Case) -> tuple[str, ...]:
    """The matters for which a case needs the leave of their departments."""
    return tuple(each.subject.code for each in case.members) or (case.subject.code,)


def split(master: Case, codes: Sequence[str]) -> tuple[Case, ...]:
    """The members of a master that has just been accepted, each as accepted as the whole."""
    assert master.accepted is not None  # Only what was accepted is split.
    return tuple(
        member_case(master, member, place, code)
        for place, (member, code) in enumerate(zip(master.members, codes, strict=True), start=1)
    )


def member_case(master: Case, member: Member, place: int, code: str) -> Case:
    """The case of one link. What the applicant brought once stands in each list that asks for it."""
    brought = {item.name_zh: item for item in master.items}
    items = tuple(brought.get(item.name_zh, item) for item in member.needs)
    owed = tuple(at for at, item in enumerate(items) if item.mark in GAPS)
    opened = master.accepted
    assert opened is not None  # See `split`.
    return Case(
        hall_id=master.hall_id,
        code=code,
        stage=Stage.WAITING if member.after else Stage.ACCEPTED,
        subject=member.subject,
        ticket_id=master.ticket_id,
        number=master.number,
        window_id=master.window_id,
        items=items,
        opened=opened,
        has_applicant=True,
        receipt_no=f"{master.receipt_no}-{place}",
        received=master.received,
        accepted=master.accepted,
        counted_from=None if member.after else master.counted_from,
        promise=None if master.promise is None or not owed else replace(master.promise, places=owed),
        part=Part(master.id, master.receipt_no or "", member.after, member.given),
    )


def check_begins(others: Iterable[Case], links: Iterable[Member]) -> None:
    """Refuse to apply for the whole once one of its matters has been received by itself."""
    codes = {link.subject.code for link in links}
    for other in others:
        if other.subject.code in codes and other.stage is not Stage.DRAFT and other.stage not in ENDED:
            raise MemberUnderWay(matter=other.subject.name_zh)


# ── What follows ─────────────────────────────────────────────────────────────────────────────────


def follows(master: Case, parts: Sequence[Case], now: When) -> list[Step]:
    """Everything that has to happen by itself, once a master or one of its members has changed.

    It looks at how things stand and not at what happened, so a process that died in between loses nothing, and
    asking twice does nothing twice.
    """
    steps: list[Step] = []
    known = {part.subject.code: part for part in parts}
    while True:
        due_steps = [
            each for part in known.values() if (each := next_step(master, known, part, now)) is not None
        ]
        for each in due_steps:
            known[each.case.subject.code] = each.case
        steps += due_steps
        if not due_steps:
            break
    return steps + whole(master, list(known.values()), now)


def next_step(master: Case, known: Mapping[str, Case], part: Case, now: When) -> Step | None:
    """What has to happen to one member, if anything."""
    if part.stage in UNDER_WAY and master.stage in (Stage.WITHDRAWN, Stage.TERMINATED):
        ended = replace(part, stage=master.stage, closed=by_clock(now))
        return step(ended, str(master.stage), CLOCK, whole=True)
    if (brought := brought_since(master, part)) is not None:
        return brought
    if part.stage is not Stage.WAITING:
        return None
    assert part.part is not None  # Nothing waits that is not a member.
    before = [known[code] for code in part.part.after]
    if all(granted(each) for each in before):
        return begin(part, now)
    lost = next((each for each in before if is_over(each) and not granted(each)), None)
    if lost is not None:
        dropped = replace(part, stage=Stage.DROPPED, closed=by_clock(now))
        return step(
            dropped, "dropped", CLOCK, matter={"zh": lost.subject.name_zh, "en": lost.subject.name_en}
        )
    return None


def begin(part: Case, now: When) -> Step:
    """A member begins: its clock runs from today, and the results before it stand in for papers."""
    assert part.part is not None  # Nothing waits that is not a member.
    given = part.part.given
    items = tuple(replace(item, mark=Mark.HELD) if item.name_zh in given else item for item in part.items)
    begun = replace(part, stage=Stage.ACCEPTED, counted_from=now.on, items=items)
    return step(begun, "begun", CLOCK, given=list(given) or None)


def brought_since(master: Case, part: Case) -> Step | None:
    """What was promised for the whole and has come, in the list of a member that asks for it."""
    came = {item.name_zh: item for item in master.items if item.mark in SATISFIED}
    if part.stage not in UNDER_WAY:
        return None
    items = tuple(came.get(item.name_zh, item) if item.mark in GAPS else item for item in part.items)
    return None if items == part.items else step(replace(part, items=items), "supplied", CLOCK)


def whole(master: Case, parts: Sequence[Case], now: When) -> list[Step]:
    """What follows for the master: a later day, because some clock stood still, or its end."""
    if master.stage is not Stage.IN_CHAIN:
        return []
    if all(part.stage in ENDED for part in parts):
        refused = sum(not granted(part) for part in parts)
        return [
            step(
                replace(master, stage=Stage.CLOSED, closed=by_clock(now)),
                "closed",
                CLOCK,
                refused=refused or None,
            )
        ]
    stood = {part.subject.code: paused_days(part, now.on) for part in parts if not is_paused(part)}
    days = promised_days(master.members, stood)
    if days <= master.subject.limit_days:
        return []
    later = replace(master, subject=replace(master.subject, limit_days=days))
    return [step(later, "promise_moved", CLOCK, days=days)]


def granted(part: Case) -> bool:
    """Whether a member was decided, and as its applicant wished."""
    return part.decision is not None and part.decision.approved


def is_over(part: Case) -> bool:
    """Whether nothing about a member is open any more, but for handing over."""
    return part.stage in ENDED or part.decision is not None


def is_paused(part: Case) -> bool:
    """Whether the clock of a member stands still."""
    return bool(part.pauses) and part.pauses[-1].until_on is None


def actor_of(master: Case) -> Actor:
    """Who accepted the whole, and with it each of its members."""
    assert master.accepted is not None  # See `split`.
    return Actor(master.accepted.id, master.accepted.name)


def by_clock(now: When) -> By:
    """Nobody did it: it followed."""
    return By(CLOCK.id, CLOCK.name, now.at, now.on)
