"""The weekly digest: each line is of the document, what is due comes first, and no name is markup."""

from __future__ import annotations

from copy import deepcopy
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from builders import at_least, contract, desk, month, objective, paris, span, ticket
from kpi_agent.domain.contract import Scope
from kpi_agent.domain.measure import measure
from kpi_agent.domain.time import DAY
from kpi_agent_reports.digest import build_digest, digest_html, digest_text
from kpi_agent_reports.mail import render_digest_mail
from kpi_agent_reports.view import DigestSection
from sample_edges import quiet
from sample_month import document_of

TEMPLATES = [Path(__file__).parents[3] / "templates"]
NOW = "2026-10-20 12:00"
PROMISE = objective("resolve_in_time", at_least("90%"), scope=Scope(priority="P2"))


def week(*tickets: Any, at: str = NOW, language: str = "en", **parts: Any) -> dict[str, Any]:
    """Return the preview of October 2026 at an instant, with one promise on P2 (8 h around the clock)."""
    deal = contract(hosts=None, objectives=(PROMISE,), language=language)
    facts = desk(*tickets, observed=[span("2024-01-01", at)], newest=at)
    return document_of(measure(deal, month(), facts, now=paris(at)), deal, state="preview") | parts


def p2(number: int, opened: str, resolved: str | None = None, **parts: Any) -> Any:
    return ticket(opened, resolved, id=f"INC{number}", priority="P2", title=f"Incident {number}", **parts)


def section(document: dict[str, Any], place: int, before: dict[str, Any] | None = None) -> DigestSection:
    return build_digest(document, before).sections[place]


def lines(document: dict[str, Any], place: int, before: dict[str, Any] | None = None) -> list[str]:
    return [line.replace("\u00a0", " ") for line in section(document, place, before).lines]


TO_DO, THREATENED, CHANGED, MAINTENANCE, LEFT_OPEN, FRESHNESS = range(6)


def test_open_tickets_come_by_deadline_the_late_ones_first() -> None:
    document = week(
        p2(1, "2026-10-20 11:00"),
        p2(2, "2026-10-20 03:00"),
        p2(3, "2026-10-20 10:00"),
        p2(4, "2026-10-19 09:00", "2026-10-20 11:00"),
    )

    assert lines(document, TO_DO) == [
        "INC2 (P2, Incident 2): late since 20 Oct 11:00",
        "INC3 (P2, Incident 3): to be resolved by 20 Oct 18:00",
        "INC1 (P2, Incident 1): to be resolved by 20 Oct 19:00",
    ]


def test_hosts_past_their_limit_or_near_it_are_named_and_others_are_not() -> None:
    document = week()
    document["objectives"][0] |= {"indicator": "patch_in_time", "limit_seconds": 14 * DAY}
    document["hosts"] = [
        {"host": "web01", "state": "pending", "pending_since": "2026-10-12T10:00:00Z"},
        {"host": "web02", "state": "pending", "pending_since": "2026-10-14T10:00:00Z"},
        {"host": "db01", "state": "overdue", "pending_since": "2026-09-20T10:00:00Z"},
        {"host": "db02", "state": "patched", "pending_since": None},
    ]

    assert lines(document, TO_DO) == [
        "db01: updates overdue, pending since 20 September",
        "web01: updates pending since 12 October (8 d)",
    ]


def test_tests_due_and_certificates_that_end_within_a_month_are_named() -> None:
    document = week()
    document["objectives"][0] |= {"indicator": "restore_coverage", "interval": 92 * DAY}
    document["backups"] = [
        {"name": "files", "last_passed": "2026-07-25T10:00:00Z"},
        {"name": "ldap", "last_passed": None},
        {"name": "base", "last_passed": "2026-09-25T10:00:00Z"},
    ]
    document["certificates"] = [
        {"address": "https://a.example/", "expires": "2026-11-10T09:00:00Z"},
        {"address": "https://b.example/", "expires": "2026-10-19T09:00:00Z"},
        {"address": "https://c.example/", "expires": "2027-01-01T09:00:00Z"},
        {"address": "https://d.example/", "expires": None},
    ]

    assert lines(document, TO_DO) == [
        "files: restore test due by 25 October",
        "ldap: no restore test has passed yet",
        "https://a.example/: its certificate expires on 10 Nov 10:00",
        "https://b.example/: its certificate expired on 19 Oct 11:00",
    ]


def test_a_threatened_commitment_says_its_figure_and_its_target() -> None:
    document = week(p2(1, "2026-10-05 08:00", "2026-10-05 20:00"), p2(2, "2026-10-06 08:00", "2026-10-06 09:00"))

    (line,) = lines(document, THREATENED)
    assert line.startswith("Resolution P2: missed")
    assert "50% for a target of ≥ 90%; 1 of 2" in line


def test_what_changed_counts_incidents_and_names_verdicts() -> None:
    early = p2(1, "2026-10-06 08:00", "2026-10-06 09:00")
    late = p2(2, "2026-10-18 08:00", "2026-10-19 20:00")
    before = week(early, at="2026-10-13 12:00")

    found = build_digest(week(early, late), before).sections[CHANGED]

    assert found.title.replace("\u00a0", " ") == "Since 13 October"
    assert found.lines[0] == "1 incident opened, 1 resolved"
    assert len(found.lines) == 2
    assert found.lines[1].startswith("Resolution P2: ")
    assert found.lines[1].endswith(", was met")


def test_in_the_first_week_all_is_counted_since_the_month_began() -> None:
    document = week(p2(1, "2026-10-02 08:00", "2026-10-02 09:00"), at="2026-10-05 12:00")

    found = section(document, CHANGED)

    assert found.title.replace("\u00a0", " ") == "Since 1 October"
    assert found.lines == ("1 incident opened, 1 resolved",)


def test_maintenance_of_the_week_to_come_is_named_and_the_months_end_is_said() -> None:
    document = week()
    windows = [
        {"start": "2026-10-19T20:00:00Z", "end": "2026-10-19T22:00:00Z"},
        {"start": "2026-10-22T20:00:00Z", "end": "2026-10-22T22:00:00Z"},
        {"start": "2026-10-29T20:00:00Z", "end": "2026-10-29T22:00:00Z"},
    ]
    document["terms"][-1]["maintenance"] = [{"name": "patch night", "services": ["api", "shop"], "windows": windows}]
    last = week(at="2026-10-28 12:00")

    assert lines(document, MAINTENANCE) == ["22 Oct 22:00 to 23 Oct 00:00: patch night (api and shop)"]
    assert section(week(), MAINTENANCE).nothing == "None in the week to come."
    assert section(last, MAINTENANCE).nothing.replace("\u00a0", " ") == (
        "None before 1 November, when the next month begins."
    )


def test_decisions_and_actions_left_open_are_told_in_their_own_words() -> None:
    notes = [{"section": "decisions", "title": "", "text": "- [ ] Renew the **SAN**\n- [x] Move the backup"}]
    carried = [
        {"section": "actions", "text": "Replace web06", "since": "2026-09", "became": "open"},
        {"section": "actions", "text": "Patch db01", "since": "2026-09", "became": "done"},
    ]

    assert lines(week(notes=notes, carried=carried), LEFT_OPEN) == ["Renew the SAN", "Replace web06"]


def test_sources_say_up_to_when_they_were_read() -> None:
    document = week()
    document["sources"] = [
        {"name": "desk", "as_of": "2026-10-20T09:00:00Z"},
        {"name": "main", "as_of": None},
    ]

    assert lines(document, FRESHNESS) == ["desk: read up to 20 Oct 11:00", "main: never read"]


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    document = week(*(p2(n, "2026-10-20 11:00") for n in range(100, 115)))

    found = section(document, TO_DO)

    assert (len(found.lines), found.more) == (10, "and 5 others")


def test_a_month_that_is_over_has_no_digest() -> None:
    with pytest.raises(ValueError, match="running period"):
        build_digest(document_of(*quiet()), None)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_text_page_and_mail_say_the_same(language: str) -> None:
    document = week(p2(1, "2026-10-20 03:00"), language=language)
    digest = build_digest(document, None)

    text, page = digest_text(digest), digest_html(digest, templates=TEMPLATES)
    content = render_digest_mail(
        document, digest, sender="run@opsline.example", readers=["a@acme.example"], templates=TEMPLATES
    )
    mail: Any = message_from_bytes(content, policy=policy.default)

    assert max(map(len, text.splitlines())) <= 80
    for part in digest.sections:
        assert part.title in text
        assert part.title in page
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == text
    assert mail.get_body(("html",)).get_content().replace("\r\n", "\n") == page
    assert mail["Subject"] == f"[ACME SAS] {digest.heading}"
    assert f'lang="{language}"' in page


@pytest.mark.parametrize(
    "title",
    ["<script>alert(1)</script>", "{{ 7*7 }}", "a\r\nBcc: eve@evil.example", "x" * 10_000, "\u202eevil", "=cmd"],
)
def test_a_hostile_title_is_text_and_adds_no_header(title: str) -> None:
    document = week(p2(1, "2026-10-20 03:00"))
    document["incidents"][0]["title"] = title
    document["contract"] = {**document["contract"], "customer": title}
    digest = build_digest(document, None)

    page = digest_html(digest, templates=TEMPLATES)
    content = render_digest_mail(
        document, digest, sender="run@opsline.example", readers=["a@acme.example"], templates=TEMPLATES
    )

    assert "<script>" not in page
    assert "49" not in section(document, TO_DO).lines[0]
    mail: Any = message_from_bytes(content, policy=policy.default)
    assert mail["Bcc"] is None
    assert len(mail["To"].addresses) == 1
    assert len(section(document, TO_DO).lines[0]) < 200


def test_the_same_preview_gives_the_same_digest() -> None:
    document = week(p2(1, "2026-10-20 03:00"))

    assert build_digest(deepcopy(document), None) == build_digest(document, None)
