"""Who works here: accounts, skills, and the trace that changes leave."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from queue_server.demo import definition
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database
from queue_server.people.actions import People
from queue_server.people.core import (
    Account,
    AccountExists,
    AccountUnknown,
    Level,
    LoginTaken,
    LoginUnusable,
    MentorMissing,
    Role,
)

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
ANNA = Account("c09", "h1", "c09", "综合熟手", "c09", Role.CLERK)
TRAINEE = Account("c12", "h1", "c12", "综合学员", "c12", Role.CLERK, trainee=True, mentor_id="c09")


@pytest.fixture
def people(database: Database) -> People:
    return People(database, Bus(), lambda: NOW, secret=b"s" * 32)


async def test_an_account_comes_back_as_it_was_created(people: People) -> None:
    await people.create_account(ANNA, by="adm01")
    assert await people.account("c09") == ANNA


async def test_an_account_that_does_not_exist_is_not_found(people: People) -> None:
    with pytest.raises(AccountUnknown):
        await people.account("c99")


async def test_a_login_is_kept_in_small_letters(people: People) -> None:
    await people.create_account(replace(ANNA, login="Anna"), by="adm01")
    assert (await people.account("c09")).login == "anna"


@pytest.mark.parametrize("login", ["", "安娜", "anna anna", "x" * 41])
async def test_a_login_that_nobody_could_type_is_refused(people: People, login: str) -> None:
    with pytest.raises(LoginUnusable):
        await people.create_account(replace(ANNA, login=login), by="adm01")


async def test_nobody_is_created_twice(people: People) -> None:
    await people.create_account(ANNA, by="adm01")
    with pytest.raises(AccountExists):
        await people.create_account(replace(ANNA, login="other"), by="adm01")


async def test_two_people_cannot_sign_in_with_one_name(people: People) -> None:
    await people.create_account(ANNA, by="adm01")
    with pytest.raises(LoginTaken):
        await people.create_account(replace(ANNA, id="c10"), by="adm01")


async def test_putting_an_account_twice_is_the_same_as_once(people: People) -> None:
    await people.put_account(ANNA, skills={"A": Level.PRIMARY}, by="adm01")
    await people.put_account(ANNA, skills={"A": Level.PRIMARY}, by="adm01")
    assert await people.accounts("h1") == [ANNA]


async def test_a_password_stays_unless_another_is_given(people: People) -> None:
    await people.put_account(ANNA, password="correct horse battery", by="adm01")
    await people.put_account(replace(ANNA, display_name="综合能手"), by="adm01")
    assert await people.sign_in("c09", "correct horse battery")


async def test_skills_say_how_readily_somebody_serves_a_group(people: People) -> None:
    await people.put_account(ANNA, skills={"A": Level.PRIMARY, "B": Level.EMERGENCY}, by="adm01")
    assert await people.skills_of("c09") == {"A": Level.PRIMARY, "B": Level.EMERGENCY}


async def test_new_skills_replace_the_old_ones(people: People) -> None:
    await people.put_account(ANNA, skills={"A": Level.PRIMARY}, by="adm01")
    await people.put_account(ANNA, skills={"B": Level.SECONDARY}, by="adm01")
    assert await people.skills_of("c09") == {"B": Level.SECONDARY}


async def test_skills_stay_unless_others_are_given(people: People) -> None:
    await people.put_account(ANNA, skills={"A": Level.PRIMARY}, by="adm01")
    await people.put_account(ANNA, by="adm01")
    assert await people.skills_of("c09") == {"A": Level.PRIMARY}


async def test_a_trainee_is_known_with_the_mentor(people: People) -> None:
    await people.put_account(ANNA, by="adm01")
    await people.put_account(TRAINEE, by="adm01")
    assert (await people.account("c12")).mentor_id == "c09"


@pytest.mark.parametrize("mentor_id", [None, "c99", "c12"])
async def test_a_trainee_without_a_real_mentor_is_refused(people: People, mentor_id: str | None) -> None:
    with pytest.raises(MentorMissing):
        await people.put_account(replace(TRAINEE, mentor_id=mentor_id), by="adm01")


async def test_the_staff_of_a_hall_are_its_own(people: People) -> None:
    elsewhere = replace(ANNA, id="a01", login="a01", hall_id="h2")
    await people.put_account(ANNA, by="adm01")
    await people.put_account(elsewhere, by="adm01")
    assert await people.accounts("h2") == [elsewhere]


@pytest.mark.parametrize(
    ("own", "there", "allowed"), [("h1", "h1", True), ("h1", "h2", False), (None, "h2", True)]
)
def test_people_work_in_their_own_hall_unless_they_have_none(
    own: str | None, there: str, allowed: bool
) -> None:
    assert replace(ANNA, hall_id=own).works_in(there) is allowed


async def test_every_change_leaves_a_trace_with_who_and_when(people: People, database: Database) -> None:
    await people.put_account(ANNA, by="adm01")
    await people.put_account(replace(ANNA, disabled=True), by="m01")
    history = await database.read(lambda tx: tx.all("SELECT * FROM account_history ORDER BY id"))
    assert [(row["changed_by"], row["account"]["disabled"], row["changed_at"]) for row in history] == [
        ("adm01", False, NOW),
        ("m01", True, NOW),
    ]


async def test_putting_what_is_there_already_leaves_no_trace(people: People, database: Database) -> None:
    await people.put_account(ANNA, by="adm01")
    await people.put_account(ANNA, by="adm01")
    assert len(await database.read(lambda tx: tx.all("SELECT * FROM account_history"))) == 1


async def test_the_trace_never_holds_a_password(people: People, database: Database) -> None:
    await people.put_account(ANNA, password="correct horse battery", by="adm01")
    history = await database.read(
        lambda tx: tx.all("SELECT CAST(h AS text) AS row FROM account_history AS h")
    )
    assert "argon2" not in str(history)
    assert "horse" not in str(history)


async def test_the_staff_of_the_demonstration_halls_can_be_put(people: People) -> None:
    for hall in (definition.read(definition.H1), definition.read(definition.H2)):
        for account in hall.accounts():
            await people.put_account(account, skills=hall.skills(account.id), by="system")
    assert len(await people.accounts()) == 28
