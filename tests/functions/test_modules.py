"""Modules with functions of an installation's own, as its settings name them."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps


def loaded(settings: Any, module: str) -> None:
    settings.STEP_FUNCTION_MODULES = [module]
    apps.get_app_config("runs").ready()


@pytest.mark.parametrize("module", ["nowhere", "nowhere.steps", "runs.functions.nowhere"])
def test_a_module_that_is_not_there_is_named_with_what_to_do(settings: Any, module: str) -> None:
    with pytest.raises(SystemExit, match=f"STEP_FUNCTION_MODULES names “{module}”.*PYTHONPATH"):
        loaded(settings, module)


def test_a_mistake_in_a_module_of_ones_own_is_told_as_python_tells_it(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_steps.py").write_text("import not_installed_here\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="not_installed_here"):
        loaded(settings, "own_steps")
