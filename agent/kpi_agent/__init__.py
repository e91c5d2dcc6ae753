"""kpi-agent: the meter on a managed-Linux contract."""
