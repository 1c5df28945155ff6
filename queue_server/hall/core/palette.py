"""Colours of a hall's own: everything that is drawn in the accent, derived from it and still readable.

    seal        the accent itself, as a surface and as words       on_seal      words on it
    seal_deep   the same pressed or pointed at                     seal_tint    paper with a breath of it

A contrast is what WCAG calls so: from 1 (the same) to 21 (black on white). Words need 4.5.
"""

import re

from msgspec import Struct

CONTRAST_MIN = 4.5
ELDER_CONTRAST_MIN = 7.0
STEP = 0.02  # By which a colour is made darker or lighter while it is looked for.

# The papers and inks of the token file; a test holds them against it.
PAPER, RAISED, SUNKEN, INK = "#f5f1e8", "#fffdf7", "#ebe5d7", "#1b2430"
ON_SEAL = "#fffaf3"
WHITE, BLACK = "#ffffff", "#000000"

BACKGROUNDS = (PAPER, RAISED, SUNKEN, ON_SEAL)  # On which the accent stands as words, or which stands on it.


class Palette(Struct, frozen=True):
    """What is drawn in the accent, as #rrggbb."""

    seal: str
    seal_deep: str
    on_seal: str
    seal_tint: str


def is_colour(written: str) -> bool:
    """Whether this is a colour as we write it."""
    return re.fullmatch(r"#[0-9a-f]{6}", written) is not None


def palette(accent: str) -> Palette:
    """Everything that follows from an accent that stands out.

    >>> palette("#a32d1b").on_seal
    '#fffaf3'
    """
    return Palette(accent, mixed(accent, BLACK, 0.22), ON_SEAL, tint_of(accent, RAISED))


def elder_palette(accent: str) -> Palette:
    """The same in elder mode: on white, and with the contrast that weak eyes need."""
    seal = darkened(accent, (WHITE,), ELDER_CONTRAST_MIN)
    return Palette(seal, mixed(seal, BLACK, 0.22), WHITE, tint_of(seal, WHITE))


def stands_out(accent: str) -> bool:
    """Whether one can read the accent on every paper of the house, and words on the accent.

    >>> stands_out("#a32d1b"), stands_out("#e8b339")
    (True, False)
    """
    return lowest_contrast(accent) >= CONTRAST_MIN


def lowest_contrast(accent: str) -> float:
    """The contrast of an accent where it is hardest to read."""
    return min(contrast(accent, background) for background in BACKGROUNDS)


def nearest(accent: str) -> str:
    """The same colour, no darker than it must be to stand out."""
    return darkened(accent, BACKGROUNDS, CONTRAST_MIN)


def darkened(colour: str, backgrounds: tuple[str, ...], least: float) -> str:
    """A colour with as much black as it takes."""
    share = 0.0
    while min(contrast(mixed(colour, BLACK, share), each) for each in backgrounds) < least:
        share += STEP
    return mixed(colour, BLACK, min(share, 1.0))


def tint_of(accent: str, paper: str) -> str:
    """Paper with as much of the accent as leaves both ink and accent readable on it."""
    share = 0.14
    while contrast(mixed(paper, accent, share), accent) < CONTRAST_MIN and share > 0:
        share -= STEP
    return mixed(paper, accent, max(share, 0.0))


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with so much of another in it."""
    return "#" + "".join(
        f"{round(a + (b - a) * share):02x}" for a, b in zip(channels(colour), channels(other), strict=True)
    )


def contrast(one: str, other: str) -> float:
    """How well one colour can be told from another.

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """How bright a colour is to the eye, from 0 to 1."""
    red, green, blue = (linear(channel / 255) for channel in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    """A channel as light adds up."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def channels(colour: str) -> tuple[int, ...]:
    """Red, green and blue, from 0 to 255."""
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
