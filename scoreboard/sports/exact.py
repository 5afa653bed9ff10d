"""Exact arithmetic for scores: integers of thousandths, divided and rounded as a rulebook says.

Rulebooks round at named stages (after a panel's mean, after a factor), to so many places, and a
half goes up: floats and their binary halves would now and then decide a competition.
"""

from decimal import Decimal
from typing import Literal

Rounding = Literal["half_up", "half_even", "down"]
"""What becomes of the rest: a half away from zero, a half to the even digit, or cut off."""

MILLI = 1_000


def unit_of(decimals: int) -> int:
    """The step, in thousandths, of a figure with 0 to 3 decimal places."""
    unit: int = 10 ** (3 - decimals)
    return unit


def divided(numerator: int, denominator: int, unit: int = 1, rounding: Rounding = "half_up") -> int:
    """`numerator / denominator` as a multiple of `unit`; the denominator is above zero."""
    step = denominator * unit
    steps, rest = divmod(abs(numerator), step)
    if rounding == "half_up":
        steps += 2 * rest >= step
    elif rounding == "half_even":
        steps += 2 * rest > step or (2 * rest == step and steps % 2 == 1)
    return steps * unit if numerator >= 0 else -steps * unit


def times(milli: int, factor: Decimal, unit: int = 1, rounding: Rounding = "half_up") -> int:
    """Thousandths times a factor, as a multiple of `unit`."""
    numerator, denominator = factor.as_integer_ratio()
    return divided(milli * numerator, denominator, unit, rounding)


def shown(milli: int) -> int | float:
    """Thousandths as people read them: 75370 is 75.37, 12000 is 12."""
    whole, rest = divmod(milli, MILLI)
    return round(milli / MILLI, 3) if rest else whole
