"""Every ink can be read on every paper, in every mode and theme that tokens.css knows."""

import itertools
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "queue_server/static/css/tokens.css"
INKS = ("--ink", "--ink-soft", "--seal", "--seal-deep")
PAPERS = ("--paper", "--paper-raised", "--paper-sunken", "--seal-tint")
TEXT = [*itertools.product(INKS, PAPERS), ("--on-seal", "--seal"), ("--on-seal", "--seal-deep")]
EDGES = list(itertools.product(("--line-strong", "--focus"), ("--paper", "--paper-raised", "--paper-sunken")))
TEXT_CONTRAST_MIN = 4.5  # WCAG 2.2, 1.4.3.
EDGE_CONTRAST_MIN = 3.0  # WCAG 2.2, 1.4.11: the border of a button, the ring around what has the focus.

Colours = dict[str, str]


def modes() -> dict[str, Colours]:
    """The colours of every mode: those of `:root`, and what the mode's own block puts in their place."""
    css = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(encoding="utf-8"), flags=re.DOTALL)
    blocks: dict[str, Colours] = {}
    for selector, body in re.findall(r"([^{};]*:root[^{}]*)\{([^{}]*)\}", css):
        colours = dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-fA-F]{6})\b", body))
        blocks.setdefault(" ".join(selector.split()), {}).update(colours)
    plain = blocks[":root"]
    return {":root": plain} | {name: plain | own for name, own in blocks.items() if own}


@pytest.mark.parametrize("mode", modes())
def test_every_ink_can_be_read_on_every_paper(mode: str) -> None:
    assert too_faint(modes()[mode], TEXT, TEXT_CONTRAST_MIN) == []


@pytest.mark.parametrize("mode", modes())
def test_edges_and_the_ring_of_the_focus_can_be_seen(mode: str) -> None:
    assert too_faint(modes()[mode], EDGES, EDGE_CONTRAST_MIN) == []


def test_there_is_an_elder_mode_and_its_letters_are_blacker() -> None:
    plain, elder = modes()[":root"], modes()[":root[data-elder]"]
    for ink in INKS:
        assert contrast(elder[ink], elder["--paper"]) > contrast(plain[ink], plain["--paper"])


def too_faint(colours: Colours, pairs: list[tuple[str, str]], least: float) -> list[str]:
    found = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    return [f"{ink} on {paper}: {ratio:.2f}" for (ink, paper), ratio in found.items() if ratio < least]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours.

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """WCAG's relative luminance."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
