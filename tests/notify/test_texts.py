"""Every sentence passes the carriers' rules, in both languages."""

import pytest

from notify.lint import names_in, problems
from notify.sentences import TEXTS

LONGEST = {
    "number": "GA1001",
    "window": "08",
    "windows": "08/09/11",
    "ahead": "120",
    "minutes": "30-45",
    "code": "3842 0197",
    "opens": "12月31日09:00",
    "receipt": "H1-2026-001234",
    "date": "2026-12-31",
    "count": "12",
    "waybill": "EX123456785CN",
}
SENTENCES = [
    (language, key, sentence)
    for language, texts in TEXTS.everything().items()
    for key, sentence in texts.items()
]


@pytest.mark.parametrize(("language", "key", "sentence"), SENTENCES)
def test_a_carrier_takes_it(language: str, key: str, sentence: str) -> None:
    assert problems(sentence, LONGEST) == []


def test_both_languages_name_the_same_values() -> None:
    zh, en = TEXTS.everything()["zh"], TEXTS.everything()["en"]
    assert [key for key in zh if sorted(names_in(zh[key])) != sorted(names_in(en[key]))] == []


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("{number}号，详情见 https://hall.example/t", "a link"),
        ("详情见hall.gov.cn", "a link"),
        ("{number}{window}请办理", "values touch"),
        ("【大厅】{number}号", "brackets or signs of a signature"),
        ("{number}，{window}", "nothing but values"),
        ("请参加问卷", "the word 问卷"),
        ("请" * 61, "71 characters"),
    ],
)
def test_a_sentence_that_a_carrier_would_refuse_is_found(sentence: str, problem: str) -> None:
    assert problem in problems(sentence, LONGEST)
