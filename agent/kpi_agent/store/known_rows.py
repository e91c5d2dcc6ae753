"""What the rows of each source's newest file told: a row that comes again as it was is not understood a second time.

Only those of the newest file in version order are kept. A row that a still newer file repeats has the same *updated*,
so it stands right behind where it stood, whatever other files told of the ticket in the meantime: nothing can come
between two instants of export between which there is no file. Without these rows nothing is lost but time.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator

from sqlalchemy import Connection

from kpi_agent.domain.export import DIGEST_BYTES, KnownRows
from kpi_agent.store.digest import Values
from kpi_agent.store.imports import newest, read_imports
from kpi_agent.store.rows import change, part_rows, stored
from kpi_agent.store.schema import known_row

_ROWS_EACH = 10_000


class Held:
    """Digests of a file's rows, each with the id of the version that its row told."""

    def __init__(self) -> None:
        self._digests = bytearray()
        self._versions = array("q")

    def add(self, digest: bytes, version: int) -> None:
        """Add a row."""
        self._digests += digest
        self._versions.append(version)

    def packed(self) -> Iterator[bytes]:
        """Yield the rows, some thousands at a time."""
        for start in range(0, len(self._versions), _ROWS_EACH):
            end = start + _ROWS_EACH
            yield bytes(self._digests[start * DIGEST_BYTES : end * DIGEST_BYTES]) + _bytes(self._versions[start:end])


def read_known(connection: Connection, source: str) -> KnownRows | None:
    """Return what the source's newest file told, None when that is not known; StoreError at damage."""
    versions: dict[bytes, int] = {}
    made_by: tuple[int, str] | None = None
    for _, _, import_id, recipe, held in part_rows(connection, known_row, [source], order_by=["position"]):
        made_by = import_id, recipe
        count = len(held) // (DIGEST_BYTES + 8)
        numbers = _numbers(held[count * DIGEST_BYTES :])
        digests = (held[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES] for at in range(count))
        versions.update(zip(digests, numbers, strict=True))
    if made_by is None:
        return None
    file = newest(read_imports(connection, source))
    return KnownRows(file.id, file.as_of, made_by[1], versions) if file.id == made_by[0] else None


def replace_known(connection: Connection, source: str, *, import_id: int, recipe: str, held: Held) -> None:
    """Keep what a file told in place of what was kept of another."""
    rows = ((source, place, import_id, recipe, packed) for place, packed in enumerate(held.packed()))
    change(connection, known_row, [source], remove=_kept(connection, source), add=rows if recipe else ())


def _kept(connection: Connection, source: str) -> list[Values]:
    return list(stored(connection, known_row, known_row.c.source == source))


def _bytes(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(data: bytes) -> array[int]:
    numbers = array("q")
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
