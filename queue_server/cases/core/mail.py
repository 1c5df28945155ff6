"""A case that comes by post, and what is posted later to complete it.

    notified → received     a parcel with what was wanting is there: the days to supplement are over

The postmark counts, and not the day on which somebody opened the parcel.
"""

from datetime import date

from msgspec.structs import replace

from queue_server.cases.core.model import (
    UNDER_WAY,
    Actor,
    Case,
    Channel,
    Parcel,
    Stage,
    Step,
    WayBack,
    When,
)
from queue_server.cases.core.rejections import ParcelKnown, PostmarkUnfit
from queue_server.cases.core.stages import AT_INTAKE, by, check_stage, step


def mailed(case: Case, parcel: Parcel, way_back: WayBack) -> Case:
    """The case as the mail room opens it."""
    return replace(case, channel=Channel.MAIL, parcels=(parcel,), way_back=way_back)


def parcel_from(actor: Actor, now: When, carrier: str, waybill: str, posted_on: date) -> Parcel:
    """A parcel as it is opened. Nothing arrives before it was posted."""
    if posted_on > now.on:
        raise PostmarkUnfit
    return Parcel(by(actor, now), carrier, waybill, posted_on)


def add_parcel(case: Case, actor: Actor, parcel: Parcel) -> Step:
    """More papers for a case that is there: what a notice named, or what was promised."""
    check_stage(case, Stage.DRAFT, *AT_INTAKE, *UNDER_WAY)
    if any(known.waybill == parcel.waybill for known in case.parcels):
        raise ParcelKnown(waybill=parcel.waybill)
    stage = Stage.RECEIVED if case.stage is Stage.NOTIFIED else case.stage
    after = replace(case, stage=stage, parcels=(*case.parcels, parcel))
    late = case.stage is Stage.NOTIFIED and parcel.posted_on > case.notices[-1].due_on
    return step(after, "parcel_arrived", actor, waybill=parcel.waybill, posted=parcel.posted_on, late=late)
