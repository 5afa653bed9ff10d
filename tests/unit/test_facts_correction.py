"""What notices of corrections name: exactly the figures that differ, as many as may be."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from scoreboard.facts.correction import CHANGES_MAX, named
from scoreboard.facts.document import diff

KEYS = st.sampled_from(["a", "b/c", "~", "order", "rows"])
CONTENTS = st.recursive(
    st.dictionaries(KEYS, st.integers(0, 3) | st.sampled_from(["x", ""]), max_size=4),
    lambda inner: st.dictionaries(KEYS, inner | st.integers(0, 3), max_size=4),
    max_leaves=30,
)


def leaves(content, pointer=""):
    """Every figure by its pointer, but for places."""
    found = {}
    for key, value in content.items():
        at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        if key == "order":
            continue
        if isinstance(value, dict):
            found |= leaves(value, at)
        else:
            found[at] = value
    return found


@given(before=CONTENTS, after=CONTENTS)
def test_a_notice_names_the_figures_that_differ_and_no_others(before, after):
    old, new = leaves(before), leaves(after)
    differ = {at for at in old.keys() | new.keys() if old.get(at, UNSET) != new.get(at, UNSET)}
    changes, left_out = named(before, diff(before, after))
    assert len(changes) == min(len(changes) + left_out, CHANGES_MAX)
    told = {change.pointer for change in changes}
    assert told <= differ
    assert left_out or told == differ
    for change in changes:
        assert change.before == old.get(change.pointer, UNSET) or change.before is UNSET
        assert change.after == new.get(change.pointer, UNSET) or change.after is UNSET


def test_figures_beyond_the_bound_are_counted():
    before = {"rows": {f"r{n}": {"points": n} for n in range(CHANGES_MAX + 5)}}
    after = {"rows": {f"r{n}": {"points": n + 1} for n in range(CHANGES_MAX + 5)}}
    changes, left_out = named(before, diff(before, after))
    assert (len(changes), left_out) == (CHANGES_MAX, 5)
    assert (changes[0].pointer, changes[0].before, changes[0].after) == ("/rows/r0/points", 0, 1)
