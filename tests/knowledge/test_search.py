"""How a clerk finds what is known."""

from datetime import UTC, datetime

import pytest

from queue_server.knowledge.core import Desk, Entry, KnowledgeKind, KnowledgeState, Writing, search

WHEN = datetime(2026, 11, 23, 1, tzinfo=UTC)
NAMES = {"M03": "食品经营许可", "M15": "居民身份证换领"}


def entry(number: int, title: str, *about: str, body: str = "见正文", title_en: str = "") -> Entry:
    writing = Writing(title_zh=title, body_zh=body, title_en=title_en, kind=KnowledgeKind.INTAKE, about=about)
    return Entry(
        id=number, version=1, state=KnowledgeState.PUBLISHED, at=WHEN, by_name="审批员", writing=writing
    )


PLAN = entry(
    1, "平面图怎样才算清楚", "M03", body="标明操作间、贮存间、洗消区。", title_en="A clear floor plan"
)
HEALTH = entry(2, "健康证明由谁提供", "M03.new", body="直接接触食品的人员。")
RENEWAL = entry(3, "延续时不重复提交平面图", "M03.renewal")
CARD = entry(4, "身份证遗失怎么办", "M15", body="不需要登报，也不用平面图。")
COPIES = entry(5, "复印件由窗口免费复印")
ALL = (PLAN, HEALTH, RENEWAL, CARD, COPIES)


def found(query: str, desk: Desk = Desk("M03", "new")) -> list[int]:  # noqa: B008 - a frozen value.
    return [each.id for each in search(ALL, query, desk, NAMES)]


def test_before_anything_is_typed_what_is_about_the_matter_lies_there_the_scenario_first() -> None:
    assert found("") == [2, 1, 3, 5]
    assert found("", Desk()) == [5]


@pytest.mark.parametrize("typed", ["平面图", "pmt", "PINGMIANTU", "floor PLAN", "洗消", "平面图 清楚"])
def test_an_entry_is_found_by_words_pinyin_or_initials(typed: str) -> None:
    assert found(typed)[0] == 1


def test_what_is_about_the_matter_on_the_desk_comes_before_what_fits_better_elsewhere() -> None:
    assert found("平面图") == [1, 3, 4]
    assert found("平面图", Desk("M15"))[0] == 4


def test_the_name_of_a_matter_finds_what_is_about_it() -> None:
    assert found("居民身份证换领") == [4]


@pytest.mark.parametrize("typed", ["消防验收", "%", "<b>", "平面图 消防", "\\"])
def test_what_nobody_has_written_is_not_found(typed: str) -> None:
    assert found(typed) == []
