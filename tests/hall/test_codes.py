"""The code on the screens, and the proof that somebody has scanned it."""

from datetime import UTC, datetime, timedelta

import pytest

from queue_server.hall.core.codes import PROOF_LASTS, Codes

NOW = datetime(2026, 11, 23, 1, 0, 0, tzinfo=UTC)  # A half minute begins.
CODES = Codes(b"k" * 32)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "is_fresh"), [(-30, True), (0, True), (29, True), (59, True), (60, False)]
)
def test_a_photograph_of_the_code_is_worth_nothing_a_minute_later(seconds: float, is_fresh: bool) -> None:
    assert CODES.is_fresh("h1", CODES.code("h1", NOW), later(seconds)) is is_fresh


@pytest.mark.parametrize(("hall_id", "key"), [("h2", b"k"), ("h1", b"x")])
def test_the_code_of_one_hall_opens_no_other(hall_id: str, key: bytes) -> None:
    assert not Codes(key * 32).is_fresh(hall_id, CODES.code("h1", NOW), NOW)


@pytest.mark.parametrize("code", ["", "A" * 16, "取号", "\0", "A" * 64])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert not CODES.is_fresh("h1", code, NOW)


def test_a_proof_lasts_for_as_long_as_one_needs_to_choose() -> None:
    proof = CODES.proof("h1", "phone-1", NOW)
    assert CODES.proven("h1", proof, NOW + PROOF_LASTS) == "phone-1"
    assert CODES.proven("h1", proof, NOW + PROOF_LASTS + timedelta(seconds=1)) is None


def test_a_proof_that_somebody_has_written_themselves_is_none() -> None:
    proof = CODES.proof("h1", "phone-1", NOW)
    later_on = NOW + timedelta(hours=1)
    forged = proof.replace(str(int(NOW.timestamp())), str(int(later_on.timestamp())))
    for given in (forged, proof.replace("phone-1", "phone-2"), "", "..", "a.b.c", "phone-1.x."):
        assert CODES.proven("h1", given, later_on) is None
    assert CODES.proven("h2", proof, NOW) is None
