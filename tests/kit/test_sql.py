from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.kit.sql import Insert, array_literal, placeholders

NUL = "\x00"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT :a", "SELECT %(a)s"),
        ("SELECT body::jsonb -> :key", "SELECT body::jsonb -> %(key)s"),
        ("SELECT ':a' WHERE b = :b", "SELECT ':a' WHERE b = %(b)s"),
        ("SELECT 'it''s :a', :b", "SELECT 'it''s :a', %(b)s"),
        ("-- why :a\nSELECT :b", "-- why :a\nSELECT %(b)s"),
        ("SELECT 1 WHERE name LIKE 'A%' AND n % 2 = :n", "SELECT 1 WHERE name LIKE 'A%%' AND n %% 2 = %(n)s"),
    ],
)
def test_only_a_named_value_becomes_a_placeholder(sql: str, expected: str) -> None:
    assert placeholders(sql) == expected


@pytest.mark.parametrize(
    "columns", [(("a;--", "text"),), (("a", "text[]"),), (("a", "text)"),), (("A", "text"),)]
)
def test_an_insert_takes_no_column_that_could_change_the_statement(columns: tuple) -> None:
    with pytest.raises(ValueError, match="not"):
        Insert("places", columns)


@pytest.mark.parametrize("value", [f"a{NUL}b", NUL])
def test_a_nul_is_refused_instead_of_cutting_the_text_off(value: str) -> None:
    with pytest.raises(ValueError, match="NUL"):
        array_literal([value])


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        array_literal([datetime(2026, 11, 23)])


def test_a_row_of_the_wrong_length_is_refused() -> None:
    statement = Insert("places", (("hall", "text"), ("seq", "bigint")))
    with pytest.raises(ValueError, match="values, not 2"):
        statement.arrays([("h1",)])
    with pytest.raises(ValueError, match="zip"):
        statement.arrays([("h1", 1), ("h1",)])


COLUMNS = {
    "text": st.none() | st.text(st.characters(exclude_characters=NUL, exclude_categories=["Cs"])),
    "bigint": st.none() | st.integers(-(2**63), 2**63 - 1),
    "double precision": st.none() | st.floats(allow_nan=False) | st.integers(-1000, 1000),
    "boolean": st.none() | st.booleans(),
    "bytea": st.none() | st.binary(max_size=20),
    "date": st.none() | st.dates(),
    "timestamptz": st.none() | st.datetimes(timezones=st.just(UTC)),
    "uuid": st.none() | st.uuids(),
}


@pytest.mark.parametrize("pg_type", COLUMNS)
def test_every_value_comes_back_as_it_was_sent(empty_database_url: str, pg_type: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True, options="-c timezone=UTC") as connection:

        @settings(max_examples=60, deadline=None)
        @given(st.lists(COLUMNS[pg_type], min_size=1, max_size=6))
        def comes_back(values: list[object]) -> None:
            rows = connection.execute(
                f"SELECT * FROM unnest(%s::{pg_type}[])".encode(), [array_literal(values)]
            ).fetchall()
            assert [row[0] for row in rows] == values

        comes_back()


def test_rows_are_inserted_in_the_order_of_their_key() -> None:
    statement = Insert("places", (("body", "text"), ("seq", "bigint")), ordered_by=("seq",))
    assert statement.arrays([("b", 2), ("a", 1)]) == ['{"a","b"}', "{1,2}"]


def test_dates_and_identifiers_are_spelled_as_postgresql_reads_them() -> None:
    day = date(2026, 11, 23)
    identifier = UUID(int=7)
    assert array_literal([day, identifier]) == f'{{"2026-11-23","{identifier}"}}'
