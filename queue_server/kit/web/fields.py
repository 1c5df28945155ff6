"""Fields of request bodies: strict, short, and fit to be shown on a screen or printed on a slip."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

SHORT_TEXT_CHARACTERS_MAX: Final = 200
LONG_TEXT_CHARACTERS_MAX: Final = 2000
COMBINING_MARKS_MAX: Final = 4  # On one character; real scripts get by with fewer.

# Invisible characters that a name needs: they join emoji and some scripts' letters.
JOINERS: Final = frozenset("\u200c\u200d")

_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_CHINESE_MOBILE = re.compile(r"1[3-9][0-9]{9}\Z")
_PHONE_DECORATION = re.compile(r"[ \-()\u00a0]")


class Body(BaseModel):
    """The body of a request. Nothing is guessed: `false` is no number, "1" is none either."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def fit_text(text: str) -> str:
    """The text without space around it. Refused if it is empty or has characters that trick a reader.

    Tricks are control characters (a line in a log, a command to a printer), marks that turn the reading
    direction round, other invisible characters, and letters under heaps of accents.
    """
    text = text.strip()
    if not any(unicodedata.category(character)[0] in "LNPS" for character in text):
        raise PydanticCustomError("text_empty", "empty")
    if not text.isprintable() and not all(map(_is_shown, text)):
        raise PydanticCustomError("text_unfit", "unfit")
    if not text.isascii() and _heap_of_marks(text):
        raise PydanticCustomError("text_unfit", "unfit")
    return text


def fit_lines(text: str) -> str:
    """The same for a text of several lines."""
    lines = text.strip().splitlines()
    return "\n".join(fit_text(line) if line.strip() else "" for line in lines) or fit_text(text)


def normal_phone(text: str) -> str:
    """The number as E.164 writes it; eleven digits are taken for a mainland mobile number.

    >>> normal_phone("138 0013 8000"), normal_phone("+852 5123-4567")
    ('+8613800138000', '+85251234567')
    """
    number = _PHONE_DECORATION.sub("", text)
    if number.startswith("00"):
        number = "+" + number[2:]
    national = number.removeprefix("+86")
    if _CHINESE_MOBILE.match(national):
        return "+86" + national
    if _E164.match(number) and not number.startswith("+86"):
        return number
    raise PydanticCustomError("phone_unknown", "unknown")


def written_instant(value: object) -> object:
    """The value if it may be an instant in words. A bare number could be seconds or milliseconds."""
    if not isinstance(value, str | datetime) or (isinstance(value, str) and "T" not in value.upper()):
        raise PydanticCustomError("datetime_from_date_parsing", "no instant")
    return value


def written_day(value: object) -> object:
    """The value if it is a day as 2026-11-30. A number could be anything."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) != 10:
        raise PydanticCustomError("date_from_datetime_parsing", "no day")
    return value


def in_utc(instant: datetime) -> datetime:
    """The instant as everybody here writes it. The years at both ends of the calendar may have none."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("datetime_from_date_parsing", "out of range") from None


ShortText = Annotated[str, StringConstraints(max_length=SHORT_TEXT_CHARACTERS_MAX), AfterValidator(fit_text)]
LongText = Annotated[str, StringConstraints(max_length=LONG_TEXT_CHARACTERS_MAX), AfterValidator(fit_lines)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Instant = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(written_instant), AfterValidator(in_utc)
]
Day = Annotated[date, Field(strict=False), BeforeValidator(written_day)]
Phone = Annotated[str, StringConstraints(min_length=7, max_length=24), AfterValidator(normal_phone)]


def _is_shown(character: str) -> bool:
    if character in JOINERS:
        return True
    # Zs: spaces of all widths. Everything else that is not printable is a control, a format character,
    # half a character, or not a character at all.
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _heap_of_marks(text: str) -> bool:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > COMBINING_MARKS_MAX:
            return True
    return False
