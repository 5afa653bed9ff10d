"""Logs are lines of JSON, and one that cannot be written is lost and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from scoreboard.telemetry import configure_logging, log
configure_logging()
for number in range(1_000):
    log.warning("disk full", number=number)
print("went on")
sys.stdout.flush()
import os
os._exit(0)  # what is still to be written to stderr is lost as well
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_log_on_a_full_disk_stops_nothing() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert (done.returncode, done.stdout) == (0, b"went on\n")
