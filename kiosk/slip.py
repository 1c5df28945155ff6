"""What a slip says, from top to bottom. Pure: it knows neither printers nor halls.

A slip is lines, a rule between its parts, and one code to scan. It carries no personal data: no name, no
phone, and no word about why somebody may go first. It is short, because a citizen reads it while walking.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

TEXT_CHARACTERS_MAX: Final = 60  # Of one field, two lines and a half: paper is no place for an essay.
MATTERS_MAX: Final = 4
CUT: Final = "…"
JOINERS: Final = frozenset("\u200c\u200d")  # Invisible, and harmless on paper.

Say = Callable[..., str]  # A sentence by its key, filled.


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, so many times the size of ordinary type."""

    text: str
    scale: int = 1
    bold: bool = False
    inverse: bool = False  # White on black.


@dataclass(frozen=True, slots=True)
class Pair:
    """A word at the left, and what it is at the right."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code to scan."""

    text: str


Item = Line | Pair | Rule | Code
Slip = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is to be known about a ticket, in the language of whoever holds it."""

    hall: str
    number: str
    matters: tuple[str, ...]
    windows: str
    zone: str
    ahead: str
    wait: str
    taken_at: str
    link: str
    reprinted: bool = False


def slip(ticket: Ticket, say: Say) -> Slip:
    """The slip of a ticket."""
    return tuple(_items(ticket, say))


def _items(ticket: Ticket, say: Say) -> Iterator[Item]:
    yield Line(shown(ticket.hall), bold=True)
    if ticket.reprinted:
        yield Line(say("slip.copy"), scale=2, inverse=True)
    yield Line(say("slip.number"))
    yield Line(shown(ticket.number), scale=8, bold=True)
    for matter in ticket.matters[:MATTERS_MAX]:
        yield Line(shown(matter), bold=True)
    yield Rule()
    yield Line(say("slip.windows"))
    yield Line(shown(ticket.windows), scale=2, bold=True)
    if ticket.zone:
        yield Line(shown(ticket.zone))
    yield Rule()
    yield Pair(say("slip.ahead"), ticket.ahead)
    yield Pair(say("slip.wait"), ticket.wait)
    yield Pair(say("slip.taken"), ticket.taken_at)
    yield Rule()
    yield Code(ticket.link)
    yield Line(say("slip.follow"))
    yield Rule()
    yield Line(say("slip.silent"), bold=True)
    yield Line(say("slip.help"))


# ── Text on paper ────────────────────────────────────────────────────────────────────────────────


def shown(text: str, characters_max: int = TEXT_CHARACTERS_MAX) -> str:
    r"""The text with nothing in it that a printer could take for an order, or a reader for another text.

    What cannot be seen is spelled out, so that somebody who put it there is found out.

    >>> shown("A\x1b@\n\u202eB")
    'A\\x1b@ \\u202eB'
    """
    text = text[:characters_max] + (CUT if len(text) > characters_max else "")
    return "".join(map(_shown, text)).strip()


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if character in JOINERS:
        return ""
    if character in "\t\n\r" or unicodedata.category(character) == "Zs":
        return " "
    return character.encode("unicode_escape").decode()


def columns_of(text: str) -> int:
    """How many columns a text takes; a Chinese character takes two.

    >>> columns_of("A窗口")
    5
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns, broken between words, else between characters.

    >>> wrapped("统一出件 A window", 8)
    ['统一出件', 'A window']
    """
    lines, line = [], ""
    for word in _words(text):
        if columns_of((line + word).rstrip()) > columns and line:
            lines.append(line.rstrip())
            line = ""
            word = word.lstrip()
        while columns_of(word.rstrip()) > columns:
            head = _head(word, columns)
            lines.append(head)
            word = word[len(head) :]
        line += word
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _words(text: str) -> Iterator[str]:
    """Pieces between which a line may end: after a space, and beside a wide character."""
    piece = ""
    for character in text:
        wide = columns_of(character) == 2
        if piece and (wide or columns_of(piece[-1]) == 2) and character not in "，。、：；！？）)” ":
            yield piece
            piece = ""
        piece += character
        if character == " ":
            yield piece
            piece = ""
    if piece:
        yield piece


def _head(word: str, columns: int) -> str:
    taken = ""
    for character in word:
        if columns_of(taken + character) > columns:
            break
        taken += character
    return taken or word[:1]


def run_of(ids: Sequence[str], labels: Sequence[str], run: Callable[[str, str], str], comma: str) -> str:
    """Windows as people say them: "8 to 12" for neighbours, one by one for others.

    >>> run_of(["08", "09", "10", "13"], ["8", "9", "10", "13"], "{} to {}".format, ", ")
    '8 to 10, 13'
    """
    parts: list[list[int]] = []
    for place, each in enumerate(ids):
        last = ids[parts[-1][-1]] if parts else ""
        if each.isdecimal() and last.isdecimal() and int(each) == int(last) + 1:
            parts[-1].append(place)
        else:
            parts.append([place])
    return comma.join(
        run(labels[part[0]], labels[part[-1]]) if len(part) > 2 else comma.join(labels[i] for i in part)
        for part in parts
    )
