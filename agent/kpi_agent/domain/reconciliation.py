"""How a period's judged incidents follow from the desk's own tickets (indicators.md §4, "Against the desk")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

FLOW = ("done", "earlier", "undetermined", "without_limit", "bounded", "overdue", "withdrawn_late")
"""The lines that lead from what was done in a period to what was judged in it, in the order in which they are read."""

TAKEN_AWAY = frozenset({"earlier", "undetermined", "without_limit"})
"""Those of ``FLOW`` that are taken away; the others are added."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The incidents of a period on one clock (``resolve``, ``respond``), of one priority or of all (None).

    Each is in exactly one class: *met*, *breached*, *undetermined*, *running* or one of *excluded*, a count by reason.
    *population* is counted in another way: open when the period began, opened and reopened in it, and *undated*, judged
    in it without ever having been seen open. *flow* counts the lines of ``FLOW``.
    """

    clock: str
    priority: str | None
    population: int
    met: int
    breached: int
    undetermined: int
    running: int
    excluded: Mapping[str, int] = field(default_factory=dict)
    flow: Mapping[str, int] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """Met and breached."""
        return self.met + self.breached

    @property
    def unexplained(self) -> int:
        """The population less the sum of the classes: 0, unless something was counted twice or not at all."""
        return self.population - self.judged - self.undetermined - self.running - sum(self.excluded.values())

    @property
    def flow_difference(self) -> int:
        """What was judged less what the lines of the flow add up to: 0 when they explain it."""
        return self.judged - sum(-n if name in TAKEN_AWAY else n for name, n in self.flow.items())


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Tickets that were not judged, with the reason as a short code. *clock* None: whatever the clock.

    *tickets* is empty for those of others (``out_of_scope``): a report names no ticket of another customer.
    """

    clock: str | None
    reason: str
    count: int
    tickets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A ticket whose resolution the desk's own flag tells otherwise; *code* is the first single cause that explains it.

    A cause explains it when the verdict would be the desk's without it; ``unexplained`` when none is.
    """

    ticket: str
    is_met_for_desk: bool
    verdict: str
    code: str


@dataclass(frozen=True, slots=True)
class DeskFlags:
    """How the desk's own flags compare with the verdicts on the resolutions done or decided in the period.

    *untold*: the desk tells none.
    """

    compared: int = 0
    untold: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def agreed(self) -> int:
        """Those on which both say the same."""
        return self.compared - len(self.differences)


@dataclass(frozen=True, slots=True)
class LateEdit:
    """A change that was made at *at*, after *deadline* had passed; values as in :class:`~kpi_agent.domain.ticket.Edit`.

    *deadline* is that which was in force before the change.
    """

    ticket: str
    field: str
    before: str | int | None
    after: str | int | None
    at: int
    deadline: int


@dataclass(frozen=True, slots=True)
class HeldFor:
    """Service seconds that *n* resolutions waited for one *reason*, and whether the contract lets it stop the clock.

    *reason* is a code of the contract's, ``untold`` where the desk gives none, ``sum`` for time known only as a sum.
    Waits for two reasons at once count under both.
    """

    reason: str
    is_stopping: bool
    seconds: int
    n: int


@dataclass(frozen=True, slots=True)
class HoldFigures:
    """What holds did to the resolutions done in the period, and which holds deserve a look; tickets by id.

    *held* of *whole* service seconds did not count, over *n* resolutions. *saved*: met only thanks to holds.
    *begun_late*: a hold began in the last tenth of the limit. *entered_late*: held time that appeared afterwards.
    *long*: held over ten working days. *untold*: resolutions from a source that tells no holds. *reasons*: what they
    waited for, the longest first.
    """

    n: int = 0
    held: int = 0
    whole: int = 0
    untold: int = 0
    saved: tuple[str, ...] = ()
    begun_late: tuple[str, ...] = ()
    entered_late: tuple[str, ...] = ()
    long: tuple[str, ...] = ()
    reasons: tuple[HeldFor, ...] = ()

    @property
    def share(self) -> Fraction | None:
        """The held share of the time of the resolutions, None where no time was told."""
        return Fraction(self.held, self.whole) if self.whole else None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A resolution that was not done where the figures end although its deadline had passed."""

    ticket: str
    priority: str | None
    deadline: int


@dataclass(frozen=True, slots=True)
class Lost:
    """An open ticket that a newer complete export should hold and does not; *seen*: the last one that did."""

    ticket: str
    seen: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All that an incident page prints so that its figures can be held against the desk."""

    balances: tuple[Balance, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    desk: DeskFlags = DeskFlags()
    edits: tuple[LateEdit, ...] = ()
    holds: HoldFigures = HoldFigures()
    overdue: tuple[Overdue, ...] = ()
    lost: tuple[Lost, ...] = ()
