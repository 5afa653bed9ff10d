"""What streams tell, in the bytes of both doors."""

import json

import pytest
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from scoreboard.boards.told import Told, frame, message, zipped_frame

TWO = Told(
    (message("reset", {"reason": "é" * 600}), message("snapshot", {"a": 1}, "g-1-0")), "cup/x"
)


def read(frames: bytes, *, zipped: bool = False) -> list[bytes]:
    client = ClientProtocol(parse_uri("ws://scoreboard/"), state=OPEN)
    client.extensions = [PerMessageDeflate(True, True, 15, 15)] if zipped else []
    client.receive_data(frames)
    return [bytes(one.data) for one in client.events_received() if isinstance(one, Frame)]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_frame_is_read_by_a_client_whatever_its_size(size: int) -> None:
    text = b"x" * size
    assert read(frame(text) + frame(b"next")) == [text, b"next"]
    assert read(zipped_frame(text) + frame(b"next"), zipped=True) == [text, b"next"]


def test_both_doors_are_told_the_same() -> None:
    heard = [json.loads(text) for text in read(TWO.frames)]
    assert heard == [
        {"event": "reset", "channel": "cup/x", "data": {"reason": "é" * 600}},
        {"event": "snapshot", "channel": "cup/x", "id": "g-1-0", "data": {"a": 1}},
    ]
    assert [json.loads(text) for text in read(TWO.zipped_frames, zipped=True)] == heard
    assert len(TWO.zipped_frames) < len(TWO.frames) / 4
    blocks = TWO.sse.decode().split("\n\n")[:-1]
    lines = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    said = [{**line, "data": json.loads(line["data"])} for line in lines]
    assert said == [{k: v for k, v in one.items() if k != "channel"} for one in heard]
