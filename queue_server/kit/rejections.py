"""Refusals: states of the world in which a request makes no sense.

A refusal is a class. Its docstring is the sentence people read in English, `zh` the same in Chinese, and
`code` what programs go by:

    class WindowBusy(Rejected):
        '''Window {window} is still serving {number}.'''

        zh = "{window}号窗口正在办理{number}。"

    raise WindowBusy(window="03", number="A001", state="serving")

Facts fill the sentences, and travel to the client as members of the problem.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, ClassVar

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Rejected(Exception):
    """This cannot be done now."""

    code: ClassVar[str] = "rejected"
    status: ClassVar[int] = 409
    zh: ClassVar[str] = "现在无法办理此操作。"

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = snake_case(cls.__name__)

    @property
    def en(self) -> str:
        """The sentence in English, filled with the facts."""
        return sentence(type(self)).format_map(_Facts(self.facts))

    @property
    def in_chinese(self) -> str:
        """The sentence in Chinese."""
        return self.zh.format_map(_Facts(self.facts))

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


class _Facts(dict[str, Any]):
    """A refusal must not turn into a failure because somebody forgot a fact."""

    def __missing__(self, name: str) -> str:
        return "…"


def sentence(rejection: type[Rejected]) -> str:
    """The English sentence of a refusal: its docstring, in one line."""
    return " ".join((inspect.getdoc(rejection) or "").split())


def snake_case(name: str) -> str:
    """The code of a class.

    >>> snake_case("NobodyWaiting"), snake_case("SMSRefused")
    ('nobody_waiting', 'sms_refused')
    """
    return _WORD.sub("_", name).lower()
