"""What messages say, in both languages: `texts/*.json`, word for word as the templates that carriers have."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from queue_server.kit.texts import Language, Texts

TEXTS: Final = Texts.load(Path(__file__).parent / "texts")


def spoken(text_key: str, language: str, values: Mapping[str, str | int]) -> str:
    """The sentence as the citizen gets it. KeyError if a value is missing."""
    return TEXTS.t(text_key, known(language), **values)


def known(language: str) -> Language:
    """The language if we speak it, else Chinese."""
    return "en" if language == "en" else "zh"
