"""Results that are ready to be collected, and how they are named where everybody can read.

A public list shows enough for people to find themselves, and too little for anybody else: of a person the
family name, of a code its beginning and its end.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from queue_server.kit.rejections import Rejected

DAYS_MAX: Final = 90
STAR: Final = "*"
CODE_HEAD, CODE_TAIL = 2, 4  # Characters of a code that stay legible, if it is long enough.
PERSON_CHARACTERS_MAX: Final = 6  # Who has a longer name in Chinese characters is no person but a firm.
FIRM_HEAD, FIRM_STARS, FIRM_TAIL = 2, 4, 2  # However long it is, it takes no more room than that.

FAMILY_NAMES: Final = (  # Those of two characters, one after the other.
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文"
    "司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生"
    "梁丘左丘西门第五南荣东里东宫仲长即墨达奚褚师爱新叶赫纳兰哥舒"
)
FAMILY_NAMES_OF_TWO: Final = frozenset(
    FAMILY_NAMES[place : place + 2] for place in range(0, len(FAMILY_NAMES), 2)
)


@dataclass(frozen=True, slots=True)
class Ready:
    """A result that somebody can collect, in clear: for the store to seal and for nobody to show."""

    name: str
    code: str
    window_id: str | None
    ready_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """The same as everybody may read it."""

    id: int
    name: str
    code: str
    window_id: str | None
    ready_at: datetime


class ResultUnknown(Rejected):
    """There is no such result here, or it has been collected."""

    status = 404
    zh = "没有这份待领结果，或已被领取。"


class NotAtIssuance(Rejected):
    """Only who hands out results, or a manager, may do this."""

    status = 403
    zh = "仅出件窗口人员或管理人员可以办理。"


# ── Masking ──────────────────────────────────────────────────────────────────────────────────────


def masked_name(name: str) -> str:
    """A name of which only the family name can be read.

    >>> [masked_name(name) for name in ("张三", "欧阳娜娜", "欧阳", "王")]
    ['张*', '欧阳**', '欧*', '*']
    >>> masked_name("买买提·艾力"), masked_name("John Smith")
    ('买**·**', 'J*** *****')
    >>> masked_name("示范区某某商贸有限公司")
    '示范****公司'
    """
    name = " ".join(name.split())
    if not name.strip(" ·"):
        return STAR
    chinese = [character for character in name if is_chinese(character)]
    if "·" not in name and len(chinese) == len(name) > PERSON_CHARACTERS_MAX:
        return name[:FIRM_HEAD] + STAR * FIRM_STARS + name[-FIRM_TAIL:]
    return starred(name, family_name_length(name), 0)


def masked_code(code: str) -> str:
    """A code of which only the beginning and the end can be read, and never more than half.

    >>> masked_code("JH20261123-0178"), masked_code("A012"), masked_code("7")
    ('JH*********0178', '**12', '*')
    """
    legible = min(CODE_HEAD + CODE_TAIL, len(code) // 2)
    tail = min(CODE_TAIL, legible)
    return starred(code, legible - tail, tail, spared="")


def starred(text: str, head: int, tail: int, spared: str = " ·") -> str:
    """The text with stars between its head and its tail; what separates words may stay."""
    return "".join(
        character if place < head or place >= len(text) - tail or character in spared else STAR
        for place, character in enumerate(text)
    )


def family_name_length(name: str) -> int:
    """How many characters at the beginning of a person's name may be read: never the whole name."""
    return min(2 if name[:2] in FAMILY_NAMES_OF_TWO and len(name) > 2 else 1, len(name) - 1)


def is_chinese(character: str) -> bool:
    """Whether it is a Chinese character."""
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"
