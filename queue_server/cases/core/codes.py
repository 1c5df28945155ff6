"""What a case is called: a number for the files, and a code by which its citizen asks.

    receipt   H1-2026-000123: hall, year, serial; one after the other, without a gap
    code      K7QM-X2PD-9HTB: ten characters of chance (49 bits) and two that check them

The alphabet has thirty-one letters, none of which looks like another, and thirty-one is a prime: so two check
characters find any two wrong letters and any two that changed places, before anybody looks into a table.
"""

import re
from collections.abc import Sequence
from typing import Final

LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CHANCE: Final = 10
CODE: Final = rf"[{LETTERS}]{{12}}"
CODE_WRITTEN: Final = r"^[A-Za-z0-9 -]{1,24}$"  # Whatever may be somebody's try at one.


def receipt_number(hall_id: str, year: int, serial: int) -> str:
    """The number on a receipt.

    >>> receipt_number("h1", 2026, 123)
    'H1-2026-000123'
    """
    return f"{hall_id.upper()}-{year}-{serial:06}"


def case_code(chances: Sequence[int]) -> str:
    """A code from ten numbers of chance below thirty-one.

    >>> spelled_code(case_code(range(10)))
    '2345-6789-ABGP'
    """
    plain, weighted = _checks(chances)
    return "".join(LETTERS[number] for number in (*chances, plain, weighted))


def read_code(written: str) -> str | None:
    """The code that somebody typed or scanned, or nothing if it cannot be one.

    >>> read_code("2345 6789-abgp"), read_code("2345-6789-ABGQ")
    ('23456789ABGP', None)
    """
    code = re.sub(r"[\s-]", "", written).upper()
    if not re.fullmatch(CODE, code):
        return None
    numbers = [LETTERS.index(letter) for letter in code]
    return code if tuple(numbers[CHANCE:]) == _checks(numbers[:CHANCE]) else None


def spelled_code(code: str) -> str:
    """A code as one reads it from paper."""
    return "-".join(re.findall("....", code))


def _checks(numbers: Sequence[int]) -> tuple[int, int]:
    base = len(LETTERS)
    return sum(numbers) % base, sum(place * number for place, number in enumerate(numbers, start=1)) % base
