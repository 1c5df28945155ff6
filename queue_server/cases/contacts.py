"""How to reach whoever a case is for, when it has no ticket.

Plain functions over a transaction, as `people/contacts.py` has them for tickets: a phone is written in the
same unit as its case, and stands nowhere else.
"""

from collections.abc import Sequence
from datetime import datetime

from queue_server.cases import store
from queue_server.kit.database import Transaction
from queue_server.people.core import Contact
from queue_server.people.sealing import Sealer


def remember(
    tx: Transaction, sealer: Sealer, case_id: int, phone: str, language: str, consent_at: datetime
) -> None:
    """Keep the phone of a case, sealed."""
    sealed = sealer.seal(phone, table="case_contacts", row=str(case_id))
    store.put_contact(tx, case_id=case_id, phone_sealed=sealed, language=language, consent_at=consent_at)


def read_many(tx: Transaction, sealer: Sealer, case_ids: Sequence[int]) -> dict[int, Contact]:
    """How to reach those whom some cases are for, by case."""
    return {
        row["case_id"]: Contact(
            sealer.open(row["phone_sealed"], table="case_contacts", row=str(row["case_id"])),
            row["language"],
            row["consent_at"],
        )
        for row in store.contacts(tx, case_ids)
    }


def forget_before(tx: Transaction, before: datetime) -> int:
    """Delete the phones of cases that ended before an instant, and say how many."""
    return store.forget_contacts(tx, before)
