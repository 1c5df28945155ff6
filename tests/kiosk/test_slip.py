"""What stands on a slip, and what never does. Every slip is printed on paper of our own and read back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import slip as slips
from kiosk.printers import drawing
from kiosk.printers.escpos import can_spell, spelled
from kiosk.routes import pages
from kiosk.slip import Code, Line, Ticket, columns_of, slip, wrapped
from tests.kiosk.paper import Paper

LINK = "http://hall.example.gov.cn/t/abcdefghijklmnopqrstuv"
FONT = drawing.typeface(None)
PICTURE = Path(__file__).parents[2] / "docs" / "screenshots" / "slip.png"


def say(language: str = "zh") -> slips.Say:
    return lambda key, **filling: pages.texts.t(key, language, **filling)  # type: ignore[arg-type]


def ticket(**more: object) -> Ticket:
    known: dict[str, object] = {
        "hall": "示范区政务服务中心",
        "number": "L004",
        "matters": ("参保缴费证明开具",),
        "windows": "13号绿色通道窗口",
        "zone": "前台受理区",
        "ahead": "3 人",
        "wait": "8–15 分钟",
        "taken_at": "2026-11-23 09:32",
        "link": LINK,
    }
    return Ticket(**{**known, **more})  # type: ignore[arg-type]


def printed(one: Ticket, *, language: str = "zh", encoding: str = "gb18030", width: int = 576) -> Paper:
    order = spelled(slip(one, say(language)), encoding=encoding, width=width, font=FONT)
    read_as = encoding if encoding != "raster" else "gb18030"
    return Paper(width=width, encoding=read_as).printed(order)


def test_a_slip_says_who_where_when_and_how_long_in_this_order() -> None:
    paper = printed(ticket())
    assert paper.lines == [
        "示范区政务服务中心",
        "您的号码",
        "L004",
        "参保缴费证明开具",
        "-" * 48,
        "办理窗口",
        "13号绿色通道窗口",
        "前台受理区",
        "-" * 48,
        "前面等候" + " " * 36 + "3 人",
        "预计等候" + " " * 30 + "8–15 分钟",
        "取号时间" + " " * 24 + "2026-11-23 09:32",
        "-" * 48,
        "扫码看进度，轮到时手机振动",
        "-" * 48,
        "本厅静默叫号，不播语音",
        "请看大厅屏幕；过号或需要帮助，请找导办人员",
    ]
    assert paper.codes == [LINK]
    assert paper.cuts == 1


def test_a_slip_speaks_the_language_of_its_ticket() -> None:
    lines = printed(ticket(hall="Demonstration Hall"), language="en").lines
    assert "This hall calls in silence" in lines
    assert "Your number" in lines


def test_a_reprint_says_that_it_is_one() -> None:
    assert "重印 COPY" in printed(ticket(reprinted=True)).lines
    assert "重印 COPY" not in printed(ticket()).lines


def test_the_number_is_by_far_the_largest() -> None:
    scales = [item.scale for item in slip(ticket(), say()) if isinstance(item, Line)]
    assert sorted(scales)[-2:] == [2, 8]


@pytest.mark.parametrize("width", [576, 512, 384])
@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "raster"])
def test_a_slip_fits_every_paper(width: int, encoding: str) -> None:
    paper = printed(ticket(windows="8号窗口至12号窗口、13号绿色通道窗口"), width=width, encoding=encoding)
    assert paper.cuts == 1
    assert paper.codes == ([] if encoding == "raster" else [LINK])
    assert 500 < paper.picture().height < 1400  # 6 to 17 cm.


def test_what_the_printer_has_no_type_for_is_drawn() -> None:
    paper = printed(ticket(matters=("䶮㼆𠮷的事",)))
    assert paper.bands == 1
    assert "参保缴费证明开具" not in paper.lines
    assert printed(ticket()).bands == 0


def test_a_slip_as_dots_has_no_text_at_all() -> None:
    paper = printed(ticket(), encoding="raster")
    assert paper.lines == []
    assert paper.bands > 5


def test_without_a_typeface_rare_characters_become_question_marks_and_the_rest_is_printed() -> None:
    order = spelled(slip(ticket(matters=("𠮷事",)), say()), encoding="gbk", width=576, font=None)
    assert "?事" in Paper(encoding="gbk").printed(order).lines


HOSTILE = [
    "<script>alert(1)</script><b>&amp;</b>",
    "锟" * 4000,
    "x" * 4000,
    "\u202e\u2066evil\u2069 \u200b\u200f",
    "\x1b@\x1dV\x00\x1d(k\x03\x00\x31\x51\x30\x10\x14\x08",
    "\x10\x04\x01\n\r\x0c\x07",
    "\u0000\u0085\u009b\ufeff\ufff9",
    "\ud7ff\ue000\U0010ffff",
    "𓀀👩‍👩‍👧‍👦\u0301\u0301",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("encoding", ["gb18030", "big5", "raster"])
def test_whatever_stands_in_a_name_is_text_on_paper(text: str, encoding: str) -> None:
    everywhere = ticket(hall=text, number=text, matters=(text, text), windows=text, zone=text)
    paper = printed(everywhere, encoding=encoding)
    assert paper.cuts == 1
    assert paper.codes == ([] if encoding == "raster" else [LINK])
    assert paper.picture().height < 4000  # No name unrolls the paper.


def test_bytes_that_are_orders_are_spelled_out() -> None:
    assert r"\x1b@\x1dV\x00" in printed(ticket(matters=("\x1b@\x1dV\x00",))).lines


@given(st.text(max_size=200))
def test_no_text_gives_an_order(text: str) -> None:
    assert slips.shown(text).isprintable()
    assert columns_of(slips.shown(text)) <= 10 * 61


@given(st.text(st.sampled_from("统一A b，（"), max_size=60), st.integers(2, 20))
def test_wrapping_loses_nothing_but_spaces_and_never_runs_over(text: str, columns: int) -> None:
    rows = wrapped(text, columns)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(columns_of(row) <= columns for row in rows)


@pytest.mark.parametrize(
    ("text", "encoding", "can"),
    [
        ("13号窗口：《A》8–15", "gb18030", True),
        ("𠮷", "gb18030", False),
        ("㐀", "gb18030", False),
        ("龍", "big5", True),
        ("龙", "big5", False),
    ],
)
def test_a_printer_spells_what_its_own_type_has(text: str, encoding: str, can: bool) -> None:
    assert can_spell(text, encoding) is can


def test_a_slip_has_one_code_and_the_code_is_the_link() -> None:
    assert [item for item in slip(ticket(), say()) if isinstance(item, Code)] == [Code(LINK)]


def test_the_picture_in_the_documents_is_small() -> None:
    assert PICTURE.stat().st_size < 150_000
