"""The owner's address: `migrate` knows it, what serves people or runs steps does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.env import ROOT

APP = "postgresql://app_role@db.example.org/countersign"
OWNER = "postgresql://owner_role@db.example.org/countersign"
SCRIPT = """
import sys
from portal.env import Environment
Environment.model_config["env_file"] = sys.argv[1]
{starts}
from django.conf import settings
print(settings.DATABASES["default"]["USER"], settings.DATABASES["owner"]["USER"])
"""


@pytest.mark.parametrize(
    ("starts", "owner"),
    [
        ("import portal.wsgi", "app_role"),
        ("import portal.celery", "app_role"),
        ("import django; django.setup()", "owner_role"),  # as manage.py does
    ],
)
@pytest.mark.parametrize("by_file", [True, False], ids=["by .env", "by the environment"])
def test_what_serves_does_not_know_the_owner(tmp_path: Path, starts: str, owner: str, by_file: bool) -> None:
    file = tmp_path / "some.env"
    file.write_text(f"OWNER_DATABASE_URL={OWNER}\n" if by_file else "")
    given = {name: value for name, value in os.environ.items() if name != "OWNER_DATABASE_URL"}
    given |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "DATABASE_URL": APP}
    given |= {} if by_file else {"OWNER_DATABASE_URL": OWNER}

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(starts=starts), str(file)],
        cwd=ROOT, env=given, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.split() == ["app_role", owner]
