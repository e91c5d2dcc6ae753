"""Lines of one byte per second, 1 where something holds: what holds in any, or in all, of several."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_, or_


def marked(line: bytes | bytearray, state: int) -> bytes:
    """Return 1 for every second in which *line* has that state, else 0."""
    return bytes(line.translate(bytes(1 if byte == state else 0 for byte in range(256))))


def any_of(lines: Sequence[bytes]) -> bytes:
    """Return 1 where one of the lines has 1; they are equally long."""
    return _joined(lines, or_)


def all_of(lines: Sequence[bytes]) -> bytes:
    """Return 1 where each of the lines has 1; they are equally long."""
    return _joined(lines, and_)


def _joined(lines: Sequence[bytes], how: Callable[[int, int], int]) -> bytes:
    return reduce(how, (int.from_bytes(line, "big") for line in lines)).to_bytes(len(lines[0]), "big")
