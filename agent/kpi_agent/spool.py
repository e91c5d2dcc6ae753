"""A long list of plain tuples, kept in a file that has no name: as many as a disk holds, in the memory of a few."""

from __future__ import annotations

import marshal
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, Generic, TypeVar

_BATCH_ITEMS = 2000
T = TypeVar("T")


class Spool(Generic[T]):
    """Tuples of text, bytes, whole numbers, None and tuples of these, in the order of ``append``; read again at will.

    Each comes back as what *make* makes of it. A short list never leaves the memory. The file is gone when the process
    is, however it ends. ``append`` raises OSError when there is no room for it.
    """

    def __init__(self, make: Callable[[Iterable[Any]], T]) -> None:
        self._make = make
        self._batch: list[tuple[Any, ...]] = []
        self._file: IO[bytes] | None = None
        self._places: list[int] = []
        self._end = 0

    def __len__(self) -> int:
        return len(self._places) * _BATCH_ITEMS + len(self._batch)

    def append(self, item: tuple[Any, ...]) -> None:
        """Add an item behind the others."""
        self._batch.append(item)
        if len(self._batch) == _BATCH_ITEMS:
            self._put_out()

    def __iter__(self) -> Iterator[T]:
        for number, place in enumerate(self._places):
            yield from map(self._make, self._read(number, place))
        yield from map(self._make, self._batch)

    def _put_out(self) -> None:
        data = marshal.dumps(self._batch)
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the spool is let go
                weakref.finalize(self, self._file.close)
            self._file.seek(self._end)
            self._file.write(data)
            self._file.flush()  # a full disk is told here, not when the file is let go
        except OSError as error:
            folder = tempfile.gettempdir()
            raise OSError(error.errno, f"no temporary file can be written to {folder}: {error.strerror}") from error
        self._places.append(self._end)
        self._end += len(data)
        self._batch = []

    def _read(self, number: int, place: int) -> list[tuple[Any, ...]]:
        if self._file is None:
            return []
        following = self._places[number + 1] if number + 1 < len(self._places) else self._end
        self._file.seek(place)
        batch: list[tuple[Any, ...]] = marshal.loads(self._file.read(following - place))  # noqa: S302 - what we wrote
        return batch
