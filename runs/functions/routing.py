"""Assigning work to a desk."""

from typing import Any

from runs.functions.registry import step_function


@step_function("assign_desk", version=1, takes={"desk"})
def assign_desk(*, desk: Any) -> dict[str, Any]:
    """Give the case to the named desk."""
    name = desk.strip() if isinstance(desk, str) else ""
    if not name:
        raise ValueError("the desk has no name")
    return {"desk": name}
