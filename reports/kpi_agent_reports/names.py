"""What indicators, objectives, targets and limits are called."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.time import to_local
from kpi_agent_reports.catalogue import NO_BREAK, message
from kpi_agent_reports.facts import Facts, Part, instant_of
from kpi_agent_reports.view import Chip
from kpi_agent_reports.words import Words

INDICATORS = {
    "time_to_detect": message("Time to detect"),
    "time_to_respond": message("Time to respond"),
    "respond_in_time": message("Response"),
    "time_to_resolve": message("Time to resolve"),
    "resolve_in_time": message("Resolution"),
    "volume": message("Incidents opened"),
    "backlog": message("Backlog"),
    "reopen_rate": message("Reopened incidents"),
    "out_of_hours_share": message("Worked on outside office hours"),
    "product_team_share": message("Carried by product teams"),
    "single_person_share": message("Busiest resolver"),
    "recurrence_rate": message("Recurring incidents"),
    "root_cause_treated": message("Root causes treated"),
    "interruption_cost": message("Cost of interruptions"),
    "patch_lag": message("Patch lag"),
    "patch_in_time": message("Security patches"),
    "patched_hosts": message("Patched hosts"),
    "reboot_in_time": message("Reboots"),
    "exposure": message("Exposure"),
    "unsupported_hosts": message("Hosts out of support"),
    "certificates": message("Certificates"),
    "restore_success": message("Restore tests passed"),
    "restore_coverage": message("Restore tests"),
    "restore_rto": message("Restores within their RTO"),
    "restore_age": message("Age of the oldest proof"),
    "backup_rpo": message("Backups within their RPO"),
    "availability": message("Availability"),
    "alerts_per_week": message("Alerts per week"),
    "alerts_acted_on": message("Alerts acted on"),
    "night_alerts": message("Alerts at night"),
    "undetected_outages": message("Undetected outages"),
    "runbook_coverage": message("Runbooks"),
    "reviews_in_date": message("Documents in date"),
    "postmortem_in_time": message("Post-mortems in time"),
    "actions_in_time": message("Actions in time"),
    "change_failure_rate": message("Failed deployments"),
    "custom": message("Figure of the contract"),
}

STATISTICS = {
    "mean": message("mean"),
    "median": message("median"),
    "p90": message("nine in ten"),
    "max": message("longest"),
}

TICKET_FIELDS = {
    "opened": message("opening"),
    "responded": message("response"),
    "resolved": message("resolution"),
    "priority": message("priority"),
    "kind": message("kind"),
    "entity": message("entity"),
    "category": message("category"),
    "service": message("service"),
    "host": message("host"),
    "group": message("group"),
    "holds": message("held time"),
    "hold_total": message("held time in all"),
    "merged_into": message("merge"),
}
"""What exports tell of a ticket, by the code of the document."""

SHOWN_TICKETS = 4
"""So many tickets are named in a cell; the others are counted."""

_TONES = {
    Outcome.MET: ("met", "●", message("Met")),
    Outcome.AT_RISK: ("risk", "▲", message("At risk")),
    Outcome.MISSED: ("missed", "■", message("Missed")),
    Outcome.NO_DATA: ("none", "○", message("No data")),
    Outcome.NOTHING_TO_JUDGE: ("idle", "–", message("Nothing to judge")),
}


def verdict_chip(verdict: str, words: Words) -> Chip:
    """Return a verdict's tone, glyph and word (product.md)."""
    tone, glyph, text = _TONES[Outcome(verdict)]
    return Chip(tone, glyph, words.say(text))


def indicator_name(indicator: str, words: Words) -> str:
    """Return an indicator's name; one that has none is named by its id."""
    return words.say(INDICATORS[indicator]) if indicator in INDICATORS else indicator


_KINDS = {
    "incident": message("incidents"),
    "request": message("requests"),
    "change": message("changes"),
    "problem": message("problems"),
}


def objective_name(objective: Part, words: Words) -> str:
    """Return the contract's own name for an objective, else its indicator and scope."""
    own = objective["name"].get(words.language)
    if own:
        return str(own)
    scope, indicator = dict(objective["scope"]), objective["indicator"]
    if "figure" in scope:
        return str(scope["figure"])  # the contract itself names it
    kind = scope.pop("kind", None)
    told = words.say("Tickets opened") if kind and indicator == "volume" else indicator_name(indicator, words)
    name = " ".join((told, *(str(v) for _, v in sorted(scope.items()))))
    if kind:
        name += f", {words.say(_KINDS[kind])}"
    statistic = objective["statistic"]
    if statistic in STATISTICS:
        return f"{name} ({words.say(STATISTICS[statistic])})"
    return name


def windowed_name(objective: Part, facts: Facts, words: Words) -> str:
    """Return :func:`objective_name`, with its window where another of the same name has another window."""
    name, window = objective_name(objective, words), _window_of(objective)
    others = {_window_of(o) for o in facts.document["objectives"] if objective_name(o, words) == name}
    return f"{name}, {words.say(_WINDOWS[window])}" if window in _WINDOWS and others - {window} else name


def _window_of(objective: Part) -> str:
    window: str = objective.get("window", "month")
    return window


def commitment_name(objective: Part, facts: Facts, words: Words) -> str:
    """Return :func:`windowed_name`, with the days it was in force where another segment has one of the same name."""
    name = windowed_name(objective, facts, words)
    if sum(windowed_name(o, facts, words) == name for o in facts.document["objectives"]) == 1:
        return name
    segments = facts.document["segments"]
    if len(segments) == 1:
        return name
    segment = segments[objective["segment"]]
    first, last = instant_of(segment["start"]), instant_of(segment["end"]) - 1
    return words.say(
        "{name} ({first} to {last})",
        name=name,
        first=words.short_day(to_local(first, words.tz).date()),
        last=words.short_day(to_local(last, words.tz).date()),
    )


def joined_by(family: Part, words: Words) -> str:
    """Return the words that made a family, or the problem that did."""
    if family["words"]:
        return ", ".join(family["words"])
    if family["problems"]:
        return words.say("problem {id}", id=", ".join(family["problems"]))
    return words.say("the same title")


def target_text(objective: Part, words: Words) -> str:
    """Return the target as printed: ``≥ 95 %``, ``100 %``, ``≤ 4 h``."""
    value = Fraction(objective["target_value"])
    sign = "≥" if objective["target_comparison"] == ">=" else "≤"
    if objective["target_unit"] == "ratio":
        # A target is exact: three digits print 99.95 whole, and it is cut nowhere.
        text = words.percent(value, digits=3)
        return text if value == 1 and sign == "≥" else f"{sign}{NO_BREAK}{text}"
    if objective["target_unit"] == "seconds":
        return f"{sign}{NO_BREAK}{words.limit(objective['target'].lstrip('<>= '), int(value))}"
    return f"{sign}{NO_BREAK}{words.decimal(value, 3, is_floored=True)}"


def bare_target_text(objective: Part, words: Words) -> str:
    """Return the target within a sentence: ``90 %``, ``at most 15 %``."""
    text = target_text(objective, words).removeprefix(f"≥{NO_BREAK}")
    if text.startswith("≤"):
        return words.say("at most {target}", target=text.removeprefix(f"≤{NO_BREAK}"))
    return text


def some_tickets(tickets: Sequence[str], words: Words, *, most: int = SHOWN_TICKETS) -> str:
    """Return the first tickets by id, and how many more there are; empty of none."""
    shown = ", ".join(tickets[:most])
    more = len(tickets) - most
    return shown if more <= 0 else f"{shown} {words.count('and {n} more', 'and {n} more', more)}"


def digits_of(indicator: str) -> int:
    """Return how many digits a ratio shows: availability 3, everything else 1 (indicators.md)."""
    return 3 if indicator == "availability" else 1


def calendar_words(calendar: str | None, facts: Facts, words: Words) -> str:
    """Return when a clock runs: around the clock, or the calendar's name."""
    if calendar is None:
        return ""
    if facts.is_always_open(calendar):
        return words.say("around the clock")
    return words.say("{calendar} hours", calendar=calendar)


def limit_words(seconds: int | None, texts: tuple[str, ...], words: Words) -> str:
    """Return a limit in the contract's own unit: the first of *texts*, for they all mean *seconds*."""
    if seconds is None:
        return ""
    return words.limit(texts[0], seconds) if texts else words.duration(seconds)


def priority_limit(priority: str, clock: str, facts: Facts, words: Words) -> str:
    """Return the limit of a priority for ``respond`` or ``resolve``, empty when not promised."""
    for terms in facts.terms["priorities"]:
        if terms["priority"] == priority and terms[clock] is not None:
            return words.limit(terms[clock]["text"], terms[clock]["seconds"])
    return ""


def promise_text(objective: Part, facts: Facts, words: Words) -> str:
    """Return the promise's small print: limit and clock, window, exclusions; empty when there is nothing to add."""
    text = _promise(objective, facts, words)
    window = _window_of(objective)
    return ", ".join(part for part in (text, words.say(_WINDOWS[window]) if window in _WINDOWS else "") if part)


_WINDOWS = {
    "quarter": message("over the quarter"),
    "rolling 3 months": message("over 3 months"),
    "rolling 12 months": message("over 12 months"),
}


def _promise(objective: Part, facts: Facts, words: Words) -> str:
    scope, indicator = objective["scope"], objective["indicator"]
    if indicator in {"respond_in_time", "resolve_in_time"}:
        clock = "respond" if indicator == "respond_in_time" else "resolve"
        limit = priority_limit(scope["priority"], clock, facts, words) if "priority" in scope else ""
        if not limit:
            return words.say("each within its priority's limit")
        calendar = calendar_words(facts.calendar_name(scope["priority"]), facts, words)
        return f"≤{NO_BREAK}{limit}, {calendar}"
    if indicator in {"time_to_respond", "time_to_resolve"}:
        return calendar_words(facts.calendar_name(scope.get("priority", "")), facts, words)
    if indicator == "availability":
        return _availability_promise(scope.get("service"), facts, words)
    return _window_promise(objective, facts, words)


def _availability_promise(service: str | None, facts: Facts, words: Words) -> str:
    planned = {
        "excluded": message("planned maintenance excluded"),
        "as_up": message("planned maintenance counted as up"),
        "counted": message("planned maintenance counted"),
    }
    for terms in facts.terms["services"]:
        if terms["name"] == service:
            return f"{calendar_words(terms['calendar'], facts, words)}, {words.say(planned[terms['planned']])}"
    return ""


def _window_promise(objective: Part, facts: Facts, words: Words) -> str:
    indicator, limit, tickets = objective["indicator"], objective["limit"], facts.terms["tickets"]
    if indicator == "recurrence_rate" and tickets:
        days = tickets["lookback"] // 86400
        return words.count("same family within {n} day", "same family within {n} days", days)
    if indicator == "root_cause_treated" and tickets:
        days = tickets["lookback"] // 86400
        return words.count("families that came back within {n} day", "families that came back within {n} days", days)
    if indicator == "restore_coverage" and objective["interval"]:
        days = objective["interval"] // 86400
        return words.count("each set, less than {n} day ago", "each set, less than {n} days ago", days)
    if limit is not None:
        text = words.limit(limit["text"], limit["seconds"])
        if indicator == "patched_hosts":
            return words.say("nothing pending for more than {limit}", limit=text)
        return words.say("within {limit}", limit=text)
    return ""
