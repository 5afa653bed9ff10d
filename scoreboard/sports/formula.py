"""Formulas that a competition configures, such as points by body weight: arithmetic and no more.

    100 * total / (1199.72839 - 1025.18162 * exp(-0.00921 * body_weight))

A formula is numbers, names, `+ - * / **`, comparisons, `a if b else c` and the functions below; it
is parsed once, by simpleeval, and all it names is checked then. It cannot loop, reach attributes or
grow beyond its bounds; what cannot be computed (a division by zero, a root of -1) has no value.
"""

import ast
import math
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from simpleeval import DEFAULT_OPERATORS, InvalidExpression, SimpleEval

TEXT_MAX = 500
PARTS_MAX = 200
CACHED_MAX = 256

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": math.ceil,
    "exp": math.exp,
    "floor": math.floor,
    "log": math.log,
    "log10": math.log10,
    "max": max,
    "min": min,
    "round": round,
    "sqrt": math.sqrt,
}
ALLOWED = (
    *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Call),
    *(ast.Name, ast.Load, ast.Constant),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd, ast.Not),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.And, ast.Or),
)
OPERATORS = DEFAULT_OPERATORS | {ast.Pow: lambda base, power: float(base) ** float(power)}


class Formula:
    """A parsed formula over certain names.

    Raises ValueError with the reason if it is too long, is no arithmetic or names what is not
    there.
    """

    def __init__(self, text: str, names: Collection[str]) -> None:
        if len(text) > TEXT_MAX:
            raise ValueError(f"a formula has at most {TEXT_MAX} characters")
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValueError(f"the formula {text!r} cannot be read: {error}") from error
        _check(tree, text, names)
        self.text = text
        self._tree = tree.body

    def value(self, names: Mapping[str, float]) -> float | None:
        """What the formula comes to; None if that is no finite number."""
        evaluator = SimpleEval(operators=OPERATORS, functions=FUNCTIONS, names=dict(names))
        try:
            result = evaluator.eval(self.text, previously_parsed=self._tree)
            made = float(result)
        except (ArithmeticError, ValueError, TypeError, InvalidExpression):
            return None
        return made if math.isfinite(made) else None


def _check(tree: ast.Expression, text: str, names: Collection[str]) -> None:
    parts = list(ast.walk(tree))
    if len(parts) > PARTS_MAX:
        raise ValueError(f"a formula has at most {PARTS_MAX} parts")
    called = {id(part.func) for part in parts if isinstance(part, ast.Call)}
    for part in parts:
        if not isinstance(part, ALLOWED) or (isinstance(part, ast.Call) and part.keywords):
            raise ValueError(f"the formula {text!r} is not plain arithmetic")
        if isinstance(part, ast.Constant) and type(part.value) not in (int, float):
            raise ValueError(f"the formula {text!r} has {part.value!r}, which is no number")
        if isinstance(part, ast.Name):
            known = FUNCTIONS if id(part) in called else names
            if part.id not in known:
                raise ValueError(
                    f"the formula {text!r} names {part.id}; there are {', '.join(sorted(known))}"
                )


@lru_cache(maxsize=CACHED_MAX)
def parsed(text: str, names: frozenset[str]) -> Formula:
    """The formula of a text, parsed once."""
    return Formula(text, names)
