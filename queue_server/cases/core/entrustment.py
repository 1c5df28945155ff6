"""A case that somebody brings for a person who stays at home.

    entrust   the person has signed that an agent may hand it in and bring the result; the agent has seen it
    deliver   the agent is with them again: every paper is looked at together, and they sign

In between the case goes the way of every other. Its agent neither accepts it nor decides on it.
"""

from collections.abc import Collection

from msgspec.structs import replace

from queue_server.cases.core.model import (
    Actor,
    Case,
    Channel,
    Entruster,
    Entrustment,
    Mark,
    PhoneOf,
    Stage,
    Step,
    When,
)
from queue_server.cases.core.rejections import CaseUnknown, DeliveredAlready, NotDecided, PapersUnchecked
from queue_server.cases.core.stages import by, check_stage, step


def entrusted(case: Case, actor: Actor, now: When, entruster: Entruster, phone_of: PhoneOf | None) -> Case:
    """The case as its agent brings it."""
    return replace(
        case, channel=Channel.AGENT, entrustment=Entrustment(by(actor, now), entruster, phone_of=phone_of)
    )


def deliver(case: Case, actor: Actor, now: When, *, returned: Collection[int], kept: Collection[int]) -> Step:
    """Hand over what the desk gave the agent. Each paper is accounted for: it came back, or the hall keeps it."""
    entrustment = brought_by(case, actor)
    check_stage(case, Stage.CLOSED)
    if case.decision is None:
        raise NotDecided
    if entrustment.delivered is not None:
        raise DeliveredAlready
    open_papers = handed_in(case) ^ {*returned, *kept} | {*returned} & {*kept}
    if open_papers:
        raise PapersUnchecked(count=len(open_papers))
    after = replace(case, entrustment=replace(entrustment, delivered=by(actor, now)))
    return step(after, "delivered", actor, returned=len(returned), kept=len(kept))


def handed_in(case: Case) -> set[int]:
    """The places of the papers that were given away with the case."""
    return {place for place, item in enumerate(case.items) if item.mark is Mark.PRESENT}


def brought_by(case: Case, actor: Actor) -> Entrustment:
    """The word on which this agent has brought the case. Anybody else's case is unknown to them."""
    if case.entrustment is None or case.entrustment.by.id != actor.id:
        raise CaseUnknown
    return case.entrustment


def visits(case: Case) -> int:
    """How often whoever applies has come to the hall: to hand it in, and to collect the result."""
    came_with_it = case.channel is Channel.WINDOW
    came_for_it = case.channel is not Channel.AGENT and case.way == "desk"
    return came_with_it + came_for_it
