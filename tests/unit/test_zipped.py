"""Who takes gzip, and parts of a stream that fit after any other."""

import zlib

import pytest

from scoreboard.http.zipped import HEAD, accepts_gzip, deflated


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("gzip", True),
        ("br, GZip", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("GZIP;Q=0", False),
        ("gzip;\tq=0", False),
        ("xgzip", False),
        ("br", False),
        ("identity", False),
        ("", False),
    ],
)
def test_gzip_is_for_those_who_say_that_they_take_it(said: str, taken: bool) -> None:
    assert accepts_gzip([(b"accept-encoding", said.encode())]) is taken
    assert accepts_gzip([(b"host", b"gzip")]) is False


def test_parts_that_were_made_apart_are_one_stream_in_any_order() -> None:
    parts = [b"event: patch\n" * n for n in (1, 7, 300)]
    for order in (parts, parts[::-1], [*parts, *parts]):
        reading = zlib.decompressobj(31)
        made = reading.decompress(HEAD)
        for part in order:  # each is readable as soon as it is there
            made += reading.decompress(deflated(part))
            assert made.endswith(part)
        assert made == b"".join(order)
