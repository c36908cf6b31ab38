"""GET and POST /runs/{run}/fork/, POST /runs/{run}/replay/, and the pages of what came of them"""

import re
from typing import Any
from uuid import uuid4

from django.urls import reverse

from runs.records.models import Run, Step
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.forks import fork_of, replay_of
from tests.factories.runs import begin, chain, finish, released
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.reading import text_of
from tests.web.runs.recorded import EXPERIMENT, answered, experiment, other_prompt, quick, step_of, waiting


def asked(company: Company, **more: Any) -> dict[str, Any]:
    """A fork at the third step, where nobody has to approve."""
    return {
        "position": 2,
        "environment": company.development.pk,
        "reason": "Try it.",
        "key": f"page-{uuid4()}",
        **more,
    }


def fork_lines(client: Any, run: Run) -> Any:
    """The rows of the timeline on the run's page."""
    return client.get(reverse("runs:run", args=[run.pk])).context["timeline"].lines


def test_an_operator_forks_a_run_with_another_prompt(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    other = other_prompt(northwind, run)
    client, address = browsing(northwind.operator), reverse("runs:fork", args=[run.pk])
    form = client.get(address).context["form"]
    assert [label for _, label in form.fields["position"].choices] == [
        "1. redact", "2. classify", "3. summarise", "4. route", "5. card_desk"
    ]  # fmt: skip
    assert str(other.pk) in dict(form.fields["prompt_summarise"].choices)
    places = dict(form.fields["environment"].choices)
    assert set(places) == {str(northwind.production.pk), str(northwind.development.pk)}

    answer = client.post(address, asked(northwind, prompt_summarise=str(other.pk)))

    fork = Run.objects.get(source=run)
    assert answer.headers["Location"] == reverse("runs:run", args=[fork.pk])
    assert (fork.source_position, fork.environment) == (2, northwind.development)
    assert finish(fork).state == Run.State.SUCCEEDED
    assert step_of(fork, "summarise").prompt_version == other


def test_what_is_wrong_is_said_beside_its_field(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    chosen = {"prompt_summarise": str(other_prompt(northwind, run).pk)}
    client, address = browsing(northwind.operator), reverse("runs:fork", args=[run.pk])

    def wrong(**more: Any) -> dict[str, list[str]]:
        answer = client.post(address, asked(northwind, **more))
        assert answer.status_code == 400
        return dict(answer.context["form"].errors)

    assert set(wrong(reason=" ")) == {"reason"}
    assert set(wrong(position=7)) == {"position"}
    assert set(wrong(prompt_summarise=str(run.pk))) == {"prompt_summarise"}
    assert "is protected" in wrong(**chosen, environment=northwind.production.pk)["environment"][0]
    assert "stays where" in wrong()["environment"][0]
    assert "taken over" in wrong(**chosen, position=3)["prompt_summarise"][0]
    assert not Run.objects.filter(source=run).exists()


def test_a_step_that_changes_something_outside_is_not_done_again_and_says_so(
    northwind: Company, browsing: Browsing
) -> None:
    content = chain(3)
    content["nodes"][1]["effect"] = "idempotent"
    run = finish(begin(northwind, released(northwind, content)))
    page = browsing(northwind.operator).get(reverse("runs:run", args=[run.pk])).content.decode()
    assert 'id="act-fork"' in page
    assert 'id="act-replay"' not in page, "nothing is offered that is then refused"
    answer = browsing(northwind.operator).post(reverse("runs:replay", args=[run.pk]), {"reason": "Again."})
    assert answer.status_code == 409
    assert "“step_1” changes something outside" in answer.content.decode()
    form = browsing(northwind.operator).get(reverse("runs:fork", args=[run.pk])).context["form"]
    assert [position for position, _ in form.fields["position"].choices] == [2]


def test_an_operator_runs_it_again_and_each_page_leads_to_the_other(
    northwind: Company, browsing: Browsing
) -> None:
    (run,) = quick(northwind)
    client = browsing(northwind.operator)
    page = client.get(reverse("runs:run", args=[run.pk])).content.decode()
    assert 'data-opens="replay"' in page
    assert 'id="replay"' in page
    assert reverse("runs:fork", args=[run.pk]) in page

    answer = client.post(reverse("runs:replay", args=[run.pk]), {"reason": "Does it do the same?"})

    again = Run.objects.get(source=run)
    assert answer.headers["Location"] == reverse("runs:run", args=[again.pk])
    compare = reverse("runs:compare", args=[run.pk, again.pk])
    for seen, other in ((run, again), (again, run)):
        page = client.get(reverse("runs:run", args=[seen.pk])).content.decode()
        assert reverse("runs:run", args=[other.pk]) in page
        assert compare in page


def test_acts_are_offered_to_operators_of_runs_that_ended(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind)
    under_way = waiting(northwind)
    fork = 'id="act-fork"'
    for person, shown, there in (
        (northwind.auditor, run, False),
        (northwind.operator, run, True),
        (northwind.operator, under_way, False),
    ):
        page = browsing(person).get(reverse("runs:run", args=[shown.pk])).content.decode()
        assert ((fork in page), ('id="act-replay"' in page)) == (there, there)
        assert 'id="act-verify"' in page


def test_an_experiment_says_so_wherever_its_approval_is_shown(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run, fork, other = experiment(northwind)
    client = browsing(northwind.auditor)
    output = reverse("runs:output", args=[step_of(fork, "summarise").pk])
    for address in (reverse("runs:run", args=[fork.pk]), output):
        page = client.get(address)
        assert EXPERIMENT in text_of(page.content.decode())
        [approval] = [fact for fact in page.context["facts"] if fact.label == "Approved by"]
        assert (approval.value, approval.notes) == ("Experiment", (f"summarise: {other}",))
    assert northwind.approver.name not in text_of(client.get(output).content.decode())
    listed = text_of(client.get(reverse("runs:list")).content.decode())
    assert "Fork Experiment" in listed
    assert f"Runs versions that nobody approved: {other}" in listed
    peek = text_of(client.get(reverse("runs:list"), {"peek": str(fork.pk)}).content.decode())
    assert f"Runs versions that nobody approved: summarise: {other}" in peek
    assert "nobody approved" not in text_of(client.get(reverse("runs:run", args=[run.pk])).content.decode())


def test_a_copied_step_names_the_run_that_made_it(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind, steps=2)
    fork = finish(fork_of(run, actor=northwind.operator, position=1, reason="Once more."))
    made, copied = Step.objects.get(run=run, position=0), Step.objects.get(run=fork, position=0)
    client = browsing(northwind.auditor)
    page = client.get(reverse("runs:run", args=[fork.pk])).content.decode()
    assert text_of(page).count("copied from run") == 1
    drawn = [bar for line in fork_lines(client, fork) for bar in line.bars]
    assert [(bar.note, bar.ms) for bar in drawn if bar.key == str(copied.pk)] == [("copied", 0)]
    assert reverse("runs:output", args=[made.pk]) in page
    page = client.get(reverse("runs:output", args=[copied.pk])).content.decode()
    assert "This step was copied from run" in text_of(page)
    assert reverse("runs:output", args=[made.pk]) in page


def test_a_list_with_experiments_costs_one_query_more_however_many(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run, _, other = experiment(northwind)
    client = browsing(northwind.auditor)
    one = queries_of(client, reverse("runs:list"))
    for _ in range(2):
        fork_of(
            run,
            actor=northwind.operator,
            position=2,
            reason="Try it.",
            overrides={"summarise": {"prompt": other}},
            environment=northwind.development,
        )
    assert queries_of(client, reverse("runs:list")) == one


def test_who_may_only_look_may_neither_fork_nor_run_again(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    (run,) = quick(northwind)
    for name in ("runs:fork", "runs:replay"):
        address = reverse(name, args=[run.pk])
        assert browsing(northwind.auditor).post(address, {"reason": "x"}).status_code == 403
        assert browsing(rival.operator).post(address, {"reason": "x"}).status_code == 404
    assert not Run.objects.filter(source=run).exists()


def test_a_form_that_is_sent_twice_starts_one_run(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind, steps=2)
    client = browsing(northwind.operator)
    forking, again = reverse("runs:fork", args=[run.pk]), reverse("runs:replay", args=[run.pk])
    key = client.get(forking).context["form"]["key"].value()
    page = client.get(reverse("runs:run", args=[run.pk])).content.decode()
    [other] = re.findall(r'name="once" value="(page-[^"]+)"', page)
    there = {"position": 1, "environment": run.environment_id, "reason": "x", "key": key}

    for address, sent in ((forking, there), (again, {"reason": "x", "once": other})):
        first, second = client.post(address, sent), client.post(address, sent)
        assert first.status_code == second.status_code == 302
        assert first.headers["Location"] == second.headers["Location"]

    assert sorted(Run.objects.filter(source=run).values_list("origin", flat=True)) == ["fork", "replay"]


def test_an_experiment_is_not_run_again(northwind: Company, browsing: Browsing, serving: Serving) -> None:
    _, fork, _ = experiment(northwind)
    client = browsing(northwind.operator)
    assert 'id="act-replay"' not in client.get(reverse("runs:run", args=[fork.pk])).content.decode()
    assert client.post(reverse("runs:replay", args=[fork.pk]), {"reason": "x"}).status_code == 409


def test_a_replay_of_a_run_in_production_keeps_its_approval(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    again = replay_of(run, actor=northwind.operator, reason="Does it do the same?")
    page = browsing(northwind.auditor).get(reverse("runs:run", args=[again.pk])).content.decode()
    assert northwind.approver.name in text_of(page)
    assert "nobody approved" not in text_of(page)
