"""People find their matter by whatever they call it."""

import pytest

from queue_server.catalogue.core import search
from queue_server.demo import definition

MATTERS = definition.read(definition.H1).catalogue()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("M15", "M15"),
        ("m15", "M15"),
        ("身份证", "M15"),
        ("sfz", "M15"),
        ("SFZ", "M15"),
        ("shenfenzheng", "M15"),
        ("ID card", "M15"),
        ("营业执照", "M01"),
        ("yyzz", "M01"),
        ("开饭店", "M03"),
        ("驾照", "M16"),
        ("jz", "M16"),
        ("过户", "M13"),
        ("房产证", "M13"),
        ("低保", "M19"),
        ("老兵", "M21"),
        ("shebao", "M17"),
        ("pharmacy", "M04"),
        ("残疾 证", "M20"),
        ("打印参保证明", "M90"),
        ("dycbzm", "M90"),
        ("二手房", "M13"),
        ("bdczydjesf", "M13"),  # 不动产转移登记（二手房）: a bracket is on no keyboard.
        ("遗失", "M15"),
        ("yishi", "M15"),
        ("xselh", "M14"),
        ("零土地", "M11"),
        ("营业执照 分公司", "M01"),
    ],
)
def test_what_people_type_finds_what_they_mean(typed: str, found: str) -> None:
    assert search(MATTERS, typed)[0].code == found


def test_a_department_finds_its_matters() -> None:
    assert {matter.code for matter in search(MATTERS, "公安")} == {"M14", "M15", "M16"}


def test_a_theme_finds_its_matters() -> None:
    assert {matter.code for matter in search(MATTERS, "project")} >= {"M08", "M09", "M10", "M11"}


def test_an_empty_query_lists_everything_in_the_order_of_the_hall() -> None:
    assert search(MATTERS, " ") == list(MATTERS)


def test_nonsense_finds_nothing() -> None:
    assert search(MATTERS, "zzzz") == []
