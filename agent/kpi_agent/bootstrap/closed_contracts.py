"""Contracts whose files no longer say what closed periods were judged by are left out, as broken ones are."""

from __future__ import annotations

import json
from dataclasses import replace

from kpi_agent.bootstrap.configuration import Configuration
from kpi_agent.config.closed_terms import ClosedTerms, rewritten
from kpi_agent.domain.contract import Contract
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.time import Period, to_local, zone
from kpi_agent.store.ledger import PeriodLedger


def without_rewritten(configuration: Configuration, ledger: PeriodLedger) -> Configuration:
    """Return the configuration without rewritten contracts, each with its problems; the same when there is none."""
    contracts = dict(configuration.contracts)
    problems: list[Problem] = []
    for contract in configuration.contracts.values():
        if found := rewritten(contract, _closed_terms(contract, ledger)):
            del contracts[contract.id]
            problems += found
    if not problems:
        return configuration
    return replace(configuration, contracts=contracts, problems=(*configuration.problems, *problems))


def _closed_terms(contract: Contract, ledger: PeriodLedger) -> list[ClosedTerms]:
    """Return the versions that the last closed period knew: it knew all before it."""
    closed = [Period.parse(name, contract.timezone) for name in ledger.entries(contract.id)]
    for period in sorted(closed, key=lambda p: p.end, reverse=True):
        stored = ledger.document(contract.id, period.id)
        if stored is not None:
            last = to_local(period.end - 1, zone(contract.timezone)).date().isoformat()
            versions = json.loads(stored.content)["contract"]["versions"]
            return [ClosedTerms(v["effective_from"], v["text"], last) for v in versions]
    return []
