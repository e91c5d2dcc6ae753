"""Mutants that no test can notice, for they do the same: why, by module, function and change."""

from __future__ import annotations

_EMPTY = "an empty stretch is left out a few lines later"
_SLOWER = "what follows changes nothing either: only slower"
_GUARD = "tells the type checker what holds already"
_CACHE = "decides how many years are resolved at once, and how often; what is found in them is the same"
_NEWER = "the backup that follows is as new or newer, and protects at least as long"
_FAR = "farther than any instant"

EQUIVALENT: dict[tuple[str, str, str, str], str] = {
    ("time", "intersection", "a[i].end < b[j].end", "a[i].end <= b[j].end"): "of two that end together, either may go on",
    ("time", "difference", "hole.end <= cursor", "hole.end < cursor"): "a hole that ends at the cursor moves it nowhere",
    ("time", "difference", "hole.start >= item.end", "hole.start > item.end"): "the rest up to the end is kept here or below",
    ("time", "difference", "break", "continue"): _SLOWER,
    ("time", "to_instant", "first > second", "first >= second"): "equal ones have returned before",
    ("time", "local_days", "span.end <= span.start", "span.end < span.start"): _EMPTY,
    ("time", "local_days", "start < span.end", "start <= span.end"): _EMPTY,
    ("time", "Period.previous", "days=1", "days=2"): "the day before the last lies in the same week, month or quarter",
    ("calendar", "ServiceCalendar.open_spans", "bisect_right(self._starts, span.start) - 1", "bisect_right(self._starts, span.start) - 2"): "a stretch that ends before is left out",
    ("calendar", "ServiceCalendar._nth_open_second", "(1, _HORIZON_YEARS)", "(0, _HORIZON_YEARS)"): _CACHE,
    ("calendar", "ServiceCalendar._nth_open_second", "(1, _HORIZON_YEARS)", "(2, _HORIZON_YEARS)"): _CACHE,
    ("calendar", "ServiceCalendar._resolve_years", "last + 1", "last + 0"): _CACHE,
    ("calendar", "ServiceCalendar._resolve_years", "last + 1", "last - 1"): _CACHE,
    ("calendar", "ServiceCalendar._resolve_years", "days=1", "days=2"): "no range runs over two midnights",
    ("calendar", "ServiceCalendar.open_spans", "break", "continue"): _SLOWER,
    ("calendar", "ServiceCalendar.deadline", "hold.end <= cursor", "hold.end < cursor"): "such a hold takes nothing and moves nothing",
    ("calendar", "ServiceCalendar.deadline", "break", "continue"): "before a later hold even more is left: it is passed over too",
    ("calendar", "ServiceCalendar._open_between", "end <= start", "end < start"): "nothing lies between equal instants",
    (
        "verdict", "Judgement.is_overdue_at",
        "self.verdict is not Verdict.BREACHED or self.deadline is None or self.deadline >= span.start",
        "self.verdict is not Verdict.BREACHED or self.deadline >= span.start",
    ): "what is breached has a deadline",
    ("due", "LedgerEntry", "updated: int = 0", "updated: int = 1"): "for display; who stores an entry gives it",
    ("due", "closing_instant", "period.end - 1", "period.end - 2"): "versions begin at midnight",
    ("due", "due_closes", "period.end - 1", "period.end - 2"): "versions begin at midnight",
    ("outcome", "_running_availability", "reading.denominator or 0", "reading.denominator"): _GUARD,
    ("outcome", "_running_availability", "reading.denominator or 0", "reading.denominator or 1"): _GUARD,
    ("facts", "TicketFacts", "Fraction(1)", "Fraction(2)"): "the lesser of it and a coverage, which is at most 1",
    ("indicators/caseload", "_judged", "min(request.period.start, request.span.start)", "min(request.period.end, request.span.start)"): "judges fewer tickets anew: those left out are over before the span",
    ("indicators/caseload", "_judged", "('cases', id(request.contract), start, as_of)", "('not cases', id(request.contract), start, as_of)"): "a name for what is remembered",
    ("indicators/caseload", "module", "92 * DAY", "93 * DAY"): "looks at more tickets that are over",
    ("indicators/caseload", "_is_over", "i >= since", "i > since"): "looks at one more ticket that is over",
    ("indicators/case", "_due", "break", "continue"): "later changes come after that deadline too",
    ("indicators/recurrence", "_latest_alike", "break", "continue"): _SLOWER,
    ("indicators/recurrence", "_keys", "('service', ticket.category, ticket.service)", "('not service', ticket.category, ticket.service)"): "any word tells it from a host",
    ("indicators/recurrence", "_keys", "('host', ticket.category, ticket.host)", "('not host', ticket.category, ticket.host)"): "any word tells it from a service",
    (
        "indicators/recurrence", "_families",
        "('families', id(request.contract), request.version.effective_from, request.scope, as_of)",
        "('not families', id(request.contract), request.version.effective_from, request.scope, as_of)",
    ): "any word tells it from what else is remembered",
    ("indicators/recurrence", "family_lines", "kin.places.most_common(1)", "kin.places.most_common(2)"): "the first is taken",
    (
        "objective_window", "window_starts",
        "Request(contract, version, period, span, span.end)", "Request(contract, version, period, span, span.start)",
    ): "where a window begins does not depend on the instant it is asked for",
    ("objective_window", "measure_window", "asked.scope.service or ''", "asked.scope.service"): _GUARD,
    ("objective_window", "_parts", "month.start < asked.span.end", "month.start <= asked.span.end"): _EMPTY,
    ("indicators/workload", "_share", "Fraction(1)", "Fraction(2)"): "the lesser of it and a coverage, which is at most 1",
    ("indicators/attainment", "attainment", "Fraction(1)", "Fraction(2)"): "the lesser of it and a coverage, which is at most 1",
    ("indicators/attainment", "attainment", "for j in overdue if j.deadline is not None", "for j in overdue"): _GUARD,
    ("indicators/incidents", "_durations.measure", "for j in timed if j.elapsed is not None", "for j in timed"): _GUARD,
    ("indicators/incidents", "_durations.measure", "for j in timed if j.done is not None", "for j in timed"): _GUARD,
    (
        "indicators/priority_history", "histories",
        "ticket.priority_changes or not found", "ticket.priority_changes",
    ): "judged twice alike: only slower",
    (
        "indicators/holding", "_is_saved",
        "unit.judgement.verdict is not Verdict.MET or not (ticket.holds or ticket.hold_total)",
        "unit.judgement.verdict is not Verdict.MET",
    ): "what was never held is met without its holds too: only slower",
    (
        "indicators/holding", "_has_begun_late",
        "[hold.start for hold in clock.placed if span.start <= hold.start < clock.end]",
        "[hold.end for hold in clock.placed if span.start <= hold.start < clock.end]",
    ): "the clock stands as long as the hold lasts",
    (
        "indicators/incidents", "_is_breached_before",
        "judgement.verdict is Verdict.BREACHED and judgement.deadline is not None and (judgement.deadline < instant)",
        "judgement.verdict is Verdict.BREACHED and judgement.deadline < instant",
    ): "what is breached has a deadline",
    ("indicators/recovery_point", "protection", "1:", "0:"): "what is cut with itself stays",
    ("indicators/recovery_point", "_line", "for (n, r) in enumerate(runs) if r.value > 0", "for (n, r) in enumerate(runs)"): "what ended in 1970 protects nothing today",
    ("indicators/recovery_point", "_line", "r.value > 0", "r.value >= 0"): "what ended in 1970 protects nothing today",
    ("indicators/recovery_point", "_line", "r.value > 0", "r.value > 1"): "what ended in 1970 protects nothing today",
    ("indicators/recovery_point", "_gone", "for run in runs[place + 1:] if run.value < value", "for run in runs[place + 1:]"): _NEWER,
    ("indicators/recovery_point", "_gone", "run.value < value", "run.value <= value"): _NEWER,
    ("indicators/recovery_point", "_gone", "place + 1", "place + 0"): "no value is smaller than itself",
    ("indicators/recovery_point", "_gone", "2 ** 62", "3 ** 62"): _FAR,
    ("indicators/recovery_point", "_gone", "2 ** 62", "2 ** 63"): _FAR,
    ("indicators/recovery_point", "_gone", "2 ** 62", "2 ** 61"): _FAR,
    ("indicators/maintenance", "maintenance_of", "month.start < period.end", "month.start <= period.end"): "what lies after the period is cut off",
    ("indicators/maintenance", "_first_seconds", "left <= 0", "left < 0"): "an empty stretch adds nothing",
}  # fmt: skip
"""(module, function, before, after) → the reason."""
