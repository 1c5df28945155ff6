"""How to reach the citizen behind a ticket.

Plain functions over a transaction, so that a phone is written in the same unit as its ticket and deleted in
the same unit as whatever ends the need for it. The journal never sees any of this.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from queue_server.kit.database import Row, Transaction
from queue_server.people import store
from queue_server.people.core import Contact, WechatContact
from queue_server.people.sealing import Sealer

# What people agreed to, and the version of the sentence that said so.
GIVEN: Final = "given 1"  # The phone was left with the ticket.
BY_CODE: Final = "code 1"  # Somebody who has the phone read a code from it.


def remember(
    tx: Transaction,
    sealer: Sealer,
    hall_id: str,
    ticket_id: int,
    phone: str,
    language: str,
    consent_at: datetime,
    consent: str = GIVEN,
) -> None:
    """Keep the phone of a ticket, sealed, and what its owner has agreed to."""
    sealed = sealer.seal(phone, table="contacts", row=_row(hall_id, ticket_id))
    store.put_contact(tx, hall_id, ticket_id, sealed, sealer.index(phone), language, consent_at, consent)


def read(tx: Transaction, sealer: Sealer, hall_id: str, ticket_id: int) -> Contact | None:
    """How to reach the holder of a ticket, if they told us."""
    row = store.contact(tx, hall_id, ticket_id)
    return None if row is None else _contact(sealer, row)


def read_many(
    tx: Transaction, sealer: Sealer, tickets: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], tuple[Contact | None, WechatContact | None]]:
    """How to reach the holders of many tickets, by hall and ticket: by phone, in WeChat, or both."""
    phones = {
        (row["hall_id"], row["ticket_id"]): _contact(sealer, row) for row in store.contacts_of(tx, tickets)
    }
    openids = {
        (row["hall_id"], row["ticket_id"]): _wechat_contact(sealer, row)
        for row in store.wechat_contacts_of(tx, tickets)
    }
    return {key: (phones.get(key), openids.get(key)) for key in phones.keys() | openids.keys()}


def seal_asker(sealer: Sealer, phone: str) -> str:
    """The phone of somebody who asked by short message, to stand in the subject of the answer."""
    return sealer.seal(phone, table="outbox", row="answer")


def open_asker(sealer: Sealer, sealed: str) -> str:
    """The phone that an answer goes to."""
    return sealer.open(sealed, table="outbox", row="answer")


def tickets_of(tx: Transaction, sealer: Sealer, hall_id: str, phone: str) -> list[int]:
    """The tickets that were taken with this phone and are still remembered."""
    return store.tickets_of_phone(tx, hall_id, sealer.indexes(phone))


def remember_wechat(
    tx: Transaction,
    sealer: Sealer,
    hall_id: str,
    ticket_id: int,
    openid: str,
    link_token: str,
    language: str,
    consent_at: datetime,
) -> None:
    """Keep who took a new ticket in WeChat, and its link, sealed."""
    row = _row(hall_id, ticket_id)
    store.put_wechat_contact(
        tx,
        (
            hall_id,
            ticket_id,
            sealer.seal(openid, table="wechat_contacts", row=row),
            sealer.index(openid),
            sealer.seal(link_token, table="wechat_contacts", row=f"{row}/link"),
            language,
            consent_at,
        ),
    )


def bind_wechat(
    tx: Transaction,
    sealer: Sealer,
    hall_id: str,
    ticket_id: int,
    openid: str,
    link_token: str,
    language: str,
    consent_at: datetime,
) -> None:
    """Keep who hears of a ticket in WeChat from now on, in place of whoever did before."""
    store.forget_wechat_contact(tx, hall_id, ticket_id)
    remember_wechat(tx, sealer, hall_id, ticket_id, openid, link_token, language, consent_at)


def read_wechat(tx: Transaction, sealer: Sealer, hall_id: str, ticket_id: int) -> WechatContact | None:
    """Who took a ticket in WeChat, if somebody did."""
    row = store.wechat_contact(tx, hall_id, ticket_id)
    return None if row is None else _wechat_contact(sealer, row)


def tickets_of_openid(tx: Transaction, sealer: Sealer, hall_id: str, openid: str) -> list[int]:
    """The tickets that were taken by somebody in WeChat and are still remembered."""
    return store.tickets_of_openid(tx, hall_id, sealer.indexes(openid))


def forget(tx: Transaction, hall_id: str, ticket_id: int) -> None:
    """Delete the phone of a ticket."""
    store.forget_contact(tx, hall_id, ticket_id)


def forget_before(tx: Transaction, before: datetime) -> int:
    """Delete phones, openids and holders that were written before an instant, and say how many."""
    return (
        store.forget_contacts(tx, before)
        + store.forget_wechat_contacts(tx, before)
        + store.forget_holders(tx, before)
    )


def _contact(sealer: Sealer, found: Row) -> Contact:
    row = _row(found["hall_id"], found["ticket_id"])
    phone = sealer.open(found["phone_sealed"], table="contacts", row=row)
    return Contact(phone, found["language"], found["consent_at"])


def _wechat_contact(sealer: Sealer, found: Row) -> WechatContact:
    row = _row(found["hall_id"], found["ticket_id"])
    return WechatContact(
        sealer.open(found["openid_sealed"], table="wechat_contacts", row=row),
        sealer.open(found["link_sealed"], table="wechat_contacts", row=f"{row}/link"),
        found["language"],
        found["consent_at"],
    )


def _row(hall_id: str, ticket_id: int) -> str:
    return f"{hall_id}/{ticket_id}"
