"""The verdict of a period in sentences: how many promises were kept, which were not, what the evidence says."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpi_agent_reports.catalogue import message, messages
from kpi_agent_reports.evidence import miss_text
from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.figures import Figure
from kpi_agent_reports.names import commitment_name, verdict_chip
from kpi_agent_reports.view import Chip, Phrase
from kpi_agent_reports.words import Words

WHY = {
    "too_early": message("too early to tell"),
    "coverage_short": message("not enough observed"),
    "reopenings_unknown": message("the desk does not tell what was reopened"),
    "responses_unknown": message("the desk does not tell when people worked on them"),
    "groups_unknown": message("the desk does not tell the groups"),
    "resolvers_unknown": message("the exports do not tell who resolved them"),
    "resolvers_unlinked": message("resolvers are kept under a key of each desk and year"),
    "few_resolvers": message("fewer than 4 resolvers"),
    "people_off": message("figures about persons are switched off"),
    "time_untold": message("the desk does not tell the time worked"),
    "not_comparable": message("too few incidents can be compared"),
    "lookback_short": message("too little known of the months before"),
    "problems_untold": message("the desk does not tell the problems behind them"),
    "host_coverage_short": message("hosts not observed enough"),
    "rows_rejected": message("rows of the exports could not be read"),
    "missed_at_best": message("missed even if all that was not observed was good"),
    "cannot_be_reached": message("out of reach before the end"),
}
"""Short codes of a commitment that have words; other codes appear in the evidence annex only."""

LISTED = 3
"""From so many on, reasons are a list: a sentence of nine is read by nobody."""

MOST_LISTED = 8
"""So many reasons leave room on page 1 for the commitments; the others are one click away, and printed."""

_TALLY = {
    "met": messages("{n} met", "{n} met"),
    "at_risk": messages("{n} at risk", "{n} at risk"),
    "missed": messages("{n} missed", "{n} missed"),
    "no_data": messages("{n} not measured", "{n} not measured"),
    "nothing_to_judge": messages("{n} with nothing to judge", "{n} with nothing to judge"),
}

_REST = {
    "missed": messages("{n} is missed", "{n} are missed"),
    "at_risk": messages("{n} is at risk", "{n} are at risk"),
    "no_data": messages("{n} could not be measured", "{n} could not be measured"),
    "nothing_to_judge": messages("{n} had nothing to judge", "{n} had nothing to judge"),
}

_ALL_OF = {
    "missed": (
        messages("The one commitment is not kept", "None of the {n} commitments is kept"),
        messages("So far, the one commitment is not kept", "So far, none of {n} commitments is kept"),
    ),
    "at_risk": (
        messages("The one commitment is at risk", "All {n} commitments are at risk"),
        messages("So far, the one commitment is at risk", "So far, all {n} commitments are at risk"),
    ),
    "no_data": (
        messages("The one commitment could not be measured", "None of the {n} commitments could be measured"),
        messages(
            "So far, the one commitment could not be measured", "So far, none of {n} commitments could be measured"
        ),
    ),
}
"""What is said when all are alike: of a period that is over, and of a running one."""


def tally(summary: Part, words: Words) -> tuple[Chip, ...]:
    """Return the headline: ``5 met · 2 missed · 1 not measured``, verdicts that nobody got left out."""
    found = []
    for verdict, (one, many) in _TALLY.items():
        if summary[verdict]:
            chip = verdict_chip(verdict, words)
            found.append(Chip(chip.tone, chip.glyph, words.count(one, many, summary[verdict])))
    return tuple(found)


def kept_of(summary: Part) -> tuple[int, int]:
    """Return (kept, of): nothing to judge leaves the denominator, not measured stays in it (indicators.md §3)."""
    return summary["met"], summary["met"] + summary["missed"] + summary["at_risk"] + summary["no_data"]


def score_of(summary: Part, words: Words) -> str:
    """Return ``5 / 8``: kept of all that count (:func:`kept_of`); a dash where nothing does."""
    kept, of = kept_of(summary)
    return f"{words.number(kept)} / {words.number(of)}" if of else "–"


def verdict_phrases(figures: Sequence[Figure], facts: Facts, words: Words) -> tuple[Phrase, ...]:
    """Return the verdict: the count, then one phrase per verdict that asks for attention."""
    phrases = [Phrase("", "", opening(facts, words))]
    for verdict, lead in (
        ("missed", message("Not kept")),
        ("at_risk", message("At risk")),
        ("no_data", message("Not measured")),
    ):
        items = [_item(f, facts, words) for f in figures if f.objective["verdict"] == verdict]
        if items:
            tone = verdict_chip(verdict, words).tone
            text = words.say(": {items}.", items=words.say("; ").join(items))
            phrases.append(_phrase(words.say(lead), tone, text, items, words))
    return tuple(phrases)


def _phrase(lead: str, tone: str, text: str, items: Sequence[str], words: Words) -> Phrase:
    if len(items) < LISTED:
        return Phrase(lead, tone, text)
    # One more than fit is not worth a line that says so.
    most = MOST_LISTED if len(items) > MOST_LISTED + 1 else len(items)
    shown, more = tuple(items[:most]), tuple(items[most:])
    title = words.count("and {n} other", "and {n} others", len(more)) if more else ""
    return Phrase(lead, tone, text, shown, title, more)


def opening(facts: Facts, words: Words) -> str:
    """Return the first sentence: how many promises are kept of how many, and what became of the others."""
    summary = facts.document["summary"]
    kept, of = kept_of(summary)
    if not of:
        return words.say("There was nothing to judge in the period.")
    alike = next((texts for verdict, texts in _ALL_OF.items() if summary[verdict] == of), None)
    if alike is None:
        first = _kept(kept, of, facts, words)
    else:
        one, many = alike[facts.is_running]
        first = words.count(one, many, of)
    reserved = summary["met_with_reserve"]
    if reserved:
        first += words.count(" ({n} with a reserve)", " ({n} with a reserve)", reserved)
    rest = [
        words.count(one, many, summary[verdict])
        for verdict, (one, many) in _REST.items()
        # "None is kept, 2 are missed" says one thing twice.
        if summary[verdict] and not (verdict in _ALL_OF and summary[verdict] == of)
    ]
    return words.listed([first, *rest]) + "."


def _kept(kept: int, of: int, facts: Facts, words: Words) -> str:
    whole = words.number(of)
    if not kept:
        return words.count(*_ALL_OF["missed"][facts.is_running], of)
    if facts.is_running:
        return words.count(
            "So far, {n} commitment of {of} is kept", "So far, {n} commitments of {of} are kept", kept, of=whole
        )
    if kept == of:
        return words.count("The one commitment is kept", "All {n} commitments are kept", of)
    return words.count("{n} commitment of {of} is kept", "{n} commitments of {of} are kept", kept, of=whole)


def _item(figure: Figure, facts: Facts, words: Words) -> str:
    name = commitment_name(figure.objective, facts, words)
    if figure.objective["verdict"] == "no_data":
        share = words.percent(Fraction(figure.reading["coverage"]))
        reason = next((words.say(WHY[code]) for code in figure.objective["why"] if code in WHY), "")
        observed = words.say("observed: {share}", share=share)
        return f"{name} ({words.say(', ').join(part for part in (reason, observed) if part)})"
    text = miss_text(figure, facts, words)
    reasons = [words.say(WHY[code]) for code in figure.objective["why"] if code in WHY]
    text = words.say("; ").join(part for part in (text, *reasons) if part)
    return f"{name} ({text})" if text else name
