"""Numbers and codes: what cannot be right is noticed before anybody is looked for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.cases.core import rejections as no
from queue_server.cases.core.codes import LETTERS, case_code, read_code, spelled_code
from queue_server.cases.core.identities import checked
from queue_server.kit.rejections import Rejected

TODAY = date(2026, 11, 23)
codes = st.lists(st.integers(0, 30), min_size=10, max_size=10).map(case_code)


@given(codes)
def test_a_code_is_read_as_it_was_printed(code: str) -> None:
    assert read_code(spelled_code(code).lower()) == code


@given(codes, st.integers(0, 11), st.sampled_from(LETTERS))
def test_one_wrong_letter_is_noticed(code: str, place: int, letter: str) -> None:
    wrong = code[:place] + letter + code[place + 1 :]
    assert read_code(wrong) == (code if wrong == code else None)


@given(codes, st.integers(0, 10))
def test_two_letters_that_changed_places_are_noticed(code: str, place: int) -> None:
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert read_code(wrong) == (code if wrong == code else None)


@pytest.mark.parametrize(
    ("kind", "number", "refused"),
    [
        ("resident", "11010519491231002X", None),
        ("resident", "110105194912310021", no.IdentityUnfit),  # The check digit.
        ("resident", "11010519491331002X", no.IdentityUnfit),  # A thirteenth month.
        ("resident", "110105491231002", no.IdentityOld),
        ("resident", "１１０１０５19491231002X", no.IdentityUnfit),
        ("firm", "91330100799655058B", None),
        ("firm", "91330100799655058A", no.CreditCodeUnfit),
        ("firm", "9133010079965505IB", no.CreditCodeUnfit),
        ("permit", "e12345678", None),
        ("permit", "'; DROP", no.PermitUnfit),
    ],
)
def test_a_number_is_checked_before_it_is_kept(
    kind: str, number: str, refused: type[Rejected] | None
) -> None:
    if refused is None:
        assert checked(kind, number, TODAY) == number.upper()  # type: ignore[arg-type]
    else:
        with pytest.raises(refused):
            checked(kind, number, TODAY)  # type: ignore[arg-type]
