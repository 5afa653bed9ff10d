"""What has a name is used: no bound that nothing keeps, no metric that nothing feeds."""

import re
from pathlib import Path

import msgspec
import prometheus_client.metrics
import pytest

import scoreboard
from scoreboard import telemetry
from scoreboard.settings import Limits, Projection, Settings
from scoreboard.settings.brokers import Egress, FromKafka, FromNats, ToKafka, ToNats

PACKAGE = Path(scoreboard.__file__).parent
SOURCES = {path.relative_to(PACKAGE).as_posix(): path.read_text() for path in PACKAGE.rglob("*.py")}
WORDS = {path: set(re.findall(r"\w+", text)) for path, text in SOURCES.items()}
METRICS = [
    name
    for name, value in vars(telemetry).items()
    if isinstance(value, prometheus_client.metrics.MetricWrapperBase)
]
SETTINGS = [
    field.name
    for struct in (Settings, Limits, Projection, Egress, ToKafka, ToNats, FromKafka, FromNats)
    for field in msgspec.structs.fields(struct)
]


def used_in(name: str, *but: str) -> list[str]:
    return [path for path, words in WORDS.items() if path not in but and name in words]


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_fed(name: str) -> None:
    assert used_in(name, "telemetry.py")


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_read(name: str) -> None:
    own = re.compile(rf"self\.{name}\b")
    declared = ("settings/__init__.py", "settings/brokers.py")
    assert used_in(name, *declared) or own.search(SOURCES[declared[0]])
