"""The command line with the patience of a test: a server has half a second instead of a minute."""

from __future__ import annotations

from kpi_agent.cli.main import main
from kpi_agent.collectors.session import Limits

# connect, read and total seconds, bytes, attempts, first and longest wait
Limits.__init__.__defaults__ = (0.3, 0.3, 0.5, 1_000_000, 2, 0.01, 0.05)

if __name__ == "__main__":
    main()
