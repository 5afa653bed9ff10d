"""What streams tell, in the bytes of both doors."""

import json

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from scoreboard.boards.told import Told, frame, message, texts

TWO = Told((message("reset", {"reason": "é"}), message("snapshot", {"a": 1}, "g-1-0")), "cup/x")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_frame_is_read_by_a_client_whatever_its_size(size: int) -> None:
    client = ClientProtocol(parse_uri("ws://scoreboard/"), state=OPEN)
    client.receive_data(frame(b"x" * size) + frame(b"next"))
    first, second = (event for event in client.events_received() if isinstance(event, Frame))
    assert (len(first.data), second.data) == (size, b"next")
    assert list(texts(frame(b"x" * size) + frame(b"next"))) == ["x" * size, "next"]


def test_both_doors_are_told_the_same() -> None:
    heard = [json.loads(text) for text in texts(TWO.frames)]
    assert heard == [
        {"event": "reset", "channel": "cup/x", "data": {"reason": "é"}},
        {"event": "snapshot", "channel": "cup/x", "id": "g-1-0", "data": {"a": 1}},
    ]
    blocks = TWO.sse.decode().split("\n\n")[:-1]
    lines = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    said = [{**line, "data": json.loads(line["data"])} for line in lines]
    assert said == [{k: v for k, v in one.items() if k != "channel"} for one in heard]
