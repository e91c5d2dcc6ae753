"""Two ways of doing a thing, timed in turns: their ratio means something on any machine, seconds only on this one."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter


class NotMeasured(Exception):
    """Something that the benchmark needs is not installed; the message says what."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Ours and the reference, run one after the other, in seconds."""

    ours: float
    reference: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, as text; *name* is the benchmark's, *is_reached* None when nothing could be measured."""

    name: str
    what: str
    ours: str = ""
    reference: str = ""
    ratio: str = ""
    goal: str = ""
    is_reached: bool | None = None


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that *action* takes."""
    gc.collect()  # what came before must not be swept up on this one's time
    started = perf_counter()
    action()
    return perf_counter() - started


def in_turns(ours: Callable[[], float], reference: Callable[[], float], *, repetitions: int) -> tuple[Pair, ...]:
    """Return the seconds that both tell of themselves, in turns, so that a busy minute of the machine meets both."""
    return tuple(Pair(ours(), reference()) for _ in range(repetitions))


def at_most(name: str, what: str, reference: str, pairs: Sequence[Pair], *, times: float) -> Row:
    """Return the row of something that may take so many times its reference."""
    ratios = [p.ours / p.reference for p in pairs]
    return _row(name, what, reference, pairs, ratios, f"≤ {times:g} ×", is_reached=median(ratios) <= times)


def faster(name: str, what: str, reference: str, pairs: Sequence[Pair], *, times: float) -> Row:
    """Return the row of something that must be so many times faster than its reference."""
    ratios = [p.reference / p.ours for p in pairs]
    goal = f"≥ {times:g} × faster"
    return _row(name, what, reference, pairs, ratios, goal, is_reached=median(ratios) >= times)


def memory(name: str, what: str, megabytes: Sequence[float], *, limit: float) -> Row:
    """Return the row of a process's peak memory."""
    shown = _spread(megabytes, "{:.0f}") + " MB"
    return Row(name, what, ours=shown, goal=f"≤ {limit:g} MB", is_reached=median(megabytes) <= limit)


def share(name: str, what: str, reference: str, of: tuple[float, float], *, limit: float) -> Row:
    """Return the row of something that may be so small a share of its reference."""
    ours, whole = of
    shown = f"{ours / 1e6:.2f} MB"
    found = ours / whole
    return Row(name, what, shown, reference, f"{100 * found:.2f} %", f"≤ {100 * limit:g} %", is_reached=found <= limit)


def _row(
    name: str, what: str, reference: str, pairs: Sequence[Pair], ratios: Sequence[float], goal: str, *, is_reached: bool
) -> Row:
    return Row(
        name,
        what,
        ours=_seconds([p.ours for p in pairs]),
        reference=f"{_seconds([p.reference for p in pairs])}, {reference}",
        ratio=_spread(ratios, "{:.2f}" if median(ratios) < 1 else "{:.1f}") + " ×",
        goal=goal,
        is_reached=is_reached,
    )


def _seconds(values: Sequence[float]) -> str:
    if median(values) < 1:
        return _spread([1000 * v for v in values], "{:.0f}") + " ms"
    return _spread(values, "{:.2f}") + " s"


def _spread(values: Sequence[float], form: str) -> str:
    """Return the median with the least and the greatest value."""
    if len(values) == 1:
        return form.format(values[0])
    return f"{form.format(median(values))} ({form.format(min(values))}–{form.format(max(values))})"
