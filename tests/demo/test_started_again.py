"""A second start with another `--limit`: nothing is taken away or run twice, and what was done is said."""

from io import StringIO

import pytest

from portal.management.commands.demo import Command
from runs.records.models import Run

# Without a model the runs fail, which will do.
pytestmark = pytest.mark.usefixtures("harbour", "worked_off")


def start(limit: int | None) -> str:
    """What a start prints while it plays."""
    printed = StringIO()
    Command(stdout=printed)._play({"again": False, "once": False, "limit": limit})
    return printed.getvalue().strip()


def count() -> int:
    return Run.objects.filter(workflow__slug="complaint-handling").count()


def test_what_is_missing_up_to_the_limit_is_run_and_what_is_there_stays() -> None:
    assert (start(3), count()) == ("", 3)
    assert (start(5), count()) == ("3 runs of an earlier start are kept, 2 are new.", 5)
    assert (start(2), count()) == ("5 runs of an earlier start are kept, 0 are new.", 5)
    assert (start(None), count()) == ("5 runs of an earlier start are kept, 8 are new.", 13)
