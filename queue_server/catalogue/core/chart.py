"""The flow chart of a guide: drawn from its steps, so that it can never say something else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from queue_server.catalogue.core.guides import FlowStep, Words

WIDTH: Final = 320
LINE: Final = 22
PADDING: Final = 14
GAP: Final = 34  # Room for the arrow.
UNITS_A_LINE: Final = 34  # A Chinese character takes two, a letter one.


@dataclass(frozen=True, slots=True)
class Box:
    """One step as it is drawn."""

    y: int
    height: int
    name: tuple[str, ...]
    below: tuple[str, ...]  # Who does it, and within how many days.


@dataclass(frozen=True, slots=True)
class Chart:
    """All steps from the top down."""

    height: int
    boxes: tuple[Box, ...]


def chart(steps: tuple[FlowStep, ...], language: Literal["zh", "en"]) -> Chart:
    """Where every step stands.

    >>> drawn = chart((FlowStep(Words("收件", "Taken in")), FlowStep(Words("决定", "Decided"), days=5)), "en")
    >>> [(box.y, box.name, box.below) for box in drawn.boxes], drawn.height
    ([(0, ('Taken in',), ()), (84, ('Decided',), ('5 working days',))], 156)
    """
    boxes, y = [], 0
    for step in steps:
        name = tuple(in_lines(said(step.name, language)))
        below = lines_below(said(step.who, language), days(step.days, language))
        height = LINE * (len(name) + len(below)) + 2 * PADDING
        boxes.append(Box(y, height, name, below))
        y += height + GAP
    return Chart(max(y - GAP, 0), tuple(boxes))


def lines_below(who: str, within: str) -> tuple[str, ...]:
    """Who and within what time: on one line where there is room for both."""
    both = " · ".join(filter(None, (who, within)))
    parts = [both] if width(both) <= UNITS_A_LINE else [who, within]
    return tuple(line for part in parts for line in in_lines(part))


def said(words: Words, language: str) -> str:
    """A text in the reader's language, or in Chinese where nobody has translated it."""
    return (words.en or words.zh) if language == "en" else words.zh


def days(count: int | None, language: str) -> str:
    """How long a step may take."""
    if count is None:
        return ""
    if language == "zh":
        return f"{count}个工作日" if count else "当场"
    return "on the spot" if count == 0 else "1 working day" if count == 1 else f"{count} working days"


def in_lines(text: str) -> Iterator[str]:
    """A text in lines that fit into a box; words are kept whole, Chinese may break anywhere."""
    line = ""
    for piece in pieces(text):
        if line and width(line + piece.rstrip()) > UNITS_A_LINE:
            yield line.strip()
            line = ""
        line += piece
    if line.strip():
        yield line.strip()


def pieces(text: str) -> Iterator[str]:
    """What must not be torn apart."""
    word = ""
    for character in text:
        if character == " " or not character.isascii():
            yield word + character if character == " " else word
            word = ""
            if character != " ":
                yield character
        else:
            word += character
    yield word


def width(text: str) -> int:
    """How wide a text is, about."""
    return sum(1 if character.isascii() else 2 for character in text)
