"""What counts as a password, and how it is kept."""

import asyncio

import pytest
from argon2 import PasswordHasher

from queue_server.people import passwords as module
from queue_server.people.actions import new_password
from queue_server.people.core import (
    Account,
    PasswordGuessable,
    PasswordTooLong,
    PasswordTooShort,
    Role,
    SignInBusy,
    as_login,
    check_password,
)
from queue_server.people.passwords import Passwords

SECRET = b"s" * 32
ANNA = Account("c09", "h1", "c09", "综合熟手", "c09", Role.CLERK)
CHIEF = Account("m01", "h1", "m01", "大厅主管", "m01", Role.MANAGER)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "twelve chars",
        "一二三四五六七八九十百千万",
        "😀😁😂🤣😃😄😅😆😉😊😋😎",
        "a" + "bcdefghij" * 7,
        "x1y2z3" * 42,
    ],
)
def test_any_characters_make_a_password_if_there_are_enough(password: str) -> None:
    check_password(password, ANNA)


@pytest.mark.parametrize(
    ("account", "password", "refusal"),
    [
        (ANNA, "eleven char", PasswordTooShort),
        (CHIEF, "fourteen chars", PasswordTooShort),
        (ANNA, "correct horse " * 19, PasswordTooLong),
        (ANNA, "aaaaaaaaaaaaaaaa", PasswordGuessable),
        (ANNA, "121212121212", PasswordGuessable),
        (ANNA, "my login is C09!", PasswordGuessable),
        (ANNA, "JingHao-2026-11", PasswordGuessable),
    ],
)
def test_what_is_short_or_easy_to_guess_is_refused(
    account: Account, password: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        check_password(password, account)


def test_a_password_we_hand_out_is_good_enough_for_everybody() -> None:
    check_password(new_password(), CHIEF)


def test_we_never_hand_out_the_same_password_twice() -> None:
    assert len({new_password() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("written", "login"),
    [
        ("c09", "c09"),
        (" C09 ", "c09"),
        ("Ｃ０９", "c09"),
        ("a b", None),
        ("", None),
        ("x" * 41, None),
        ("c\0", None),
    ],
)
def test_a_login_is_read_as_people_type_it(written: str, login: str | None) -> None:
    assert as_login(written) == login


async def test_the_right_password_fits() -> None:
    passwords = Passwords(SECRET)
    assert await passwords.fits(await passwords.hash("correct horse"), "correct horse")


async def test_the_same_password_in_full_width_letters_fits() -> None:
    passwords = Passwords(SECRET)
    assert await passwords.fits(await passwords.hash("correct horse"), "ｃｏｒｒｅｃｔ　ｈｏｒｓｅ")


@pytest.mark.parametrize("guess", ["", "correct hors", "correct horse ", "correct horse\0", "\ud800"])
async def test_any_other_password_does_not_fit(guess: str) -> None:
    passwords = Passwords(SECRET)
    assert not await passwords.fits(await passwords.hash("correct horse"), guess)


async def test_a_long_password_counts_to_its_last_character() -> None:
    passwords = Passwords(SECRET)
    assert not await passwords.fits(await passwords.hash("x" * 200 + "a"), "x" * 200 + "b")


async def test_without_the_pepper_a_stolen_hash_cannot_be_tried() -> None:
    kept = await Passwords(SECRET).hash("correct horse")
    assert not await Passwords(b"t" * 32).fits(kept, "correct horse")


async def test_nobody_has_a_password_that_fits_without_a_hash() -> None:
    assert not await Passwords(SECRET).fits(None, "nobody's password")


async def test_a_damaged_hash_fits_nothing() -> None:
    assert not await Passwords(SECRET).fits("$argon2id$what", "correct horse")


async def test_hashes_are_argon2id_with_19_mib_and_two_rounds() -> None:
    assert (await Passwords(SECRET).hash("correct horse")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_hash_with_lesser_parameters_is_noticed() -> None:
    assert Passwords(SECRET).is_weak(PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash("x"))


async def test_a_flood_of_guesses_is_sent_away_instead_of_piling_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_MAX", 2)
    passwords = Passwords(SECRET)
    answers = await asyncio.gather(*(passwords.fits(None, "guess") for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [bool, bool, SignInBusy, SignInBusy, SignInBusy]
