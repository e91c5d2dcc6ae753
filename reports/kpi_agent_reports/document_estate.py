"""Services, hosts and backup sets of a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kpi_agent.domain.contract import ContractVersion
from kpi_agent.domain.evaluation import AlertLine, BackupLine, CertificateLine, Evaluation, HostLine
from kpi_agent.domain.events import RestoreTest
from kpi_agent.domain.time import to_utc_text
from kpi_agent_reports.canonical import decimal_text, optional_utc_text


def services_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return each service by name: its local days with T, P, U, D in seconds, their sums and its outages."""
    names = set(evaluation.days) | {o.service for o in evaluation.outages}
    return [_service(name, evaluation) for name in sorted(names)]


def _service(name: str, evaluation: Evaluation) -> dict[str, Any]:
    days = sorted(evaluation.days.get(name, ()), key=lambda d: d.day)
    outages = sorted((o for o in evaluation.outages if o.service == name), key=lambda o: (o.span, o.is_planned))
    return {
        "name": name,
        "open": sum(d.open for d in days),
        "planned": sum(d.planned for d in days),
        "unknown": sum(d.unknown for d in days),
        "down": sum(d.down for d in days),
        "days": [
            {"day": d.day.isoformat(), "open": d.open, "planned": d.planned, "unknown": d.unknown, "down": d.down}
            for d in days
        ],
        "outages": [
            {"start": to_utc_text(o.span.start), "end": to_utc_text(o.span.end), "is_planned": o.is_planned}
            for o in outages
        ],
    }


def hosts_of(hosts: Sequence[HostLine]) -> list[dict[str, Any]]:
    """Return the hosts by name."""
    return [
        {
            "host": h.host,
            "state": h.state,
            "pending_since": optional_utc_text(h.pending_since),
            "coverage": decimal_text(h.coverage),
            "is_since_first_seen": h.is_since_first_seen,
            "held": h.held,
            "support_end": optional_utc_text(h.support_end),
        }
        for h in sorted(hosts, key=lambda h: h.host)
    ]


def certificates_of(lines: Sequence[CertificateLine]) -> list[dict[str, Any]]:
    """Return the certificates, first to expire first; *left* is null where nobody saw one lately."""
    return [{"address": c.address, "expires": to_utc_text(c.expires), "left": c.left} for c in lines]


def alerts_of(alerts: Sequence[AlertLine]) -> list[dict[str, Any]]:
    """Return the rules that fired, the noisiest first; *acted_on* of *judged* episodes had a ticket."""
    return [
        {
            "rule": a.rule,
            "episodes": a.episodes,
            "alerts": a.alerts,
            "seconds": a.seconds,
            "at_night": a.at_night,
            "acted_on": a.acted_on,
            "judged": a.judged,
        }
        for a in alerts
    ]


def backups_of(backups: Sequence[BackupLine], version: ContractVersion) -> list[dict[str, Any]]:
    """Return the backup sets by name with what is promised, the last proof and the tests of the period by instant."""
    found = []
    for line in sorted(backups, key=lambda b: b.backup):
        terms = version.backups.get(line.backup)
        found.append(
            {
                "name": line.backup,
                "rpo": None if terms is None else terms.rpo,
                "rto": None if terms is None else terms.rto,
                "last_passed": optional_utc_text(line.last_passed),
                "protected": line.protected,
                "unprotected": line.unprotected,
                "newest": optional_utc_text(line.newest),
                "tests": [_test(t) for t in sorted(line.tests, key=lambda t: (t.at, t.method.value, t.source))],
            }
        )
    return found


def _test(test: RestoreTest) -> dict[str, Any]:
    return {
        "at": to_utc_text(test.at),
        "method": test.method.value,
        "is_passed": test.is_passed,
        "is_counted": test.counts,
        "duration": test.duration,
        "data_age": test.data_age,
        "source": test.source,
    }
