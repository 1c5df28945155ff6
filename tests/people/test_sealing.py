"""Phones at rest: nobody reads them without the secret, and no row opens another's."""

import pytest

from queue_server.people.sealing import SealBroken, Sealer

SECRET, FORMER = b"s" * 32, b"f" * 32
PHONE = "+8619900000042"


def test_what_was_sealed_opens_again() -> None:
    sealer = Sealer(SECRET)
    assert sealer.open(sealer.seal(PHONE, table="t", row="1"), table="t", row="1") == PHONE


def test_a_sealed_phone_shows_nothing_of_the_phone() -> None:
    assert "0042" not in Sealer(SECRET).seal(PHONE, table="t", row="1")


def test_the_same_phone_is_never_sealed_the_same_way_twice() -> None:
    sealer = Sealer(SECRET)
    assert sealer.seal(PHONE, table="t", row="1") != sealer.seal(PHONE, table="t", row="1")


@pytest.mark.parametrize(("table", "row"), [("t", "2"), ("u", "1")])
def test_a_value_copied_to_another_row_does_not_open(table: str, row: str) -> None:
    sealer = Sealer(SECRET)
    sealed = sealer.seal(PHONE, table="t", row="1")
    with pytest.raises(SealBroken):
        sealer.open(sealed, table=table, row=row)


def test_another_secret_does_not_open_it() -> None:
    sealed = Sealer(SECRET).seal(PHONE, table="t", row="1")
    with pytest.raises(SealBroken):
        Sealer(FORMER).open(sealed, table="t", row="1")


@pytest.mark.parametrize("damaged", ["", "x", ".", "00000000.AAAA", "{key}.", "{key}.*", "{key}.AAAA"])
def test_damage_is_noticed(damaged: str) -> None:
    sealer = Sealer(SECRET)
    key = sealer.seal(PHONE, table="t", row="1").partition(".")[0]
    with pytest.raises(SealBroken):
        sealer.open(damaged.format(key=key), table="t", row="1")


def test_after_a_rotation_what_is_old_still_opens() -> None:
    sealed = Sealer(FORMER).seal(PHONE, table="t", row="1")
    assert Sealer(SECRET, former=(FORMER,)).open(sealed, table="t", row="1") == PHONE


def test_after_a_rotation_what_is_new_needs_the_new_secret() -> None:
    sealed = Sealer(SECRET, former=(FORMER,)).seal(PHONE, table="t", row="1")
    with pytest.raises(SealBroken):
        Sealer(FORMER).open(sealed, table="t", row="1")


def test_equal_phones_have_equal_indexes() -> None:
    assert Sealer(SECRET).index(PHONE) == Sealer(SECRET).index(PHONE)


def test_an_index_says_nothing_without_the_secret() -> None:
    assert Sealer(SECRET).index(PHONE) != Sealer(FORMER).index(PHONE)


def test_after_a_rotation_a_phone_is_found_under_both_indexes() -> None:
    rotated = Sealer(SECRET, former=(FORMER,))
    assert rotated.indexes(PHONE) == [Sealer(SECRET).index(PHONE), Sealer(FORMER).index(PHONE)]


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        Sealer(b"short")
