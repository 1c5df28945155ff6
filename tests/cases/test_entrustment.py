"""A case that an agent brings for somebody who stays at home."""

import pytest
from msgspec.structs import replace

from queue_server.cases.core import rejections as no
from queue_server.cases.core import stages
from queue_server.cases.core.entrustment import deliver, entrusted, visits
from queue_server.cases.core.messages import text_key
from queue_server.cases.core.model import Actor, Case, Entruster, Mark, PhoneOf

from .stories import CLERK, MONDAY, REVIEWER, accepted, draft, looked_at, on

AGENT, OTHER_AGENT = Actor("a01", "村居代办员"), Actor("a02", "另一位代办员")


def from_home() -> Case:
    """A case as its agent opens it: there is no ticket, and no window."""
    case = replace(draft(), ticket_id=None, number=None)
    return entrusted(case, AGENT, on(MONDAY), Entruster.APPLICANT, PhoneOf.APPLICANT)


def handed_to_the_agent() -> Case:
    """The same once it was decided and the desk has given the result to its agent."""
    case = stages.take_up(accepted(from_home()), REVIEWER, on(MONDAY)).case
    case = stages.decide(case, REVIEWER, on(MONDAY), approved=True).case
    case = stages.announce(case, CLERK, on(MONDAY), "3842 0197").case
    return stages.hand_over(case, CLERK, on(MONDAY), "agent", "MZ1").case


def test_a_receipt_does_not_wait_for_what_the_window_will_check_and_the_acceptance_does() -> None:
    case = looked_at(from_home(), [Mark.PRESENT, Mark.LICENCE, Mark.TO_CHECK, Mark.PRESENT], AGENT)
    case = stages.receive(case, AGENT, on(MONDAY), "H1-2026-000001").case
    for deed in (stages.accept, stages.notify):
        with pytest.raises(no.Unchecked):
            deed(case, CLERK, on(MONDAY))
    case = stages.tick(case, CLERK, 2, Mark.VERIFIED).case
    assert stages.accept(case, CLERK, on(MONDAY)).case.accepted is not None


def test_an_agent_neither_accepts_nor_decides_on_what_they_have_brought() -> None:
    case = stages.receive(looked_at(from_home(), [Mark.PRESENT] * 4), AGENT, on(MONDAY), "H1-1").case
    with pytest.raises(no.AgentBrought):
        stages.accept(case, AGENT, on(MONDAY))
    both = Actor(AGENT.id, AGENT.name, reviewer=True)
    with pytest.raises(no.AgentBrought):
        stages.take_up(stages.accept(case, CLERK, on(MONDAY)).case, both, on(MONDAY))


def test_whoever_has_an_agent_never_comes_to_the_hall() -> None:
    assert visits(handed_to_the_agent()) == 0
    assert visits(accepted(draft())) == 1


def test_whoever_has_an_agent_is_not_sent_to_the_hall_for_the_result() -> None:
    decided = stages.decide(
        stages.take_up(accepted(from_home()), REVIEWER, on(MONDAY)).case, REVIEWER, on(MONDAY), approved=True
    ).case
    ready = stages.announce(decided, CLERK, on(MONDAY), "3842 0197")
    handed = stages.hand_over(ready.case, CLERK, on(MONDAY), "agent", "MZ1")
    assert [text_key(step, None) for step in (ready, handed)] == [
        "case.result_ready.agent",
        "case.with_agent",
    ]


def test_a_delivery_accounts_for_every_paper_and_happens_once() -> None:
    case = handed_to_the_agent()
    for returned, kept in (((0, 2), ()), ((0, 1), (1, 2, 3)), ((0, 1, 2, 3), (4,))):
        with pytest.raises(no.PapersUnchecked):
            deliver(case, AGENT, on(MONDAY), returned=returned, kept=kept)
    case = deliver(case, AGENT, on(MONDAY), returned=(1, 2, 3), kept=(0,)).case
    with pytest.raises(no.DeliveredAlready):
        deliver(case, AGENT, on(MONDAY), returned=(1, 2, 3), kept=(0,))


def test_nothing_is_delivered_before_the_desk_has_handed_it_over_nor_by_anybody_else() -> None:
    with pytest.raises(no.CaseElsewhere):
        deliver(accepted(from_home()), AGENT, on(MONDAY), returned=(0, 1, 2, 3), kept=())
    with pytest.raises(no.CaseUnknown):
        deliver(handed_to_the_agent(), OTHER_AGENT, on(MONDAY), returned=(0, 1, 2, 3), kept=())
