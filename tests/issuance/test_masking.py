"""What a public list shows of a name and of a code: enough for one, too little for the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.issuance.core.ready import masked_code, masked_name

NAMES = st.text(alphabet=st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=60).filter(
    str.strip
)
CODES = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳娜娜", "欧阳**"),
        ("诸葛亮", "诸葛*"),
        ("欧阳", "欧*"),
        ("王", "*"),
        ("买买提·艾力", "买**·**"),
        ("John Smith", "J*** *****"),
        ("示范区某某商贸有限公司", "示范****公司"),
        ("  张  三 ", "张 *"),
    ],
)
def test_of_a_person_only_the_family_name_can_be_read(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@given(NAMES)
def test_no_name_goes_out_whole(name: str) -> None:
    shown = masked_name(name)
    tidy = " ".join(name.split())
    kept = [character for character in shown if character not in " ·*"]
    assert len(kept) <= 4
    assert len(kept) < len(tidy)
    assert shown != tidy or "*" in tidy  # Whoever is called 0* is as well hidden as can be.


@given(CODES)
def test_of_a_code_never_more_than_half_can_be_read(code: str) -> None:
    shown = masked_code(code)
    assert len(shown) == len(code)
    assert shown.count("*") >= len(code) - len(code) // 2
    assert len(shown.replace("*", "")) <= 6
