"""Rows with a seal: written with their digest and tally, and never given out unchecked."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, func, select, type_coerce
from sqlalchemy.types import NULLTYPE

from kpi_agent.domain.errors import StoreError
from kpi_agent.store.digest import TALLY_MODULUS, Value, Values, part_name, seal, total
from kpi_agent.store.schema import tally

_BATCH_ROWS = 5000


def stored(connection: Connection, table: Table, *where: ColumnElement[bool]) -> list[tuple[Any, ...]]:
    """Return the rows that match, as values in the order of definition without the digest; StoreError at a broken seal.

    For few rows, or rows that are about to be replaced; ``part_rows`` streams.
    """
    return [_checked(table, row) for row in connection.execute(_selection(table, *where))]


def part_rows(
    connection: Connection, table: Table, part: Sequence[str], order_by: Sequence[str] = ()
) -> Generator[tuple[Any, ...]]:
    """Yield every row of a part, as ``stored`` returns them; when the last is read, StoreError if any is missing.

    Nothing may be concluded from the rows before the iteration has ended by itself.
    """
    where = [table.c[column] == value for column, value in zip(table.info["part"], part, strict=True)]
    statement = _selection(table, *where).order_by(*(table.c[name] for name in order_by))
    digests = []
    with connection.execute(statement, execution_options={"yield_per": _BATCH_ROWS}) as rows:
        for row in rows:
            yield _checked(table, row)
            digests.append(row[-1])
    expected = _tally(connection, table, part)
    if expected != (len(digests), total(digests)):
        raise StoreError(
            f"{table.name} of {', '.join(part) or 'this store'}: {len(digests)} rows found, {expected[0]} were written"
            f" or they are not the same; the store is damaged: stop the agent and restore a backup, if there is one"
        )


def change(
    connection: Connection,
    table: Table,
    part: Sequence[str],
    *,
    add: Iterable[Values] = (),
    remove: Iterable[Values] = (),
) -> int:
    """Remove and add rows of one part (values without digest), keep its tally, and return how many were added.

    *add* may be lazy: it is written in batches and never held as a whole. A row with a key that exists is an error.
    """
    gone = [(row, seal(table.name, row)) for row in remove]
    if gone:
        _delete(connection, table, [row for row, _ in gone])
    count, new_total = 0, 0
    statement = _insertion(connection, table)
    rows = iter(add)
    while batch := list(islice(rows, _BATCH_ROWS)):
        digests = [seal(table.name, row) for row in batch]
        sealed = [(*row, digest) for row, digest in zip(batch, digests, strict=True)]
        connection.exec_driver_sql(statement, sealed)
        count += len(batch)
        new_total += total(digests)
    if "part" in table.info and (gone or count):
        before, sum_before = _tally(connection, table, part)
        gone_total = total(digest for _, digest in gone)
        after = (before - len(gone) + count, (sum_before - gone_total + new_total) % TALLY_MODULUS)
        _set_tally(connection, table, part, after)
    return count


def next_id(connection: Connection, table: Table) -> int:
    """Return the number after the greatest id, 1 in an empty table; safe inside the writer's transaction only."""
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def _selection(table: Table, *where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    # The digest is last, whatever a later migration appended behind it. Values come as the driver reads them: what
    # the library converts (bytes of a number, say) would hide or crash on the very damage that the digest shows.
    columns = [*(c for c in table.c if c.name != "digest"), table.c.digest]
    return select(*(type_coerce(c, NULLTYPE).label(c.name) for c in columns)).where(*where)


def _checked(table: Table, row: Row[*tuple[Any, ...]]) -> tuple[Any, ...]:
    values = tuple(row[:-1])
    if seal(table.name, values) != row[-1]:
        raise StoreError(_broken(table, values))
    return values


def _insertion(connection: Connection, table: Table) -> str:
    # A statement in the driver's own words: the expression language costs more than the database for 200,000 rows.
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = [*(c.name for c in table.c if c.name != "digest"), "digest"]
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"  # noqa: S608 - names of our own schema


def _delete(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    names = [c.name for c in table.c if c.name != "digest"]
    places = [names.index(c.name) for c in table.primary_key.columns]
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    match = " AND ".join(f"{c.name} = {mark}" for c in table.primary_key.columns)
    statement = f"DELETE FROM {table.name} WHERE {match}"  # noqa: S608 - names of our own schema
    connection.exec_driver_sql(statement, [tuple(row[place] for place in places) for row in rows])


def _tally(connection: Connection, table: Table, part: Sequence[str]) -> tuple[int, int]:
    where = and_(tally.c.table_name == table.name, tally.c.part == part_name(part))
    for _, _, count, sum_ in stored(connection, tally, where):
        return int(count), int(sum_)
    return 0, 0


def _set_tally(connection: Connection, table: Table, part: Sequence[str], value: tuple[int, int]) -> None:
    name = part_name(part)
    row = (table.name, name, *value)
    connection.execute(tally.delete().where(tally.c.table_name == table.name, tally.c.part == name))
    connection.exec_driver_sql(_insertion(connection, tally), (*row, seal(tally.name, row)))


def _broken(table: Table, values: Sequence[Value]) -> str:
    names = [c.name for c in table.c if c.name != "digest"]
    key = {c.name for c in table.primary_key.columns}
    row = ", ".join(f"{n} {v!r}" for n, v in zip(names, values, strict=True) if n in key)
    return (
        f"{table.name}, row {row}: its content does not match its digest; the store is damaged:"
        " stop the agent and restore a backup, if there is one"
    )
