from __future__ import annotations

import re
from dataclasses import replace

from golden_files import check_golden
from kpi_agent_reports.plain import render_plain, verdict_line
from sample_edges import hostile, quiet, running
from sample_month import document_of, october
from sample_reconciliation import busy


def test_the_closed_month_reads_as_it_was_looked_at() -> None:
    check_golden("acme-2026-10.txt", render_plain(document_of(*october())))


def test_the_running_month_reads_as_it_was_looked_at() -> None:
    check_golden("globex-2026-11.txt", render_plain(document_of(*running(), state="preview")))


def test_no_line_is_wider_than_a_terminal() -> None:
    for build in (october, running, quiet, hostile):
        lines = render_plain(document_of(*build())).splitlines()
        assert max(len(line) for line in lines) <= 80
        assert all(line == line.rstrip() for line in lines)


def test_french_text_holds_no_unformatted_number() -> None:
    text = render_plain(document_of(*october())).replace("kpi-agent 0.1.0", "").replace("2.42.0", "")

    assert re.findall(r".*\d\.\d.*", text) == []


def test_the_verdict_fits_one_line() -> None:
    assert verdict_line(document_of(*october())) == "acme 2026-10: 5 tenus · 2 non tenus · 1 non mesuré"
    assert verdict_line(document_of(*quiet())) == "globex 2026-11: 1 sans objet"


def test_figures_that_add_up_stand_one_above_the_other() -> None:
    month, contract = october()
    text = render_plain(document_of(replace(month, reconciliation=busy()), contract)).replace("\u202f", " ")

    lines = text.splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("  Rétablis dans la période"))
    assert lines[first : first + 4] == [
        "  Rétablis dans la période        62 000  12 400  12 400  12 400  12 400  12 400",
        "  − jugés dans une période",
        "    antérieure                        35       7       7       7       7       7",
        "  − indéterminés\u00a0: trop tard, ou",
    ]
    assert max(len(line) for line in lines) <= 80
