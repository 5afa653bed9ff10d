"""Logs are lines of JSON, and one that cannot be written is lost and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scoreboard.telemetry import LOGGED_CHARACTERS_MAX

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


LONG = """
from scoreboard.telemetry import configure_logging, log
configure_logging()
log.warning("access refused", path="/" * 500_000, address="192.0.2.1")
try:
    raise ValueError("in full: " + "x" * 5_000)
except ValueError:
    log.exception("failed")
"""


def test_what_a_stranger_asks_for_is_logged_in_bounds() -> None:
    done = subprocess.run([sys.executable, "-c", LONG], capture_output=True, check=True)
    refused, failed = map(json.loads, done.stderr.splitlines())
    assert refused["path"] == "/" * LOGGED_CHARACTERS_MAX + "..."
    assert refused["address"] == "192.0.2.1"
    assert "x" * 5_000 in failed["exception"]
