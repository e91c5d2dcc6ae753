"""The pages after the first: what is shown, and what is not shown when it was not observed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from kpi_agent.domain.evaluation import BackupLine, CertificateLine, Evaluation
from kpi_agent.domain.time import DAY, HOUR
from kpi_agent.domain.verdict import Verdict
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.view import Table, Topic
from sample_contract import OCTOBER, contract_of_acme
from sample_edges import running
from sample_month import document_of, october


def topics(evaluation: Evaluation, language: str = "en") -> dict[str, Topic]:
    view = build_view(document_of(evaluation, contract_of_acme()), language)
    return {t.id: t for t in (*view.topics, *view.annexes)}


def cells(table: Table) -> list[list[str]]:
    return [[cell.text.replace("\u00a0", " ") for cell in row] for row in table.rows]


def test_incidents_are_told_by_priority_with_their_counts() -> None:
    table = topics(october()[0])["incidents"].tables[0]

    assert cells(table)[1] == ["P2", "58", "57", "100%", "86.2%", "4 h 36 min", "9 h 11 min", "21 h 10 min", "–"]
    assert table.rows[1][4].note.replace("\u00a0", " ") == "50 of 58, ≤ 8 h"


def test_the_worst_three_are_those_furthest_over_their_limit() -> None:
    table = topics(october()[0])["incidents"].tables[1]

    assert [(r[0], r[-1]) for r in cells(table)] == [
        ("INC-4752", "still open"),
        ("INC-4723", "21 h 10 min"),
        ("INC-4720", "14 h 30 min"),
    ]


def test_a_chart_draws_breaches_over_the_limit_and_the_others_under_it() -> None:
    charts = {c.title: c for c in topics(october()[0])["incidents"].charts}
    chart = charts["Resolution P2: 50 of 58 in time"]

    assert sum(d.is_breach for d in chart.dots) == 8
    assert all(d.y < chart.limit for d in chart.dots if d.is_breach)
    assert all(chart.limit <= d.y <= chart.base for d in chart.dots if not d.is_breach)
    assert all(0 <= d.x <= 660 for d in chart.dots)
    assert [t.text for t in chart.levels] == ["0", "8\u00a0h", "22\u00a0h"]


def test_thousands_of_incidents_stay_a_light_drawing() -> None:
    evaluation, _ = october()
    line = evaluation.tickets[10]
    many = tuple(replace(line, ticket=replace(line.ticket, id=f"T{n}")) for n in range(3000))

    chart = topics(replace(evaluation, tickets=many))["incidents"].charts[0]

    assert chart.title == "Resolution P2: 3,000 of 3,000 in time"
    assert len(chart.dots) == 1


def test_each_day_of_a_service_shows_the_worst_of_it_with_its_words() -> None:
    strips = {s.title: s for s in topics(october()[0])["availability"].strips}
    portail = strips["portail"].cells

    assert len(portail) == 31
    assert [(c.kind, c.mark) for c in portail if c.kind != "up"] == [
        ("unknown", "?"), ("planned", "–"), ("down", "22"), ("brief", "4"), ("planned", "–"), ("planned", "–"),
    ]  # fmt: skip
    assert portail[13].title.replace("\u00a0", " ") == "14 Oct, 22 min down"
    assert strips["portail"].raw.endswith("99.338%.")
    assert {c.kind for c in strips["api"].cells} == {"up", "brief", "closed"}


def test_days_to_come_are_drawn_as_such() -> None:
    view = build_view(document_of(*running(), state="preview"))
    strip = next(s for t in view.topics for s in t.strips)

    assert [c.kind for c in strip.cells[21:]] == ["up", *["ahead"] * 8]


def test_an_availability_that_was_hardly_observed_is_no_figure() -> None:
    evaluation, _ = october()
    readings = tuple(
        replace(r, coverage=Fraction(61, 100)) if r.indicator == "availability" else r for r in evaluation.readings
    )
    commitments = tuple(replace(c, reading=readings[n]) for n, c in enumerate(evaluation.commitments))

    thin = replace(evaluation, readings=readings, commitments=commitments)
    view = build_view(document_of(thin, contract_of_acme()), "en")
    availability = next(t for t in view.topics if t.id == "availability")

    assert [s.figure for s in availability.strips] == ["not measured", "not measured"]
    assert [c.label for c in view.cards] == ["Incidents opened", "Patched hosts", "Backup sets proven"]


def test_thin_ticket_exports_are_said_beside_the_counts() -> None:
    evaluation, _ = october()
    readings = tuple(replace(r, coverage=Fraction(2, 3)) if r.indicator == "volume" else r for r in evaluation.readings)

    notes = topics(replace(evaluation, readings=readings))["incidents"].notes

    assert "The ticket exports cover 66.6% of the period: there may be more." in notes


def test_hosts_to_look_at_come_worst_first_and_patched_ones_stay_away() -> None:
    table = topics(october()[0])["patching"].tables[0]

    assert [(r[0], r[1]) for r in cells(table)] == [
        ("db-old", "overdue"), ("web3", "overdue"), ("lb2", "not observed"), ("web1", "pending, within the limit"),
    ]  # fmt: skip


def test_backup_sets_come_with_the_oldest_proof_first_and_verifications_do_not_count() -> None:
    topic = topics(october()[0])["backups"]

    assert [r[:2] for r in cells(topic.tables[0])] == [
        ["archives", "too old"], ["fichiers", "proven"], ["base-portail", "proven"], ["ldap", "proven"],
    ]  # fmt: skip
    assert topic.lead == "4 restore tests were run in the period, 3 passed."
    assert "1 verification restored nothing: it is not counted." in topic.notes


def test_what_is_still_open_shows_its_deadline() -> None:
    table = topics(october()[0])["backlog"].tables[1]

    assert cells(table)[0][:3] == ["INC-4752", "P2", "portail"]
    assert (table.rows[0][5].tone, table.rows[0][5].glyph, table.rows[0][5].note) == ("missed", "■", "passed")


def test_the_balance_of_open_incidents_is_printed() -> None:
    table = topics(october()[0])["backlog"].tables[0]

    assert [c.label for c in table.columns[1:]] == [
        "Open at the start", "Restated", "Opened", "Resolved", "Withdrawn", "Lost", "Open at the end",
    ]  # fmt: skip


def test_the_history_is_a_table_of_what_the_lines_draw() -> None:
    table = topics(october()[0])["history"].tables[0]

    assert [c.label for c in table.columns] == [
        "Commitment", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct",
    ]  # fmt: skip
    assert cells(table)[2][1:4] == ["93.5%", "93%", "94%"]
    assert [c.glyph for c in table.rows[7][-2:]] == ["○", "○"]


def test_annex_a_defines_only_what_the_report_shows() -> None:
    annex = topics(running()[0])["annex-a"]
    terms = [d.term for d in annex.definitions]

    assert terms[:2] == ["Response in time", "Availability"]
    assert "Restore tests" not in terms


def test_annex_a_says_the_service_hours_in_words() -> None:
    tables = {t.caption: t for t in topics(october()[0], "fr")["annex-a"].tables}

    assert cells(tables["Quand les horloges tournent"])[1] == [
        "office", "Lundi à vendredi 8 h 00 – 18 h 00", "12 oct. (Fête de la ville)", "24 oct. 8 h 00 – 12 h 00",
    ]  # fmt: skip


def test_annex_b_names_files_rejections_and_hashes() -> None:
    annex = topics(october()[0])["annex-b"]
    tables = {t.caption: t for t in annex.tables}

    assert cells(tables["Files"])[1][3:] == ["1,391", "3"]
    assert cells(tables["Rejected rows, by reason"]) == [
        ["desk", "resolved before it was opened", "3"], ["desk", "unknown state", "2"],
    ]  # fmt: skip
    assert {d.term for d in annex.definitions} >= {"Document", "Previous report", "Versions", "Contract of 2026-01-01"}
    assert next(d.text for d in annex.definitions if d.term == "Previous report") == "1b90" * 16


def test_the_period_of_the_document_is_the_one_shown() -> None:
    view = build_view(document_of(*october()), "fr")

    assert OCTOBER.hours == 745
    assert view.subheading.replace("\u00a0", " ") == (
        "Du 1er octobre à 0 h 00 au 1er novembre à 0 h 00, Europe/Paris (745 h) · version 1 · "
        "données arrêtées le 3 novembre à 7 h 00"
    )


def test_systems_that_leave_support_are_announced_half_a_year_before() -> None:
    evaluation, _ = october()
    by_name = {h.host: h for h in evaluation.hosts}
    hosts = (
        replace(by_name["web1"], support_end=OCTOBER.end),
        replace(by_name["web3"], support_end=OCTOBER.end + 1),
        replace(by_name["db-old"], support_end=OCTOBER.end + 183 * DAY),
        replace(by_name["app01"], support_end=OCTOBER.end + 183 * DAY + 1),
    )

    page = topics(replace(evaluation, hosts=hosts))["patching"]

    assert "1 host runs a system that nobody supports any more." in page.lead.replace("\u00a0", " ")
    assert [(r[0], r[2]) for r in cells(page.tables[1])] == [
        ("web1", "out of support"),
        ("web3", "within half a year"),
        ("db-old", "within half a year"),
    ]


def test_the_protection_of_a_set_says_what_nobody_saw() -> None:
    evaluation, _ = october()
    sets = (
        BackupLine("archives", None, (), protected=700 * HOUR, unprotected=5 * HOUR, newest=OCTOBER.end - DAY),
        BackupLine("ldap", None, (), protected=745 * HOUR, unprotected=0, newest=OCTOBER.end - HOUR),
        BackupLine("fichiers", None, (), protected=0, unprotected=0),
        BackupLine("untold", None, ()),
    )

    table = topics(replace(evaluation, backups=sets))["backups"].tables[1]

    assert cells(table) == [
        ["fichiers", "26 h", "not observed", "–", "745 h", "–"],
        ["archives", "26 h", "99.2%", "5 h", "40 h", "31 Oct 00:00"],
        ["ldap", "26 h", "100%", "–", "–", "31 Oct 23:00"],
    ]


def test_certificates_tell_which_expire_first_and_never_call_an_unseen_one_valid() -> None:
    evaluation, _ = october()
    days = (0, 29, 30)
    seen = tuple(CertificateLine(f"s{n}:443", OCTOBER.end + n * DAY, n * DAY) for n in days)
    lines = (*seen, CertificateLine("gone:443", OCTOBER.end + 60 * DAY, None))

    page = topics(replace(evaluation, certificates=lines))["certificates"]

    assert page.lead.replace("\u00a0", " ") == "4 certificates seen, 1 expired, 1 not seen any more."
    assert [(r[0], r[2], r[3]) for r in cells(page.tables[0])] == [
        ("s0:443", "expired", "–"),
        ("s29:443", "within 30 days", "29 d"),
        ("s30:443", "valid", "30 d"),
        ("gone:443", "not observed", "–"),
    ]
    assert "certificates" not in topics(replace(evaluation, certificates=()))


def test_the_words_of_a_limit_make_room_for_breaches() -> None:
    evaluation, _ = october()
    line = next(t for t in evaluation.tickets if t.resolution.verdict is Verdict.BREACHED and t.resolution.done is None)

    def label(day: int) -> tuple[int, str]:
        late = replace(line, resolution=replace(line.resolution, decided=OCTOBER.start + day * DAY))
        (chart,) = topics(replace(evaluation, tickets=(late,)))["incidents"].charts
        return chart.limit_label.at, chart.limit_label.anchor

    assert [label(day) for day in (1, 15, 30)] == [(656, "end"), (656, "end"), (58, "start")]


def test_no_day_of_the_axis_is_cut_at_the_edge() -> None:
    days = topics(october()[0])["incidents"].charts[0].days

    assert [(day.text, day.anchor) for day in days][-2:] == [("22\u00a0Oct", "start"), ("29\u00a0Oct", "end")]
