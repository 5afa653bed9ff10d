"""Formulas of a competition's own: arithmetic, checked when they are read, and no more."""

import pytest

from scoreboard.sports.formula import Formula

NAMES = {"total", "body_weight"}


def value(text, **names):
    return Formula(text, NAMES).value({"total": 600.0, "body_weight": 80.0, **names})


def test_arithmetic_functions_and_choices_are_computed():
    assert value("total / body_weight + 2 ** 3") == 15.5
    assert value("max(total, 700) if body_weight > 75 else 0") == 700
    assert value("-round(log10(body_weight * 12.5))") == -3


def test_the_sinclair_total_of_a_heavier_lifter_than_the_constant_is_the_total():
    sinclair = (
        "total * (10 ** (0.722 * log10(body_weight / 193.6) ** 2) if body_weight < 193.6 else 1)"
    )
    assert value(sinclair, body_weight=200.0) == 600
    assert value(sinclair, body_weight=96.8) == pytest.approx(600 * 10 ** (0.722 * 0.0906191))


@pytest.mark.parametrize(
    "text",
    ["1 / 0", "sqrt(-1)", "(-8) ** 0.5", "9.0 ** 9 ** 9", "exp(9999)", "log(0)", "max()", "1e999"],
)
def test_what_has_no_finite_value_is_none(text):
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("total +", "cannot be read"),
        ("", "cannot be read"),
        ("weight * 2", "names weight; there are body_weight, total"),
        ("open(1)", "names open"),
        ("total.real", "not plain arithmetic"),
        ("[total]", "not plain arithmetic"),
        ("total << 9999", "not plain arithmetic"),
        ("(lambda: 1)()", "not plain arithmetic"),
        ("max(*total)", "not plain arithmetic"),
        ("round(total, ndigits=2)", "not plain arithmetic"),
        ("'a' * 9", "no number"),
        ("True", "no number"),
        ("1" * 501, "at most 500 characters"),
        ("+".join("1" * 150), "at most 200 parts"),
        ("exp", "names exp"),
    ],
)
def test_anything_but_bounded_arithmetic_over_the_names_is_refused_when_read(text, reason):
    with pytest.raises(ValueError, match=reason):
        Formula(text, NAMES)
