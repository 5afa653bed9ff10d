"""Strong ETags and If-None-Match (RFC 9110, section 13.1.2), and what nobody keeps."""

import pytest

from scoreboard.http.cached import etag_of, none_match, uncached

TAG = etag_of(b"content")


def test_equal_content_has_an_equal_strong_tag() -> None:
    assert etag_of(b"content") == TAG
    assert etag_of(b"Content") != TAG
    assert TAG[0] == TAG[-1] == '"'


@pytest.mark.parametrize("header", [None, "", '"other"', f'"a", W/"b", {TAG[:-2]}"'])
def test_content_is_sent_to_who_holds_something_else(header: str | None) -> None:
    assert none_match(header, TAG)


@pytest.mark.parametrize("header", [TAG, f"W/{TAG}", f'"other", {TAG}', f'"a",W/{TAG}', "*", " * "])
def test_content_is_not_sent_to_who_has_it(header: str) -> None:
    assert not none_match(header, TAG)


def test_what_nobody_keeps_says_so() -> None:
    answer = uncached({"now": 1}, 201)
    assert (answer.status_code, answer.body) == (201, b'{"now":1}')
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
