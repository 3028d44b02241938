"""Columns copied in binary come back as what they were."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import numpy as np
import pandas as pd
import psycopg2
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.database.copy import copy_columns
from gis.database.pool import Connection, connect

UTC = dt.UTC


@pytest.fixture(scope="module")
def postgres(database_url: str) -> Iterator[Connection]:
    connection = connect(database_url)
    yield connection
    connection.close()


@pytest.fixture
def table(postgres: Connection) -> Iterator[str]:
    with postgres.cursor() as cursor:
        cursor.execute("CREATE DOMAIN pg_temp.lonlat AS geometry(Point, 4326)")
        cursor.execute(
            """
            CREATE TEMP TABLE sample (
              n integer GENERATED ALWAYS AS IDENTITY, i2 smallint, i4 integer, i8 bigint, f4 real,
              f8 double precision, b boolean, t text, ts timestamptz, d date, u uuid, y bytea, a text[],
              p pg_temp.lonlat, g geometry(MultiLineString, 4326))
            """
        )
    yield "sample"
    postgres.rollback()


def _back(postgres: Connection, what: str) -> list[object]:
    with postgres.cursor() as cursor:
        cursor.execute(f"SELECT {what} FROM sample ORDER BY n")
        return [row[0] for row in cursor]


def test_every_type_comes_back(postgres: Connection, table: str) -> None:
    ids = [uuid.UUID(int=7), None]
    line = shapely.MultiLineString([[(113.9, 22.7), (113.91, 22.71)]])
    rows = copy_columns(
        postgres,
        table,
        {
            "i2": np.array([-5, 32767]),
            "i4": np.array([1.0, np.nan]),
            "i8": [2**40, None],
            "f4": np.array([1.5, np.nan]),
            "f8": np.array([0.1, -1e300]),
            "b": np.array([True, False]),
            "t": ["李松蓢 \t\\ \"'", None],
            "ts": np.array(["1999-12-31T23:59:59.000001", "NaT"], "M8[us]"),
            "d": [dt.date(2014, 4, 1), None],
            "u": ids,
            "y": [b"\x00\xff", None],
            "a": [["fire", "gas"], []],
            "p": np.array([[113.93, 22.76], [np.nan, np.nan]]),
            "g": np.array([line, None]),
        },
    )
    assert rows == 2
    assert _back(postgres, "i2") == [-5, 32767]
    assert _back(postgres, "i4") == [1, None]
    assert _back(postgres, "i8") == [2**40, None]
    assert _back(postgres, "f4") == [1.5, None]
    assert _back(postgres, "f8") == [0.1, -1e300]
    assert _back(postgres, "b") == [True, False]
    assert _back(postgres, "t") == ["李松蓢 \t\\ \"'", None]
    assert _back(postgres, "ts") == [dt.datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=UTC), None]
    assert _back(postgres, "d") == [dt.date(2014, 4, 1), None]
    assert _back(postgres, "u::text") == [str(ids[0]), None]
    assert [None if v is None else bytes(v) for v in _back(postgres, "y")] == [b"\x00\xff", None]  # type: ignore[call-overload]
    assert _back(postgres, "a") == [["fire", "gas"], []]
    assert _back(postgres, "ST_AsEWKT(p)") == ["SRID=4326;POINT(113.93 22.76)", None]
    assert _back(postgres, "ST_AsText(g)") == ["MULTILINESTRING((113.9 22.7,113.91 22.71))", None]


def test_pandas_columns(postgres: Connection, table: str) -> None:
    frame = pd.DataFrame(
        {
            "i4": pd.array([1, None, 3], "Int64"),
            "t": pd.Categorical.from_codes([1, -1, 0], ["甲", "乙"]),
            "ts": pd.to_datetime(["2014-04-01T08:00:00+08:00", None, "2014-04-02T00:00:00+08:00"]),
            "b": pd.array([True, None, False], "boolean"),
        },
        index=[5, 6, 7],
    )
    copy_columns(postgres, table, {str(name): column for name, column in frame.items()}, chunk_rows=2)
    assert _back(postgres, "i4") == [1, None, 3]
    assert _back(postgres, "t") == ["乙", None, "甲"]
    assert _back(postgres, "ts")[0] == dt.datetime(2014, 4, 1, tzinfo=UTC)
    assert _back(postgres, "ts")[1] is None
    assert _back(postgres, "b") == [True, None, False]


def test_masked_values_and_byte_matrices(postgres: Connection, table: str) -> None:
    columns = {
        "i4": np.ma.masked_array([1, 2, 3], [False, True, False]),
        "u": np.arange(48, dtype=np.uint8).reshape(3, 16),
        "y": np.arange(9, dtype=np.uint8).reshape(3, 3),
    }
    copy_columns(postgres, table, columns)
    assert _back(postgres, "i4") == [1, None, 3]
    assert _back(postgres, "u::text")[0] == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert bytes(_back(postgres, "y")[2]) == b"\x06\x07\x08"  # type: ignore[call-overload]


def test_many_chunks_keep_order(postgres: Connection, table: str) -> None:
    number = np.arange(50_001)
    copy_columns(postgres, table, {"i4": number, "t": [f"第{n}" * (n % 7) for n in number]}, chunk_rows=999)
    assert _back(postgres, "i4") == number.tolist()
    assert _back(postgres, "t")[50_000] == "第50000" * (50_000 % 7)


def test_no_rows(postgres: Connection, table: str) -> None:
    assert copy_columns(postgres, table, {"i4": [], "t": []}) == 0


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"i4": [1], "t": ["a", "b"]}, "unequal"),
        ({"nowhere": [1]}, "no column nowhere"),
        ({"i2": np.array([40_000])}, "column i2.*outside"),
        ({"i4": np.array([1.5])}, "column i4.*fraction"),
        ({"ts": ["yesterday-ish"]}, "column ts"),
        ({"u": ["no uuid"]}, "column u"),
    ],
)
def test_bad_columns_are_named(
    postgres: Connection, table: str, columns: dict[str, list[object]], reason: str
) -> None:
    # Raised inside COPY the driver wraps it; the server then refuses the whole statement.
    with pytest.raises((ValueError, psycopg2.Error), match=reason):
        copy_columns(postgres, table, columns)
    postgres.rollback()


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.floats(allow_nan=False),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_any_values(database_url: str, rows: list[tuple[str | None, int | None, float]]) -> None:
    connection = connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE any_value (t text, i8 bigint, f8 double precision)")
            texts, numbers, floats = zip(*rows, strict=True)
            copy_columns(connection, "any_value", {"t": texts, "i8": numbers, "f8": floats}, chunk_rows=7)
            cursor.execute("SELECT t, i8, f8 FROM any_value")
            assert [tuple(row) for row in cursor] == rows
    finally:
        connection.rollback()
        connection.close()
