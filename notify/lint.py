"""What carriers and providers want of a sentence, checked before they refuse it.

Mainland carriers read every template. The rules here are those of Aliyun and Tencent Cloud: no link, no
brackets of a signature, no two values side by side, nothing but values, no word of advertising, and no
more than seventy characters with the longest values, because the seventy-first costs a second message.
"""

import re
import string
from collections.abc import Mapping
from typing import Final

CHARACTERS_MAX: Final = 70
SIGNATURE_CHARACTERS: Final = 10  # The provider puts 【the hall's name】 in front, and that counts.

LINK: Final = re.compile(r"https?:|www\.|://|\.(cn|com|net|org)\b|[Uu][Rr][Ll]|[Ll]ink")
BRACKETS: Final = re.compile(r"[【】¥★]")
BANNED: Final = (
    "党政",
    "医疗",
    "年检",
    "邀请到店",
    "问卷",
    "调查",
    "公众号",
    "小程序",
    "推广",
    "优惠",
    "免费",
    "中奖",
    "点击",
)


def problems(sentence: str, longest: Mapping[str, str]) -> list[str]:
    """What is wrong with a sentence as a template; `longest` has the longest likely value of each name.

    >>> problems("{number}{window}", {"number": "A001", "window": "08"})
    ['values touch', 'nothing but values']
    """
    found = []
    if LINK.search(sentence):
        found.append("a link")
    if BRACKETS.search(sentence):
        found.append("brackets or signs of a signature")
    if "}{" in sentence:
        found.append("values touch")
    if not re.sub(r"\{\w+\}|\W", "", sentence):
        found.append("nothing but values")
    found += [f"the word {word}" for word in BANNED if word in sentence]
    length = len(sentence.format_map(longest)) + SIGNATURE_CHARACTERS
    if length > CHARACTERS_MAX:
        found.append(f"{length} characters")
    return found


def names_in(sentence: str) -> list[str]:
    """The values a sentence names, in their order.

    >>> names_in("{ahead} before {number}")
    ['ahead', 'number']
    """
    return [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
