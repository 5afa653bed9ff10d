"""Debian's Chromium, as tests start it."""

import os
import shutil

import pytest

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the same browser without windows of its own, at two thirds of the work."""

FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--js-flags=--no-opt",  # no page of a test lives as long as optimising its scripts pays
]


def program() -> str:
    """Where it is; without one the tests fail under CI and are skipped elsewhere."""
    for name in PROGRAMS:
        found = shutil.which(name)
        if found is not None:
            return found
    message = "there is no Chromium on the PATH"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
