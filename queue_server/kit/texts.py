"""Every sentence that people read, in Chinese and in English, in files beside the pages that show it.

`texts/zh.json` and `texts/en.json` are one flat object each, from a key like "lobby.calls" to a sentence
with {placeholders}. Both must have the same keys, and a sentence the same placeholders in both.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

Language: TypeAlias = Literal["zh", "en"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT: Final[Language] = "zh"


class TextsDiffer(Exception):
    """The two languages do not say the same things. The message tells which."""


class Texts:
    """The sentences of one package, in both languages."""

    def __init__(self, sentences: Mapping[Language, Mapping[str, str]]) -> None:
        self._sentences = sentences
        _check(sentences)

    @classmethod
    def load(cls, folder: Path) -> Texts:
        """Read `zh.json` and `en.json`. TextsDiffer if they do not fit together."""
        return cls(
            {
                language: json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
                for language in LANGUAGES
            }
        )

    def t(self, key: str, language: Language = DEFAULT, **values: object) -> str:
        """The sentence. KeyError if there is none, or a value is missing."""
        return self._sentences[language][key].format_map(values)

    def everything(self) -> Mapping[Language, Mapping[str, str]]:
        """All sentences by language and key, for a page that changes its language by itself."""
        return self._sentences

    def __or__(self, other: Texts) -> Texts:
        """The sentences of both; where they have the same key, the other's."""
        return Texts(
            {language: {**self._sentences[language], **other._sentences[language]} for language in LANGUAGES}
        )


def other(language: Language) -> Language:
    """The other language.

    >>> other("zh")
    'en'
    """
    return "en" if language == "zh" else "zh"


def placeholders_in(sentence: str) -> set[str]:
    """The names a sentence needs.

    >>> sorted(placeholders_in("{ahead} before you, about {minutes} minutes"))
    ['ahead', 'minutes']
    """
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def _check(sentences: Mapping[Language, Mapping[str, str]]) -> None:
    keys = {language: set(sentences[language]) for language in LANGUAGES}
    lonely = set.symmetric_difference(*keys.values())
    if lonely:
        raise TextsDiffer(f"only in one language: {', '.join(sorted(lonely))}")
    for key in keys[DEFAULT]:
        needed = [placeholders_in(sentences[language][key]) for language in LANGUAGES]
        if needed[0] != needed[1]:
            raise TextsDiffer(f"{key} needs other values in each language")
