"""Metrics of several processes in one text, without those that do not answer."""

import asyncio
import socket
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from scoreboard import telemetry
from scoreboard.ops.siblings import ANSWERED, Siblings


async def test_who_is_gone_or_talks_nonsense_is_left_out_and_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(tmp_path / "gone"))

    async def nonsense(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"nonsense")
        writer.close()

    telemetry.REFUSED.labels("metrics-test").inc(3)
    odd = await asyncio.start_unix_server(nonsense, tmp_path / "odd")
    try:
        async with Siblings(tmp_path, "one").told(), Siblings(tmp_path, "two").told():
            told = (await Siblings(tmp_path, "one").metrics()).decode()
    finally:
        odd.close()
    assert told.count("# TYPE scoreboard_refused_total counter") == 1
    samples = [s for family in text_string_to_metric_families(told) for s in family.samples]
    answered = {s.labels["process"]: s.value for s in samples if s.name == ANSWERED}
    assert answered == {"gone": 0, "odd": 0, "one": 1, "two": 1}
    refused = {
        s.labels["process"]: s.value
        for s in samples
        if s.name == "scoreboard_refused_total" and s.labels["code"] == "metrics-test"
    }
    assert refused == {"one": 3, "two": 3}


async def test_a_socket_left_by_one_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(tmp_path / "one"))
    async with Siblings(tmp_path, "one").told():
        told = (await Siblings(tmp_path, "two").metrics()).decode()
    assert f'{ANSWERED}{{process="one"}} 1.0' in told
    assert list(tmp_path.iterdir()) == []
