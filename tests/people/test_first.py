"""The first admin of an empty installation, from the command line."""

import pytest

from queue_server.kit.bus import Bus
from queue_server.kit.clock import SystemClock
from queue_server.kit.database import Database
from queue_server.people import first
from queue_server.people.actions import People
from queue_server.people.core import Role, SignInRefused
from queue_server.settings import Settings


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """The password, on a line of its own."""
    return capsys.readouterr().out.splitlines()[-1]


@pytest.fixture
def people(database: Database, settings: Settings) -> People:
    return People(database, Bus(), SystemClock(), secret=settings.key())


async def test_the_first_admin_signs_in_with_the_password_that_was_printed(
    people: People, settings: Settings
) -> None:
    password = await first.done("create", "Root", settings)
    signed_in = await people.sign_in("root", password)
    assert (signed_in.account.role, signed_in.account.hall_id) == (Role.ADMIN, None)


async def test_an_admin_who_is_locked_out_gets_a_new_password(people: People, settings: Settings) -> None:
    old = await first.done("create", "root", settings)
    new = await first.done("password", "root", settings)
    with pytest.raises(SignInRefused):
        await people.sign_in("root", old)
    assert await people.sign_in("root", new)


def test_the_password_stands_on_a_line_of_its_own(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert first.main("create", "root", settings) == 0
    assert len(printed(capsys)) == 19


@pytest.mark.parametrize(("deed", "login"), [("create", "two words"), ("password", "nobody")])
def test_what_cannot_be_done_is_one_sentence(
    settings: Settings, capsys: pytest.CaptureFixture[str], deed: str, login: str
) -> None:
    assert first.main(deed, login, settings) == 1
    assert capsys.readouterr().err.startswith("jinghao: ")
