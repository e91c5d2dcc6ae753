"""A public ServiceNow audit log of 24,918 incidents, where it lies beside the checkout, against its known figures."""

from __future__ import annotations

import gzip
import shutil
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from statistics import median

import pytest

from kpi_agent.collectors.tickets.read import read_export
from kpi_agent.domain.source import Profile, TicketSource

LOG = Path(__file__).parents[4] / "shared" / "data" / "uci-incident-log" / "incident_event_log.csv.gz"
NOW = 1_795_428_000


@pytest.mark.skipif(not LOG.exists(), reason=f"the public incident log is not at {LOG}")
def test_the_public_incident_log_gives_its_published_figures(tmp_path: Path, profile: Callable[[str], Profile]) -> None:
    path = tmp_path / "incident_event_log.csv"
    with gzip.open(LOG) as packed, path.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)

    export = read_export(path, TicketSource("desk", profile("servicenow"), "*.csv", "UTC"), as_of=None, now=NOW)

    assert export.is_event_log
    assert (export.rows, len(export.tickets), export.rejected) == (141_712, 24_918, ())
    assert export.sha256 == "fd184bbfd62329cfe093e99da2ea7071905f2ead91900b448eb2635870821bef"
    assert export.as_of == 1_487_430_000  # its newest instant: 2017-02-18T15:00:00Z
    assert Counter(t.desk_met for t in export.tickets) == {True: 15_803, False: 9_115}
    assert Counter(t.priority for t in export.tickets) == {"P1": 270, "P2": 408, "P3": 23_466, "P4": 774}
    counts = [t.reopen_count or 0 for t in export.tickets]
    assert (sum(c > 0 for c in counts), sum(counts)) == (275, 331)
    elapsed = [t.resolved - t.opened for t in export.tickets if t.resolved is not None]
    assert len(elapsed) == 23_362
    assert int(Fraction(sum(elapsed), len(elapsed)) * 1000 / 3600 + Fraction(1, 2)) == 178_172
    assert Fraction(median(elapsed)) / 3600 == Fraction("22.1")
