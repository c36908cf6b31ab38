"""JMESPath within bounds that hold on every machine: counted work and counted size, no clock.

A short expression can build a value that doubles with each of its parts (`[@, @] | [@, @] | …`), and no
thread can be stopped from outside. What every part makes is therefore measured as if nothing were shared.
"""

from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

MOST_WORK = 2_000_000
LARGEST_VALUE = 1_000_000  # a value counts one, and one more for every sixteen characters of a text
CHARACTERS = 16


class TooMuchWork(Exception):
    """The expression needs more steps, or makes a larger value, than is allowed."""


def evaluate(expression: str, values: Mapping[str, Any]) -> Any:
    """What the expression makes of the object of these values.

    Raises `jmespath.exceptions.JMESPathError` for what is no expression or does not fit the values,
    `TooMuchWork`, and `RecursionError` for one that is nested too deep.
    """
    return _Bounded().visit(jmespath.compile(expression).parsed, dict(values))


class _Bounded(TreeInterpreter):
    """The interpreter, counting. What was measured is kept to the end, so that no identity comes twice."""

    _functions: Functions

    def __init__(self) -> None:
        super().__init__()
        self._work = 0
        self._measured: dict[int, tuple[Any, int]] = {}

    def visit(self, node: Any, *values: Any, **more: Any) -> Any:
        """Evaluate one part, and refuse what it made when it is too much."""
        self._spend(1)
        made = super().visit(node, *values, **more)
        if self._size(made) > LARGEST_VALUE:
            raise TooMuchWork(f"it makes a value of more than {LARGEST_VALUE:,} parts")
        return made

    def visit_function_expression(self, node: Any, value: Any) -> Any:
        """Call a function; it may look at all of what it is given."""
        given = [self.visit(child, value) for child in node["children"]]
        self._spend(sum(map(self._size, given)))
        return self._functions.call_function(node["value"], given)

    def visit_comparator(self, node: Any, value: Any) -> Any:
        """Compare two values, part by part."""
        sides = [self.visit(child, value) for child in node["children"]]
        self._spend(sum(map(self._size, sides)))
        known = [{"type": "literal", "value": side, "children": []} for side in sides]
        compared: Any = {**node, "children": known}
        return super().visit_comparator(compared, value)

    def _spend(self, steps: int) -> None:
        self._work += steps
        if self._work > MOST_WORK:
            raise TooMuchWork(f"it takes more than {MOST_WORK:,} steps")

    def _size(self, value: Any) -> int:
        """How many parts the value has, counting what is shared each time that it is met."""
        if isinstance(value, str):
            return 1 + len(value) // CHARACTERS
        if not isinstance(value, dict | list):
            return 1
        known = self._measured.get(id(value))
        if known is not None:
            return known[1]
        self._spend(len(value))
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        size = 1 + sum(map(self._size, parts))
        self._measured[id(value)] = (value, size)
        return size
