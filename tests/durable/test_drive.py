"""Driving a run from its start to its end."""

import hashlib
import json

from governance.ledger.models import Event
from runs.artifacts.models import Artifact
from runs.artifacts.opening import bytes_of
from runs.durable.drive import drive
from runs.lineage.models import Edge
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, complaint, finish, personal, released
from tests.providers.serving import Serving

CARD = f"{LETTER} My card is 4111 1111 1111 1111."


def test_a_run_passes_through_functions_models_and_a_branch(northwind: Company, serving: Serving) -> None:
    release = released(northwind, complaint(northwind), environment=northwind.production)
    run = begin(northwind, release, CARD, reference="CASE-1")

    done = finish(run)

    assert done.state == Run.State.SUCCEEDED, done.error
    steps = list(Step.objects.filter(run=run))
    assert [step.node for step in steps] == ["redact", "classify", "summarise", "route", "card_desk"]
    assert [step.position for step in steps] == [0, 1, 2, 3, 4]
    assert {step.attempt for step in steps} == {1}
    assert done.output is not None
    assert bytes_of(done.output) == b"The customer was charged twice."
    assert (done.tokens_in, done.tokens_out) == (22, 14)
    assert steps[3].chosen == "card_desk"
    assert done.finished_at is not None


def test_each_step_records_the_versions_that_made_it(northwind: Company, serving: Serving) -> None:
    release = released(northwind, complaint(northwind))
    run = finish(begin(northwind, release))

    step = Step.objects.get(run=run, node="summarise")
    pins = {pin.pinned.asset.kind: pin.pinned_id for pin in release.version.pins.filter(node="summarise")}
    assert (step.prompt_version_id, step.model_version_id) == (pins["prompt"], pins["model"])
    assert step.facts["reported_model"] == "smollm2-135m-instruct"
    assert step.facts["finish_reason"] == "stop"
    assert step.facts["model_mismatch"] is False
    assert step.started_at <= step.finished_at


def test_the_model_gets_the_redacted_letter_and_the_rendered_prompt_is_kept(
    northwind: Company, serving: Serving
) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind)), CARD))

    sent = serving.asked()[0]["body"]["messages"]
    assert "4111" not in json.dumps(sent)
    assert "[card number]" in sent[1]["content"]
    kept = Edge.objects.get(step__run=run, step__node="classify", role=Edge.Role.PROMPT).artifact
    assert json.loads(bytes_of(kept)) == sent
    assert not hasattr(kept, "text"), "a prompt repeats what is found elsewhere already"


def test_each_request_carries_a_key_that_only_depends_on_the_step(
    northwind: Company, serving: Serving
) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    keys = [asked["headers"]["Idempotency-Key"] for asked in serving.asked()]
    assert keys == [
        hashlib.sha256(f"{run.pk}:classify:1".encode()).hexdigest(),
        hashlib.sha256(f"{run.pk}:summarise:2".encode()).hexdigest(),
    ]


def test_edges_lead_from_each_input_to_the_artifact_it_came_from(
    northwind: Company, serving: Serving
) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    letter = run.inputs.get().artifact_id
    redacted = Step.objects.get(run=run, node="redact").output_id
    read = {
        (edge.step.node, edge.name, edge.source): edge.artifact_id
        for edge in Edge.objects.filter(step__run=run, role=Edge.Role.INPUT).select_related("step")
    }
    assert read == {
        ("redact", "text", "$letter"): letter,
        ("classify", "letter", "redact.text"): redacted,
        ("summarise", "letter", "redact.text"): redacted,
        ("route", "on", "classify.label"): Step.objects.get(run=run, node="classify").output_id,
    }


def test_outputs_are_as_protected_as_what_they_were_made_from(northwind: Company, serving: Serving) -> None:
    as_given = finish(begin(northwind, released(northwind, personal(chain(2)))))
    redacted = finish(begin(northwind, released(northwind, personal(complaint(northwind)))))

    assert set(as_given.steps.values_list("classification", flat=True)) == {"personal"}
    assert redacted.steps.get(node="summarise").classification == "internal"


def test_the_ledger_tells_the_whole_run_in_order(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))

    events = list(Event.objects.of_run(run.pk))
    told = ["run.started", "run.claimed", "step.succeeded", "step.succeeded", "run.succeeded"]
    assert sorted(event.kind for event in events) == sorted(told)
    assert {event.actor_name for event in events} == {northwind.operator.name, "Run engine"}
    assert run.output is not None
    last = next(event for event in reversed(events) if event.kind == "step.succeeded")
    assert last.details["output_sha256"] == run.output.sha256


def test_the_same_content_is_stored_once_in_an_organisation(northwind: Company) -> None:
    release = released(northwind, chain(2))

    finish(begin(northwind, release))
    finish(begin(northwind, release))

    assert Step.objects.count() == 4
    assert Artifact.objects.count() == 2, "the letter, and what every step made of it"


def test_driving_again_changes_nothing(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))
    events = Event.objects.of_run(run.pk).count()

    assert drive(run.pk, worker="another") is False

    assert Event.objects.of_run(run.pk).count() == events
    assert Run.objects.get(pk=run.pk).lease_epoch == 1
