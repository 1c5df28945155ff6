"""A case that comes by post."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from queue_server.cases.core import rejections as no
from queue_server.cases.core import stages
from queue_server.cases.core.entrustment import visits
from queue_server.cases.core.mail import add_parcel, mailed, parcel_from
from queue_server.cases.core.model import Case, Mark, Stage, WayBack

from .stories import CLERK, MONDAY, accepted, draft, looked_at, on, received

HERE, GONE = Mark.PRESENT, Mark.MISSING
DUE = date(2026, 12, 7)  # Of a notice that is given on Monday.


def posted(waybill: str, day: date, opened: date | None = None) -> Case:
    """A case whose notice was answered by a parcel."""
    case = mailed(
        replace(draft(), ticket_id=None, number=None),
        parcel_from(CLERK, on(MONDAY), "EMS", "EX100000001CN", MONDAY),
        WayBack.MAIL,
    )
    case = stages.notify(received(case, GONE, HERE, HERE, HERE), CLERK, on(MONDAY)).case
    step = add_parcel(case, CLERK, parcel_from(CLERK, on(opened or day), "EMS", waybill, day))
    assert ("late" in step.details) == (day > DUE)
    return step.case


def test_a_second_parcel_ends_the_days_to_supplement_and_what_is_in_it_is_accepted() -> None:
    case = posted("EX100000002CN", MONDAY + timedelta(days=4))
    assert (case.stage, len(case.parcels)) == (Stage.RECEIVED, 2)
    tuesday = MONDAY + timedelta(days=8)
    case = stages.accept(looked_at(case, [HERE] * 4), CLERK, on(tuesday)).case
    assert (case.counted_from, visits(case)) == (tuesday, 0)


@pytest.mark.parametrize("day", [DUE, DUE + timedelta(days=1)])
def test_the_postmark_says_whether_a_supplement_came_in_time(day: date) -> None:
    assert posted("EX100000002CN", day, opened=DUE + timedelta(days=4)).stage is Stage.RECEIVED


def test_a_parcel_is_noted_once_and_never_before_it_was_posted() -> None:
    with pytest.raises(no.ParcelKnown):
        posted("EX100000001CN", MONDAY)
    with pytest.raises(no.PostmarkUnfit):
        parcel_from(CLERK, on(MONDAY), "EMS", "EX100000003CN", MONDAY + timedelta(days=1))


def test_nothing_is_added_to_a_case_that_is_over() -> None:
    case = stages.withdraw(accepted(draft()), CLERK, on(MONDAY)).case
    with pytest.raises(no.CaseElsewhere):
        add_parcel(case, CLERK, parcel_from(CLERK, on(MONDAY), "EMS", "EX100000001CN", MONDAY))
