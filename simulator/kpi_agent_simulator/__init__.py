"""A simulated estate with a seed and a known truth, for demonstrations and for the strongest test of the figures."""

from kpi_agent_simulator.exports import Export
from kpi_agent_simulator.simulation import Estate, simulate

__all__ = ["Estate", "Export", "simulate"]
