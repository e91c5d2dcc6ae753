"""The state for a monitoring plugin: one summary line, a line per problem, performance data last."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kpi_agent.cli.status_text import summary


def nagios_lines(state: dict[str, Any]) -> list[str]:
    """Return the plugin's output; ``|`` separates performance data, so it is taken out of every other text."""
    verdicts = Counter(o["verdict"] for o in state["objectives"])
    late = sum(s["state"] != "ok" for s in state["sources"])
    performance = [
        f"objectives_missed={verdicts['missed']}",
        f"objectives_at_risk={verdicts['at_risk']}",
        f"objectives_no_data={verdicts['no_data']}",
        f"sources_late={late}",
        f"reports_overdue={sum(r['is_overdue'] for r in state['reports'])}",
        f"store_size={state['store'].get('bytes', 0)}B",
    ]
    lines = [f"KPI-AGENT {state['state'].upper()} - {_plain(summary(state))}"]
    lines += [_plain(item["text"]) for item in state["todo"]]
    lines[-1] += f" | {' '.join(performance)}"
    return lines


def _plain(text: str) -> str:
    return " ".join(text.replace("|", "/").split())
