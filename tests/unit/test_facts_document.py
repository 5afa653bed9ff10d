"""Merge patches between two versions of a board."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreboard.facts.document import diff, encode_content, merge

KEYS = st.sampled_from(["a", "b", "c", "d"])
LEAVES = st.one_of(
    st.booleans(), st.integers(-2, 2), st.text(max_size=2), st.lists(st.integers(0, 3), max_size=3)
)
VALUES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
CONTENT = st.dictionaries(KEYS, VALUES, max_size=4)


@given(CONTENT, CONTENT)
def test_a_patch_makes_the_new_content_from_the_old(old, new):
    kept = encode_content(old)
    made = merge(old, diff(old, new))
    assert encode_content(made) == encode_content(new)
    assert encode_content(old) == kept


@given(CONTENT, CONTENT)
def test_a_patch_survives_json(old, new):
    patch = msgspec.json.decode(encode_content(diff(old, new)))
    assert encode_content(merge(old, patch)) == encode_content(new)


@given(CONTENT, CONTENT)
def test_a_patch_is_empty_only_between_equals(old, new):
    assert (diff(old, new) == {}) == (encode_content(old) == encode_content(new))


@given(CONTENT, CONTENT)
def test_patching_twice_is_patching_once(old, new):
    patch = diff(old, new)
    once = merge(old, patch)
    assert encode_content(merge(once, patch)) == encode_content(once)


# The cases of RFC 7396, appendix A, whose targets and patches are objects.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": 1}, {"a": 2}, {"e": 1, "a": 2}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_rfcs_own_cases(target, patch, result):
    assert merge(target, patch) == result
