"""What every format of an export becomes first: a header, and records of as many cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_COLUMNS = 400
MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """A file in cells. *records* yields (number, its cells) once; what is blank is no record.

    The number is the line on which a record begins; in a spreadsheet that of its row, in JSON its place in the list,
    from 1. *delimiter* is empty where nothing separates cells. *date_format* reads the dates that the file keeps as
    such, empty when all are text. *is_sparse*: records do not all have the same cells, an empty one may be absent.
    *is_partial*: the file itself says that there is more elsewhere. *is_history*: its records were laid out in changes.
    *ends_open* is asked after the last record: whether the file may be cut inside it.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    records: Iterator[tuple[int, list[str]]]
    ends_open: Callable[[], bool] = bool
    date_format: str = ""
    is_sparse: bool = False
    is_partial: bool = False
    is_history: bool = False

    def fitted(self, cells: list[str]) -> list[str] | None:
        """Return the record's cells when there are exactly as many as headers, None when they cannot be matched.

        One empty cell more is a trailing delimiter (GLPI up to 10), which re-saved files keep on some lines only.
        """
        width = len(self.header)
        if len(cells) == width or (len(cells) == width + 1 and not cells[-1]):
            return cells
        return None
