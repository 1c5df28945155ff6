"""The catalogues of cities come in as they are; what they leave out is counted and not invented."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.actions.guides import Guides
from queue_server.catalogue.core import search
from queue_server.catalogue.core.reading import CatalogueUnreadable, read_catalogue
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database

DATA = Path(__file__).parents[1] / "data"
TABLE = (DATA / "guangan_excerpt.csv").read_text(encoding="utf-8")
LIST = (DATA / "linyi_excerpt.json").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


def test_a_table_becomes_matters_with_codes_that_people_can_be_asked_for() -> None:
    catalogued = read_catalogue(TABLE)
    assert [matter.code for matter, _ in catalogued.guides] == CODES
    assert catalogued.refused == ()
    first = catalogued.guides[0][0]
    assert (first.name_zh, first.department_zh, first.group_id) == (
        "企业投资项目备案（技术改造）（市级/县级）",
        "区经信局",
        None,
    )


CODES = ["511Z07001006", "511A0138000000", "G-000007-001", "Z-000147-001", "Z-000045-001", "1J-5100-00027"]


def test_a_list_brings_materials_and_the_process_in_words() -> None:
    matter, guide = read_catalogue(LIST).guides[0]
    assert (matter.name_zh, matter.kind, matter.theme) == ("公民收养登记", "immediate", "户政")
    assert [each.name.zh for each in guide.materials] == [
        "收养登记证或者事实收养公证书",
        "居民户口簿或居民身份证",
    ]
    assert guide.process.zh == "申请人提交材料，派出所预审后当场办理。"


def test_what_is_missing_is_counted_by_element() -> None:
    missing = read_catalogue(LIST).missing()
    assert (missing["source_missing"], missing["place_missing"], missing["basis_missing"]) == (3, 3, 3)
    assert "materials_missing" not in missing


def test_rows_that_are_no_matters_are_refused_by_number_and_the_others_come_in() -> None:
    table = "name,item_code\n甲,A1\n,A2\n乙,\n丙,A1\n" + "丁" * 201 + ",A4\n戊,A5\n"
    catalogued = read_catalogue("\ufeff" + table)
    assert [matter.name_zh for matter, _ in catalogued.guides] == ["甲", "戊"]
    assert [(each.row, each.why) for each in catalogued.refused] == [
        (2, "name_missing"),
        (3, "code_missing"),
        (4, "code_repeats"),
        (5, "name_too_long"),
    ]


def test_codes_that_would_be_the_same_are_told_apart_and_stay_so() -> None:
    rows = [f"甲{tail},511A-511602000000-000-{tail}-1-00" for tail in ("x", "y")]
    one, other = (read_catalogue("name,item_code\n" + "\n".join(order)) for order in (rows, rows[::-1]))
    codes = {matter.name_zh: matter.code for matter, _ in one.guides}
    assert len(set(codes.values())) == 2
    assert codes == {matter.name_zh: matter.code for matter, _ in other.guides}


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "{", '{"items": 3}', "[1, 2]", '"', "name\n甲\n"])
def test_a_file_of_another_shape_is_refused_in_words(text: str) -> None:
    with pytest.raises(CatalogueUnreadable):
        read_catalogue(text)


async def test_an_import_is_found_by_pinyin_once_it_is_open_and_repeating_it_changes_nothing(
    database: Database,
) -> None:
    catalogue = Catalogue(database, Bus(), lambda: NOW)
    guides = Guides(database, catalogue, lambda: NOW)
    rows = [(replace(matter, active=True), guide) for matter, guide in read_catalogue(LIST).guides]
    first = await guides.take_in("h1", rows, by="import")
    again = await guides.take_in("h1", rows, by="import")
    assert (len(first.added), again.added, again.changed) == (3, (), ())
    offered = (await catalogue.matters("h1")).values()
    assert [matter.name_zh for matter in search(offered, "gmsydj")] == ["公民收养登记"]
    line = (await guides.every("h1"))[0]
    assert (line.version, line.findings > 0) == (1, True)
