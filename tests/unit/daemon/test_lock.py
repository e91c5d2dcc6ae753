import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kpi_agent.daemon.lock import hold_store
from kpi_agent.domain.errors import StoreError

HOLDER = """
import sys, time
from pathlib import Path
from kpi_agent.daemon.lock import hold_store
with hold_store(Path(sys.argv[1])):
    print("held", flush=True)
    {then}
"""


def holder(state_dir: Path, then: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER.format(then=then), state_dir], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_the_lock_is_free_again_after_the_daemon_ended(tmp_path: Path) -> None:
    with hold_store(tmp_path):
        assert (tmp_path / "daemon.lock").read_text() == f"{os.getpid()}\n"
    with hold_store(tmp_path):
        pass


def test_a_living_holder_is_named_at_once(tmp_path: Path) -> None:
    with holder(tmp_path, "time.sleep(60)") as process:
        begun = time.monotonic()
        with pytest.raises(StoreError, match=rf"another kpi-agent daemon \(pid {process.pid}\) already serves"):
            hold_store(tmp_path).__enter__()
        assert time.monotonic() - begun < 1
        process.kill()


def test_a_child_left_by_a_killed_daemon_is_waited_for(tmp_path: Path) -> None:
    orphan = "import os; os._exit(0) if os.fork() else time.sleep(0.6)"
    with holder(tmp_path, orphan) as process:
        process.wait()
        with hold_store(tmp_path):
            assert (tmp_path / "daemon.lock").read_text() == f"{os.getpid()}\n"


def test_a_child_that_stays_is_reported_with_the_way_to_find_it(tmp_path: Path) -> None:
    orphan = "import os; os._exit(0) if os.fork() else time.sleep(2)"
    with holder(tmp_path, orphan) as process:
        process.wait()
        with pytest.raises(StoreError, match=rf"ended \(pid {process.pid}\); `fuser .*daemon.lock` names it"):
            hold_store(tmp_path, patience_seconds=0.2).__enter__()


def test_a_state_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/daemon.lock: No such file or directory; state_dir must exist"):
        hold_store(tmp_path / "nowhere").__enter__()
