"""Signing in: who gets in, who does not, and how a session ends."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

import pytest
from argon2 import PasswordHasher
from structlog.testing import capture_logs

from queue_server.kit.bus import Bus, DeafBus
from queue_server.kit.clock import DrivenClock
from queue_server.kit.database import Database
from queue_server.people.actions import KNOWN_SECONDS, People
from queue_server.people.core import Account, AccountUnknown, Role, SignInRefused

ANNA = Account("c09", "h1", "c09", "综合熟手", "c09", Role.CLERK)
PASSWORD = "correct horse battery"


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock(datetime(2026, 11, 23, 1, tzinfo=UTC))


def people_of(
    database: Database,
    clock: DrivenClock,
    bus: Bus | None = None,
    monotonic: Callable[[], float] = lambda: 0.0,
) -> People:
    return People(database, bus or Bus(), clock, secret=b"s" * 32, monotonic=monotonic)


@pytest.fixture
async def people(database: Database, clock: DrivenClock) -> People:
    """The staff of a hall: Anna."""
    people = people_of(database, clock)
    await people.create_account(ANNA, password=PASSWORD, by="adm01")
    return people


async def fails(people: People, times: int, address: str = "10.0.0.1", login: str = "c09") -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            await people.sign_in(login, "wrong password", address=address)


async def test_a_fresh_database_knows_nobody(database: Database, clock: DrivenClock) -> None:
    assert await people_of(database, clock).accounts() == []


async def test_who_signs_in_is_known_by_the_token(people: People) -> None:
    signed_in = await people.sign_in("c09", PASSWORD)
    assert await people.whoami(signed_in.token) == ANNA


async def test_a_login_may_be_typed_in_capitals(people: People) -> None:
    assert (await people.sign_in(" C09 ", PASSWORD)).account == ANNA


@pytest.mark.parametrize(
    ("login", "password"),
    [("c09", "wrong"), ("c09", ""), ("nobody", PASSWORD), ("", PASSWORD), ("c\0", PASSWORD), ("\ud800", "x")],
)
async def test_everything_else_is_refused_in_the_same_words(
    people: People, login: str, password: str
) -> None:
    with pytest.raises(SignInRefused) as refusal:
        await people.sign_in(login, password)
    assert refusal.value.en.endswith("After 5 failures please wait 15 minutes.")


async def test_an_account_without_a_password_does_not_sign_in(people: People) -> None:
    await people.create_account(replace(ANNA, id="c10", login="c10"), by="adm01")
    with pytest.raises(SignInRefused):
        await people.sign_in("c10", "")


async def test_a_stranger_learns_nothing_from_the_time_it_takes(people: People) -> None:
    async def seconds(login: str) -> float:
        began = perf_counter()
        with pytest.raises(SignInRefused):
            await people.sign_in(login, "wrong password", address=str(began))
        return perf_counter() - began

    known, unknown = [], []
    for _ in range(15):  # In turn, so that a busy machine slows down both alike.
        known.append(await seconds("c09"))
        unknown.append(await seconds("nobody"))
    assert median(unknown) == pytest.approx(median(known), rel=0.5)


async def test_neither_passwords_nor_tokens_are_logged(people: People) -> None:
    with capture_logs() as logs:
        token = (await people.sign_in("c09", PASSWORD)).token
        with pytest.raises(SignInRefused):
            await people.sign_in(PASSWORD.replace(" ", "-"), "wrong password")
    assert [entry["event"] for entry in logs] == ["signed_in", "sign_in_refused"]
    assert not any(secret in str(logs) for secret in (token, "horse", "wrong"))


# ── Too many attempts ───────────────────────────────────────────────────────────────────────────


async def test_after_five_failures_even_the_right_password_is_refused(people: People) -> None:
    await fails(people, 5)
    with pytest.raises(SignInRefused):
        await people.sign_in("c09", PASSWORD, address="10.0.0.1")


async def test_after_four_failures_the_right_password_still_lets_in(people: People) -> None:
    await fails(people, 4)
    assert await people.sign_in("c09", PASSWORD, address="10.0.0.1")


async def test_a_success_forgives_what_went_before(people: People) -> None:
    await fails(people, 4)
    await people.sign_in("c09", PASSWORD, address="10.0.0.1")
    await fails(people, 4)
    assert await people.sign_in("c09", PASSWORD, address="10.0.0.1")


async def test_a_stranger_elsewhere_does_not_lock_the_owner_out(people: People) -> None:
    await fails(people, 6, address="203.0.113.9")
    assert await people.sign_in("c09", PASSWORD, address="10.0.0.1")


async def test_locking_one_account_leaves_the_others_of_the_hall_alone(people: People) -> None:
    await people.create_account(replace(ANNA, id="c10", login="c10"), password=PASSWORD, by="adm01")
    await fails(people, 6)
    assert await people.sign_in("c10", PASSWORD, address="10.0.0.1")


async def test_the_lock_opens_after_fifteen_minutes(people: People, clock: DrivenClock) -> None:
    await fails(people, 6)
    clock.advance_to(clock() + timedelta(minutes=15))
    assert await people.sign_in("c09", PASSWORD, address="10.0.0.1")


async def test_trying_on_does_not_lock_for_longer(people: People, clock: DrivenClock) -> None:
    await fails(people, 5)
    clock.advance_to(clock() + timedelta(minutes=14))
    await fails(people, 3)
    clock.advance_to(clock() + timedelta(minutes=1))
    assert await people.sign_in("c09", PASSWORD, address="10.0.0.1")


async def test_guesses_made_side_by_side_are_all_counted(people: People) -> None:
    attempts = (people.sign_in("c09", "wrong password", address="10.0.0.1") for _ in range(5))
    await asyncio.gather(*attempts, return_exceptions=True)
    with pytest.raises(SignInRefused):
        await people.sign_in("c09", PASSWORD, address="10.0.0.1")


# ── Sessions ────────────────────────────────────────────────────────────────────────────────────


async def test_every_sign_in_gets_a_token_of_its_own(people: People) -> None:
    assert (await people.sign_in("c09", PASSWORD)).token != (await people.sign_in("c09", PASSWORD)).token


async def test_a_token_has_256_bits(people: People) -> None:
    assert len((await people.sign_in("c09", PASSWORD)).token) == 43


async def test_the_database_never_sees_a_token(people: People, database: Database) -> None:
    token = (await people.sign_in("c09", PASSWORD)).token
    rows = await database.read(lambda tx: tx.all("SELECT CAST(sessions AS text) AS row FROM sessions"))
    assert token not in str(rows)
    assert token.encode().hex() not in str(rows)


async def test_a_session_lasts_one_shift(people: People, clock: DrivenClock) -> None:
    token = (await people.sign_in("c09", PASSWORD)).token
    await people.whoami(token)
    clock.advance_to(clock() + timedelta(hours=10))
    assert await people.whoami(token) is None


async def test_an_invented_token_is_nobody(people: People) -> None:
    assert await people.whoami("x" * 43) is None


async def test_who_signs_out_is_out_at_once(people: People) -> None:
    token = (await people.sign_in("c09", PASSWORD)).token
    await people.whoami(token)
    await people.sign_out(token)
    assert await people.whoami(token) is None


async def test_signing_out_here_does_not_sign_out_elsewhere(people: People) -> None:
    here, there = await people.sign_in("c09", PASSWORD), await people.sign_in("c09", PASSWORD)
    await people.sign_out(here.token)
    assert await people.whoami(there.token) == ANNA


async def test_a_session_outlives_a_restart_of_the_server(
    people: People, database: Database, clock: DrivenClock
) -> None:
    token = (await people.sign_in("c09", PASSWORD)).token
    assert await people_of(database, clock).whoami(token) == ANNA


@pytest.mark.parametrize(
    ("change", "password"),
    [
        ({"disabled": True}, None),
        ({"role": Role.GUIDE}, None),
        ({"hall_id": "h2"}, None),
        ({}, "another password"),
    ],
    ids=["disabled", "another role", "another hall", "another password"],
)
async def test_losing_a_right_ends_every_session(
    people: People, change: dict[str, object], password: str | None
) -> None:
    token = (await people.sign_in("c09", PASSWORD)).token
    await people.whoami(token)
    await people.put_account(replace(ANNA, **change), password=password, by="adm01")  # type: ignore[arg-type]
    assert await people.whoami(token) is None


async def test_a_new_display_name_ends_no_session(people: People) -> None:
    token = (await people.sign_in("c09", PASSWORD)).token
    await people.put_account(replace(ANNA, display_name="综合能手"), by="adm01")
    account = await people.whoami(token)
    assert account is not None
    assert account.display_name == "综合能手"


async def test_other_processes_hear_that_a_session_ended(
    people: People, database: Database, clock: DrivenClock
) -> None:
    bus = Bus()
    here, there = people_of(database, clock, bus), people_of(database, clock, bus)
    token = (await here.sign_in("c09", PASSWORD)).token
    await there.whoami(token)
    await here.sign_out(token)
    assert await there.whoami(token) is None


async def test_a_process_that_heard_nothing_notices_within_two_seconds(
    people: People, database: Database, clock: DrivenClock
) -> None:
    passed = 0.0
    there = people_of(database, clock, DeafBus(), lambda: passed)
    token = (await people.sign_in("c09", PASSWORD)).token
    await there.whoami(token)
    await people.sign_out(token)
    passed = KNOWN_SECONDS
    assert await there.whoami(token) is None


async def test_a_token_is_not_looked_up_at_every_request(people: People, database: Database) -> None:
    token = (await people.sign_in("c09", PASSWORD)).token
    await people.whoami(token)
    await database.write(lambda tx: tx.execute("DELETE FROM sessions"))  # Behind everybody's back.
    assert await people.whoami(token) == ANNA


async def test_a_weak_hash_is_made_strong_at_the_next_sign_in(people: People, database: Database) -> None:
    peppered = people._passwords._peppered(PASSWORD)
    weak = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(peppered)
    await database.write(lambda tx: tx.execute("UPDATE accounts SET password_hash = :weak", weak=weak))
    await people.sign_in("c09", PASSWORD)
    row = await database.read(lambda tx: tx.one("SELECT password_hash FROM accounts"))
    assert row is not None
    assert "m=19456,t=2,p=1" in row["password_hash"]


async def test_tidying_forgets_what_is_over_and_nothing_else(
    people: People, database: Database, clock: DrivenClock
) -> None:
    await people.sign_in("c09", PASSWORD)
    await fails(people, 1)
    clock.advance_to(clock() + timedelta(hours=10))
    fresh = (await people.sign_in("c09", PASSWORD)).token
    await people.tidy()
    left = await database.read(
        lambda tx: tx.one(
            "SELECT (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM sign_in_failures) AS failures"
        )
    )
    assert left == {"sessions": 1, "failures": 0}
    assert await people.whoami(fresh) == ANNA


async def test_a_rehearsal_may_admit_somebody_without_a_password(people: People) -> None:
    assert await people.whoami((await people.admit(ANNA)).token) == ANNA


async def test_nobody_can_admit_a_stranger(people: People) -> None:
    with pytest.raises(AccountUnknown):
        await people.admit(replace(ANNA, id="c99"))
