"""kpi-agent: the meter on a managed-Linux contract."""

__version__ = "0.1.0"
