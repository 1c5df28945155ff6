"""How to reach a citizen: written with the ticket, read by the server only, deleted in time."""

from datetime import UTC, datetime, timedelta

import pytest

from queue_server.kit.database import Database, Duplicate, Transaction
from queue_server.people import contacts
from queue_server.people.core import Contact
from queue_server.people.sealing import SealBroken, Sealer

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
SEALER = Sealer(b"s" * 32)
PHONE, OTHER = "+8619900000042", "+8619900000043"


async def test_a_phone_comes_back_as_it_was_given(database: Database) -> None:
    await database.write(lambda tx: contacts.remember(tx, SEALER, "h1", 17, PHONE, "zh", NOW))
    assert await database.read(lambda tx: contacts.read(tx, SEALER, "h1", 17)) == Contact(PHONE, "zh", NOW)


async def test_a_ticket_without_a_phone_has_no_contact(database: Database) -> None:
    assert await database.read(lambda tx: contacts.read(tx, SEALER, "h1", 17)) is None


async def test_the_database_never_sees_the_phone(database: Database) -> None:
    await database.write(lambda tx: contacts.remember(tx, SEALER, "h1", 17, PHONE, "zh", NOW))
    rows = await database.read(lambda tx: tx.all("SELECT CAST(contacts AS text) AS row FROM contacts"))
    assert "9900000042" not in str(rows)


async def test_a_phone_copied_to_another_ticket_does_not_open(database: Database) -> None:
    await database.write(lambda tx: contacts.remember(tx, SEALER, "h1", 17, PHONE, "zh", NOW))
    await database.write(lambda tx: tx.execute("UPDATE contacts SET ticket_id = 18"))
    with pytest.raises(SealBroken):
        await database.read(lambda tx: contacts.read(tx, SEALER, "h1", 18))


async def test_the_tickets_of_a_phone_are_found_in_their_own_hall(database: Database) -> None:
    def unit(tx: Transaction) -> None:
        for hall_id, ticket_id, phone in [
            ("h1", 1, PHONE),
            ("h1", 2, OTHER),
            ("h1", 3, PHONE),
            ("h2", 4, PHONE),
        ]:
            contacts.remember(tx, SEALER, hall_id, ticket_id, phone, "zh", NOW)

    await database.write(unit)
    assert await database.read(lambda tx: contacts.tickets_of(tx, SEALER, "h1", PHONE)) == [1, 3]


async def test_a_contact_is_written_with_everything_else_or_not_at_all(database: Database) -> None:
    def unit(tx: Transaction) -> None:
        contacts.remember(tx, SEALER, "h1", 17, PHONE, "zh", NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(unit)
    assert await database.read(lambda tx: contacts.read(tx, SEALER, "h1", 17)) is None


async def test_a_ticket_has_one_contact(database: Database) -> None:
    await database.write(lambda tx: contacts.remember(tx, SEALER, "h1", 17, PHONE, "zh", NOW))
    with pytest.raises(Duplicate, match="contacts_pkey"):
        await database.write(lambda tx: contacts.remember(tx, SEALER, "h1", 17, OTHER, "zh", NOW))


async def test_old_phones_are_deleted_and_fresh_ones_kept(database: Database) -> None:
    await database.write(
        lambda tx: contacts.remember(tx, SEALER, "h1", 1, PHONE, "zh", NOW - timedelta(days=31))
    )
    await database.write(lambda tx: contacts.remember(tx, SEALER, "h1", 2, PHONE, "zh", NOW))
    assert await database.write(lambda tx: contacts.forget_before(tx, NOW - timedelta(days=30))) == 1
    assert await database.read(lambda tx: contacts.tickets_of(tx, SEALER, "h1", PHONE)) == [2]


async def test_a_citizen_can_be_forgotten_at_once(database: Database) -> None:
    await database.write(lambda tx: contacts.remember(tx, SEALER, "h1", 1, PHONE, "zh", NOW))
    await database.write(lambda tx: contacts.forget(tx, "h1", 1))
    assert await database.read(lambda tx: contacts.read(tx, SEALER, "h1", 1)) is None
