"""Page 1: what was promised and what was kept, readable alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from kpi_agent_reports.catalogue import message
from kpi_agent_reports.charts import bullet, spark
from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.figures import (
    Figure,
    change_texts,
    left_text,
    lost_text,
    reserve_text,
    value_note,
    with_coverage,
)
from kpi_agent_reports.names import commitment_name, indicator_name, promise_text, target_text, verdict_chip
from kpi_agent_reports.sentences import WHY
from kpi_agent_reports.view import Card, CommitmentRow
from kpi_agent_reports.words import Words


def commitment_rows(figures: Sequence[Figure], facts: Facts, words: Words) -> tuple[CommitmentRow, ...]:
    """Return the table of commitments in the contract's order."""
    return tuple(_row(f, facts, words) for f in figures)


def _row(figure: Figure, facts: Facts, words: Words) -> CommitmentRow:
    objective = figure.objective
    chip = verdict_chip(objective["verdict"], words)
    change, change_word = change_texts(figure, facts, words)
    return CommitmentRow(
        name=commitment_name(objective, facts, words),
        promise=promise_text(objective, facts, words),
        target=target_text(objective, words),
        value=figure.value_text(words),
        value_note=value_note(figure, words),
        value_tone=chip.tone,
        bullet=bullet(figure, words),
        missing=_missing(figure, words),
        spark=spark(figure, facts, words),
        change=change,
        change_word=change_word,
        verdict=chip,
        reserve=reserve_text(figure, words),
        left=left_text(figure, words) if facts.is_running else "",
    )


def _missing(figure: Figure, words: Words) -> str:
    if figure.objective["verdict"] != "no_data":
        return ""
    reason = next((words.say(WHY[code]) for code in figure.objective["why"] if code in WHY), "")
    return reason or words.say("no value")


def cards(facts: Facts, words: Words) -> tuple[Card, ...]:
    """Return up to four figures of the period: incidents, availability, patching, restores; only what was measured."""
    found = (_incident_card(facts, words), _availability_card(facts, words), _patch_card(facts, words))
    return tuple(card for card in (*found, _restore_card(facts, words)) if card is not None)


def _incident_card(facts: Facts, words: Words) -> Card | None:
    label, reading = words.say("Incidents opened"), facts.reading("volume")
    if reading is None and not facts.incidents():
        return None
    if reading is not None and not facts.is_counted(reading):
        note = with_coverage(words.say("not measured"), reading, words, is_short=True)
        return Card(label, verdict_chip("no_data", words).glyph, note, "", "incidents")
    opened = facts.opened()
    severe = sum(facts.opened(name) for name in ("P1", "P2"))
    note = words.say("of which {n} P1 or P2", n=words.number(severe))
    return Card(label, words.number(opened), note, "", "incidents")


def _availability_card(facts: Facts, words: Words) -> Card | None:
    """Return the service with the lowest availability."""
    values = [
        (value, r["scope"].get("service", ""), r)
        for r in facts.document["readings"]
        if r["indicator"] == "availability" and not r.get("window") and (value := facts.told_value(r)) is not None
    ]
    if not values:
        return None
    value, service, reading = min(values, key=lambda item: item[:2])
    note = lost_text(reading, words) if reading["numerator"] is not None else ""
    note = with_coverage(note, reading, words, is_short=facts.is_short(reading))
    label = words.say("Availability of {service}", service=service) if service else words.say("Availability")
    return Card(label, words.percent(value, digits=3), note, "", "availability")


def _patch_card(facts: Facts, words: Words) -> Card | None:
    reading = facts.reading("patched_hosts")
    if reading is not None and facts.told_value(reading) is not None:
        figure = f"{words.number(reading['numerator'])} / {words.number(reading['denominator'])}"
        note = with_coverage(_host_note(facts, words), reading, words, is_short=facts.is_short(reading))
        return Card(indicator_name("patched_hosts", words), figure, note, "", "patching")
    reading = facts.reading("patch_in_time")
    value = facts.told_value(reading)
    if reading is None or value is None:
        return None
    note = with_coverage(_host_note(facts, words), reading, words, is_short=facts.is_short(reading))
    return Card(indicator_name("patch_in_time", words), words.percent(value), note, "", "patching")


def _host_note(facts: Facts, words: Words) -> str:
    states = [h["state"] for h in facts.document["hosts"]]
    overdue, unknown = states.count("overdue"), states.count("unknown")
    parts = [words.count("{n} overdue", "{n} overdue", overdue)] if states else []
    if unknown:
        parts.append(words.count("{n} not observed", "{n} not observed", unknown))
    return ", ".join(parts)


def _restore_card(facts: Facts, words: Words) -> Card | None:
    sets = facts.document["backups"]
    reading = facts.reading("restore_coverage")
    if reading is None or facts.told_value(reading) is None:
        return None
    never = sum(b["last_passed"] is None for b in sets)
    note = words.count("{n} set never tested", "{n} sets never tested", never) if never else words.say("by a real test")
    figure = f"{words.number(reading['numerator'])} / {words.number(reading['denominator'])}"
    note = with_coverage(note, reading, words, is_short=facts.is_short(reading))
    return Card(words.say("Backup sets proven"), figure, note, "", "backups")


_MOST_CHANGES = 8
_BECAME = {
    "missed": message("Now missed: {names}"),
    "met": message("Now kept: {names}"),
    "no_data": message("No longer measured: {names}"),
}


def since_lines(figures: Sequence[Figure], facts: Facts, words: Words) -> tuple[str, ...]:
    """Return the verdicts that changed against the period before; empty when that period is not known.

    Where many changed, those that came to the same verdict share a line.
    """
    before = facts.period.previous().id
    past = {h["objective"]: h["verdict"] for h in facts.document["history"] if h["period"] == before}
    if not past or facts.is_running:
        return ()
    changed = [
        (f, past[f.objective["id"]])
        for f in figures
        if past.get(f.objective["id"], f.objective["verdict"]) != f.objective["verdict"]
    ]
    if len(changed) > _MOST_CHANGES:
        return tuple(_changed_alike([f for f, _ in changed], facts, words))
    found = [_changed(f, old, f.objective["verdict"], facts, words) for f, old in changed]
    return tuple(filter(None, found)) or (words.say("No verdict changed."),)


def _changed_alike(figures: Sequence[Figure], facts: Facts, words: Words) -> Iterator[str]:
    """Yield one line for all that came to the same verdict, by name."""
    for verdict, lead in _BECAME.items():
        names = [commitment_name(f.objective, facts, words) for f in figures if f.objective["verdict"] == verdict]
        if names:
            yield words.say(lead, names=words.listed(names))


def _changed(figure: Figure, old: str, new: str, facts: Facts, words: Words) -> str:
    name = commitment_name(figure.objective, facts, words)
    if new == "missed" and old == "met":
        run = _kept_in_a_row(figure.objective, facts)
        return words.count(
            "{name}: missed, after {n} period kept", "{name}: missed, after {n} periods kept in a row", run, name=name
        )
    if new == "missed":
        return words.say("{name}: missed", name=name)
    if new == "met":
        return words.say("{name}: kept again", name=name) if old == "missed" else words.say("{name}: kept", name=name)
    if new == "no_data":
        return words.say("{name}: no longer measured", name=name)
    return ""


def _kept_in_a_row(objective: Part, facts: Facts) -> int:
    run = 0
    for past in reversed([h for h in facts.document["history"] if h["objective"] == objective["id"]]):
        if past["period"] >= facts.period.id:
            continue
        if past["verdict"] != "met":
            break
        run += 1
    return run


def watch_lines(facts: Facts, words: Words) -> tuple[str, ...]:
    """Return what page 1 must not hide: things long overdue, declared figures, sources badly observed."""
    found = [
        _overdue_line(r, words)
        for r in facts.document["readings"]
        if r["overdue"] and not r.get("window") and (not r["scope"] or "priority" in r["scope"])
    ]
    declared = sum(
        facts.document["readings"][o["reading"]]["origin"] == "declared" for o in facts.document["objectives"]
    )
    if declared:
        found.append(
            words.count(
                "{n} commitment rests on declarations alone", "{n} commitments rest on declarations alone", declared
            )
        )
    found += [
        words.say("Source {name}: {share} observed", name=s["name"], share=words.percent(Fraction(s["coverage"])))
        for s in facts.document["sources"]
        if Fraction(s["coverage"]) < Fraction(95, 100)
    ]
    return tuple(dict.fromkeys(found))


def _overdue_line(reading: Part, words: Words) -> str:
    scope = " ".join(str(v) for _, v in sorted(reading["scope"].items()))
    name = " ".join(part for part in (indicator_name(reading["indicator"], words), scope) if part)
    text = words.count(
        "{name}: {n} still overdue from before the period",
        "{name}: {n} still overdue from before the period",
        reading["overdue"],
        name=name,
    )
    if reading["overdue_oldest"] is None:
        return text
    age = words.duration(reading["overdue_oldest"], has_days=True)
    return text + words.say(", the oldest for {age}", age=age)
