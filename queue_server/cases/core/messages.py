"""What applicants are told on their phones about their case: once for each step that concerns them."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from notify.messages import Message, Priority
from queue_server.cases.core.model import Case, Channel, Step

CASE: Final = "case"  # How subjects begin that are about a case without a ticket.
KEEP_SECONDS: Final = 24 * 3600  # A case lasts for days: what could not be sent today is still true tomorrow.


def message(
    step: Step, occurrence: int, channels: Sequence[str], language: str, due_on: date | None
) -> Message | None:
    """What one step says to whoever left a phone with the ticket, if it says anything."""
    key = text_key(step, due_on)
    if key is None or not channels:
        return None
    case = step.case
    return Message(
        hall_id=case.hall_id,
        subject=subject(case),
        kind=f"case.{step.name}",
        occurrence=occurrence,
        channels=tuple(channels),
        text_key=key,
        priority=Priority.REST,
        keep_seconds=KEEP_SECONDS,
        values=values(case, None if step.name == "supplement_asked" else due_on),
        language=language,
    )


def subject(case: Case) -> str:
    """What messages about a case are about: the ticket, which has a phone, or else the case."""
    if case.ticket_id is None:
        return f"{CASE}:{case.hall_id}/{case.id}"
    return f"{case.hall_id}/{case.ticket_id}"


def text_key(step: Step, due_on: date | None) -> str | None:
    """Which sentence a step is told by."""
    match step.name:
        case "result_ready" if step.case.channel is Channel.AGENT:
            return "case.result_ready.agent"  # Nobody is sent to the hall who has stayed at home.
        case "parcel_arrived":
            return "case.parcel_arrived" if step.case.receipt_no is not None else None
        case "received" | "notified" | "refused" | "result_ready" | "posted" | "came_back":
            return f"case.{step.name}"
        case "decided" if step.case.part is not None:
            # A member that was granted is one step on the way; one that was not changes what to expect.
            return None if step.details.get("approved") else "case.member_denied"
        case "closed":
            return "case.chain_closed"
        case "supplement_asked":
            return "case.notified"
        case "handed_over" if step.case.channel is Channel.AGENT:
            return "case.with_agent"
        case "delivered":
            return "case.delivered"
        case "handed_over":
            return "case.delivered.electronic" if step.case.way == "electronic" else "case.delivered"
        case "accepted":
            return "case.accepted" if due_on is not None and not step.case.subject.immediate else None
        case "decided":
            approved = step.case.decision is not None and step.case.decision.approved
            return "case.decided.approved" if approved else "case.decided.denied"
        case _:
            return None


def values(case: Case, due_on: date | None) -> dict[str, str | int]:
    """What the sentences name: never a person, never a matter."""
    number = case.receipt_no if case.part is None else case.part.receipt_no
    told: dict[str, str | int] = {"receipt": number or ""}
    if due_on is not None:
        told["date"] = due_on.isoformat()
    elif case.notices:
        told |= {"count": len(case.notices[-1].gaps), "date": case.notices[-1].due_on.isoformat()}
    if case.pickup is not None:
        told["code"] = case.pickup
    if case.waybill is not None:
        told["waybill"] = case.waybill
    return told
