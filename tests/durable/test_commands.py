"""Starting runs and sweeping from the command line."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from runs.durable.drive import drive
from runs.management.commands import start_run
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import chain, released


def start(company: Company, slug: str, *more: str) -> str:
    """The command's words."""
    said = StringIO()
    where = ["--environment", "development", "--as", company.operator.email]
    call_command("start_run", f"complaints/{slug}", *where, *more, stdout=said)
    return said.getvalue()


def test_a_file_becomes_an_input(northwind: Company, tmp_path: Path) -> None:
    slug = released(northwind, chain(1)).workflow.slug
    (tmp_path / "letter.txt").write_bytes(b"Dear bank")

    said = start(northwind, slug, "--input", f"letter=@{tmp_path}/letter.txt", "--reference", "CASE-3")

    run = Run.objects.get(reference="CASE-3")
    assert said == f"{run.pk} started\n"
    assert (run.origin, run.inputs.get().filename) == ("command", "letter.txt")


class DrivingClock:
    """The command's own clock: while it waits, the run is driven. Other threads keep theirs."""

    @staticmethod
    def sleep(seconds: float) -> None:
        """Drive the only run."""
        drive(Run.objects.get().pk, worker="test")


def test_waiting_tells_the_end(northwind: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = released(northwind, chain(1)).workflow.slug
    monkeypatch.setattr(start_run, "time", DrivingClock)

    said = start(northwind, slug, "--input", "letter=Dear bank", "--wait")

    run = Run.objects.get()
    assert run.output is not None
    assert said.splitlines()[1] == f"{run.pk} succeeded output {run.output.sha256}"


def test_waiting_for_a_run_that_fails_fails(northwind: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = released(northwind, chain(1, function="returns@1", what="raise")).workflow.slug
    monkeypatch.setattr(start_run, "time", DrivingClock)

    with pytest.raises(CommandError, match="Failed at “step_0”"):
        start(northwind, slug, "--input", "letter=Dear bank", "--wait")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--input", "letter=@/nowhere/at/all"], "cannot be read"),
        (["--input", "letter"], "is not NAME=@FILE"),
        (["--input", "letter="], "The document is empty"),
        ([], "This input is missing"),
        (["--input", "letter=x", "--environment", "moon"], "There is no environment called moon"),
        (["--input", "letter=x", "--as", "nobody@example.org"], "Nobody here has the address"),
    ],
)
def test_what_is_wrong_is_said_plainly(northwind: Company, arguments: list[str], words: str) -> None:
    slug = released(northwind, chain(1)).workflow.slug

    with pytest.raises(CommandError, match=words):
        start(northwind, slug, *arguments)

    assert not Run.objects.exists()


def test_workflows_out_of_reach_are_not_there(northwind: Company, rival: Company) -> None:
    slug = released(northwind, chain(1)).workflow.slug

    with pytest.raises(CommandError, match="sees no workflow"):
        start(rival, slug, "--input", "letter=x")


def test_sweep_says_what_it_found(northwind: Company) -> None:
    said = StringIO()

    call_command("sweep", stdout=said)

    assert said.getvalue() == "0 taken back, 0 given up, 0 woken, 0 pools told\n"
