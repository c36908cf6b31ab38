"""What is said of contents that were removed, wherever somebody asks for them."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from pytest_django import Settings

from governance.errors import WrongState
from runs.artifacts.opening import bytes_of
from runs.artifacts.storing import fetched
from runs.evidence.policy import policy_of
from runs.evidence.verifier.causes import Cause
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import verify_bundle
from runs.memory.models import Entry
from runs.memory.place import Place
from runs.memory.services import revert_entry
from runs.memory.writing import added
from runs.records.models import Run, Step
from runs.replay.fork import fork_run, replay_run
from runs.replay.verify import verify_run
from runs.retention.models import ErasureContent
from tests.attacks.story import NOW
from tests.factories.cast import Company
from tests.factories.evidence import bundle_of, finished, prove
from tests.factories.logs import sign_all
from tests.factories.retention import aged, announced, keep_for, old_run, removed
from tests.factories.runs import LONG_LETTER, begin, chain, finish, released
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor


@pytest.fixture(autouse=True)
def _at_once(settings: Settings) -> None:
    settings.RETENTION_NOTICE = timedelta()


def gone(company: Company) -> Run:
    """A run of years ago whose contents were removed."""
    run = old_run(company, released(company, chain(2)))
    keep_for(company)
    announced()
    assert removed() == 3
    return run


def test_pages_and_files_say_when_and_by_which_rule(northwind: Company) -> None:
    run, client = gone(northwind), visitor(northwind.auditor)
    given, step = run.inputs.get(), run.steps.latest("position")
    for url in (reverse("runs:output", args=[step.pk]), reverse("runs:artifact", args=[given.artifact_id])):
        page = client.get(url).content.decode()
        assert "contents says: 183 days after the last use" in page
        assert reverse("runs:erasure", args=[ErasureContent.objects.all()[0].erasure_id]) in page
        assert "was altered" not in page
        assert "The digests of the content" not in page
        assert "that the content and the release" not in page
    assert "its time was over" in client.get(reverse("runs:run", args=[run.pk])).content.decode()

    answer = client.get(reverse("runs:artifact", args=[given.artifact_id]), {"download": "1"})
    assert answer.status_code == 410
    assert "was removed on" in answer.content.decode()
    answer = client.get(reverse("api:artifact-content", args=[given.artifact_id]))
    assert (answer.status_code, "was removed on" in answer.content.decode()) == (410, True)
    assert client.get(reverse("api:output", args=[step.pk])).status_code == 200


def test_nothing_is_made_of_it_again(northwind: Company) -> None:
    run = gone(northwind)
    with pytest.raises(WrongState, match="cannot be forked"):
        fork_run(run, actor=northwind.operator, position=1, reason="Anew.")
    with pytest.raises(WrongState, match="cannot be replayed"):
        replay_run(run, actor=northwind.operator, reason="Anew.")
    with pytest.raises(WrongState, match="cannot be gone over"):
        verify_run(run, actor=northwind.auditor)
    assert Run.objects.count() == 1


def test_search_finds_nothing_of_it(northwind: Company) -> None:
    run = gone(northwind)
    step = run.steps.latest("position")
    page = visitor(northwind.auditor).get(reverse("search"), {"q": "second 1"}).content.decode()
    assert str(step.pk) not in page


def test_a_bundle_leaves_it_out_and_holds(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, settings: Settings
) -> None:
    settings.EVIDENCE_KEY_FILE = tmp_path / "evidence.pem"
    run = finished(northwind)
    prove(northwind, tmp_path)
    keep_for(northwind)
    aged(fresh_database, run)
    announced()
    assert removed() == 2
    sign_all(tmp_path)

    made = bundle_of(run, by=northwind.auditor)
    policy = read_policy(json.dumps(policy_of(northwind.organisation)).encode())
    assert verify_bundle(io.BytesIO(made.content), policy, NOW).cause == Cause.HOLDS
    left_out = json.loads(zipfile.ZipFile(io.BytesIO(made.content)).read("redactions.json"))
    assert "when the time for which it is kept was over" in json.dumps(left_out)


def test_a_file_goes_too_and_comes_back_with_the_content(
    fresh_database: FreshDatabase, northwind: Company, store: Path
) -> None:
    release = released(northwind, chain(1))
    run = finish(begin(northwind, release, LONG_LETTER))
    given = run.inputs.get().artifact
    keep_for(northwind)
    aged(fresh_database, run)
    announced()
    assert removed() == 2

    assert [path for path in store.rglob("*") if path.is_file()] == []
    assert set(ErasureContent.objects.values_list("place", flat=True)) == {""}
    begin(northwind, release, LONG_LETTER)
    given.refresh_from_db()
    assert bytes_of(given) == LONG_LETTER.encode() == fetched(given.place)
    assert Step.objects.filter(run=run).get().output is not None


def remembered(run: Run) -> Entry:
    """What the run's first step made, remembered as the next version."""
    step = run.steps.earliest("position")
    assert step.output is not None
    place = Place(run.organisation_id, run.project_id, run.environment_id, "letters", "last")
    return added(place, step=step, artifact_id=step.output_id, classification="internal")


def test_nobody_goes_back_to_a_remembered_value_that_was_removed(northwind: Company) -> None:
    old, new = gone(northwind), finish(begin(northwind, released(northwind, chain(1))))
    first, _ = remembered(old), remembered(new)
    content = first.artifact

    with pytest.raises(WrongState, match="was removed"):
        revert_entry(first, actor=northwind.operator, reason="The second was wrong.")

    page = visitor(northwind.operator).get(reverse("runs:memory-value", args=[first.pk])).content.decode()
    assert "Go back to it" not in page
    answer = visitor(northwind.auditor).get(reverse("api:memory-version", args=[first.pk]))
    assert (answer.status_code, answer.json()["text"], answer.json()["masked"]) == (200, None, False)
    assert answer.json()["sha256"] == content.sha256
