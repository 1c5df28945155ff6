"""Numbers by which people and firms are known, and whether they can be right.

resident   an identity number, GB 11643: region, birthday, order, and a check digit (ISO 7064, 11-2)
firm       a unified social credit code, GB 32100: seventeen characters and a check character, 31-1
permit     whatever stands on a passport or a permit; nobody can check it
"""

import re
from datetime import date
from typing import Final, Literal

from queue_server.cases.core.rejections import CreditCodeUnfit, IdentityOld, IdentityUnfit, PermitUnfit

IdentityKind = Literal["resident", "firm", "permit"]

IDENTITY_CHECKS: Final = "10X98765432"
FIRM_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # Without those that look like others.
FIRST_BIRTHDAY: Final = date(1880, 1, 1)
TAIL: Final = 4  # Characters of a number that stay legible.


def checked(kind: IdentityKind, written: str, today: date) -> str:
    """The number as we keep it. Refused if it cannot be one.

    >>> checked("resident", " 11010519491231002x ", date(2026, 11, 23))
    '11010519491231002X'
    """
    number = re.sub(r"\s", "", written).upper()
    match kind:
        case "resident":
            check_identity(number, today)
        case "firm":
            check_credit_code(number)
        case "permit":
            if not re.fullmatch(r"[A-Z0-9]{5,20}", number):
                raise PermitUnfit
    return number


def check_identity(number: str, today: date) -> None:
    """Refuse what is no number of a resident's card: shape, birthday, check digit."""
    if re.fullmatch(r"[0-9]{15}", number):
        raise IdentityOld
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise IdentityUnfit
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityUnfit from None
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    if not FIRST_BIRTHDAY <= born <= today or IDENTITY_CHECKS[total % 11] != number[17]:
        raise IdentityUnfit


def check_credit_code(code: str) -> None:
    """Refuse what is no code of a firm.

    >>> check_credit_code("91330100799655058B")
    """
    if len(code) != 18 or any(letter not in FIRM_LETTERS for letter in code):
        raise CreditCodeUnfit
    total = sum(FIRM_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    if FIRM_LETTERS[-total % 31] != code[17]:
        raise CreditCodeUnfit


def masked_number(number: str) -> str:
    """A number of which only the end can be read.

    >>> masked_number("11010519491231002X")
    '**************002X'
    """
    legible = min(TAIL, len(number) // 2)
    return "*" * (len(number) - legible) + number[-legible:]
