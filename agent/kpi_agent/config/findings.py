"""What is wrong with one file, each thing at the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from kpi_agent.domain.problem import Problem
from kpi_agent.strictyaml import Node, Path, Place

T = TypeVar("T")


class Findings:
    """Collects the problems of one file. *damaged* are the parts left out because their shape is wrong.

    A part that was left out is still named in the file: what refers to it is not refused a second time.
    """

    def __init__(self, file: str, root: Node | None = None, problems: Iterable[Problem] = ()) -> None:
        self.file = file
        self.root = root
        self.problems: list[Problem] = list(problems)
        self.damaged: set[Path] = set()

    @property
    def is_refused(self) -> bool:
        """Whether anything but advice was found."""
        return any(not p.is_advice for p in self.problems)

    def refuse(self, path: Path, message: str) -> None:
        """Add a problem at the value that *path* leads to, or at its nearest ancestor in the file."""
        self._add(path, message, is_advice=False)

    def advise(self, path: Path, message: str) -> None:
        """Add advice: the file is usable as it is."""
        self._add(path, message, is_advice=True)

    def refuse_at_key(self, path: Path, message: str) -> None:
        """Add a problem at the key that ends *path*, rather than at its value."""
        place = self._place_of_key(path) or self._place(path)
        self.problems.append(Problem(self.file, message, place.line, place.column, path_text(path)))

    def _add(self, path: Path, message: str, *, is_advice: bool) -> None:
        place = self._place(path)
        problem = Problem(self.file, message, place.line, place.column, path_text(path), is_advice=is_advice)
        self.problems.append(problem)

    def names(self, path: Path) -> tuple[str, ...]:
        """Return the keys that the file has in a block, those of damaged parts included."""
        node = self._node(path)
        return tuple(node.keys) if node is not None else ()

    def text(self, path: Path) -> str | None:
        """Return the text that stands there, None when there is none."""
        node = self._node(path)
        return node.value if node is not None and isinstance(node.value, str) else None

    def in_order(self) -> tuple[Problem, ...]:
        """Return the problems in the order of the file, advice last."""
        return tuple(sorted(self.problems, key=lambda p: (p.is_advice, p.line or 0, p.column or 0)))

    def is_damaged(self, path: Path) -> bool:
        """Whether a part at or below *path* was left out."""
        return any(p[: len(path)] == path for p in self.damaged)

    def kept(self, path: Path, items: Sequence[T]) -> Iterator[tuple[int, T]]:
        """Yield the items of a list with the positions that they have in the file."""
        left_out = {p[-1] for p in self.damaged if p[:-1] == path}
        index = 0
        for item in items:
            while index in left_out:
                index += 1
            yield index, item
            index += 1

    def _node(self, path: Path) -> Node | None:
        node = self.root
        for step in path:
            node = node.child(step) if node is not None else None
        return node

    def _place(self, path: Path) -> Place:
        node = self._node(path)
        if node is not None and isinstance(node.value, str):
            return node.place
        # A block begins below its key, and a missing one nowhere: the key is where the eye looks.
        for length in range(len(path), 0, -1):
            if (place := self._place_of_key(path[:length])) is not None:
                return place
            if (ancestor := self._node(path[:length])) is not None:
                return ancestor.place
        return Place(1, 1)

    def _place_of_key(self, path: Path) -> Place | None:
        parent = self._node(path[:-1]) if path else None
        return None if parent is None else parent.keys.get(str(path[-1]))


def path_text(path: Path) -> str:
    """Return ``objectives[0].target``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
