"""The codes that people scan."""

import re

from queue_server.kit.web.codes import BORDER_MODULES, code

LINK = "http://hall.example.gov.cn/t/abcdefghijklmnopqrstuv"


def test_a_code_is_one_path_and_no_script() -> None:
    svg = code(LINK).decode()
    assert svg.count("<path") == 1
    assert "<script" not in svg


def test_a_code_has_its_quiet_zone() -> None:
    svg = code(LINK).decode()
    width = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])  # type: ignore[index]  # A miss fails the test.
    columns = {int(column) for column in re.findall(r"M(\d+),", svg)}
    assert min(columns) == BORDER_MODULES
    assert max(columns) < width - BORDER_MODULES


def test_another_link_is_another_code() -> None:
    assert code(LINK) != code(LINK + "x")
