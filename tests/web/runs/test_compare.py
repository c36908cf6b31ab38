"""GET /runs/{left}/compare/{right}/"""

import re

import pytest
from django.urls import reverse

from tests.factories.cast import Company
from tests.factories.forks import replay_of
from tests.factories.runs import begin, chain, finish, released
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.reading import page_of, text_of
from tests.web.runs.recorded import EXPERIMENT, answered, experiment, quick, step_of


def test_a_fork_stands_beside_its_source_with_its_words_marked(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run, fork, other = experiment(northwind)
    address = reverse("runs:compare", args=[run.pk, fork.pk])

    answer = browsing(northwind.auditor).get(address)

    page, said = answer.content.decode(), text_of(answer.content.decode())
    assert f"{EXPERIMENT} summarise: {other}" in said
    assert northwind.approver.name in said
    assert [pair.node for pair in answer.context["comparison"].pairs][:3] == [
        "redact",
        "classify",
        "summarise",
    ]
    assert reverse("runs:output", args=[step_of(fork, "summarise").pk]) in page
    was = step_of(run, "summarise").prompt_version
    assert was is not None
    facts = {fact.label: (fact.left.said, fact.right.said) for fact in answer.context["facts"]}
    assert facts["Prompt of summarise"] == (str(was), str(other))
    assert facts["Made because"] == ("", "Try it.")
    assert "Prompt of classify" not in facts
    diff = f"{reverse('governance:version-diff', args=[other.pk])}?against={was.pk}"
    assert f'href="{diff}">What changed</a>' in page
    assert browsing(northwind.auditor).get(diff).status_code == 200
    drafted = text_of(page_of(browsing, northwind, step_of(fork, "summarise")))
    assert re.search(r"First redact ran as \S+ \(in run \S+ , from which it was copied\)", drafted)
    copied = text_of(page_of(browsing, northwind, step_of(fork, "classify")))
    assert "This run did not execute it: what follows happened in run" in copied


def test_a_model_that_answers_the_very_same_request_otherwise_is_said_to_have(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    serving.be("cut_off")
    again = finish(replay_of(run, actor=northwind.operator, reason="Does it say the same?"))
    page = browsing(northwind.auditor).get(reverse("runs:compare", args=[run.pk, again.pk])).content.decode()
    step = step_of(run, "summarise")
    assert (
        f"Both asked {step.model_version} with {step.prompt_version}, sent it the same words and the same "
        "settings (temperature 0.2, top-p 1, no seed, at most 64 tokens), and it answered differently."
    ) in text_of(page)
    assert page.count("<span>Cut off</span>") == 1
    other = finish(begin(northwind, run.release, "Another letter.", reference="CASE-2"))
    page = (
        browsing(northwind.auditor).get(reverse("runs:compare", args=[again.pk, other.pk])).content.decode()
    )
    assert "answered differently" not in text_of(page)


def test_a_replay_that_did_the_same_parts_nowhere(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind, steps=3)
    again = finish(replay_of(run, actor=northwind.operator, reason="Does it do the same?"))
    said = text_of(
        browsing(northwind.auditor).get(reverse("runs:compare", args=[run.pk, again.pk])).content.decode()
    )
    assert "Both did the same at each of 3 steps, byte for byte." in said
    assert "the same" in said


def test_runs_on_other_inputs_show_the_first_parting_and_both_texts(
    northwind: Company, browsing: Browsing
) -> None:
    release = released(northwind, chain(2))
    one = finish(begin(northwind, release, "One letter about a card."))
    other = finish(begin(northwind, release, "One letter about a loan."))
    client, address = browsing(northwind.auditor), reverse("runs:compare", args=[one.pk, other.pk])
    page = client.get(address).content.decode()
    assert "They part at step_0: 0 of 2 steps the same." in text_of(page)
    assert 'href="#at-step_0"' in page
    assert 'id="at-step_0" class="differs"' in page
    assert "<del>card</del>" in page
    assert "<ins>loan</ins>" in page
    assert "<ins>loan</ins>" in client.get(address, {"view": "unified"}).content.decode()
    assert client.get(address, {"view": "sideways"}).status_code == 400


def test_a_step_that_only_one_came_to_stands_alone(northwind: Company, browsing: Browsing) -> None:
    release = released(northwind, chain(2))
    one, not_yet = finish(begin(northwind, release)), begin(northwind, release)
    page = browsing(northwind.auditor).get(reverse("runs:compare", args=[one.pk, not_yet.pk]))
    said = text_of(page.content.decode())
    assert "They part at step_0, to which only one of them came." in said
    assert said.count("did not come here") == 2


def test_a_long_text_is_cut_and_leads_to_the_whole(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.web.texts.LONGEST_SHOWN", 1000)
    release = released(northwind, chain(1))
    one = finish(begin(northwind, release, "a word " * 2000 + "one"))
    other = finish(begin(northwind, release, "a word " * 2000 + "two"))
    page = browsing(northwind.auditor).get(reverse("runs:compare", args=[one.pk, other.pk])).content.decode()
    assert "There is more than this page shows." in page
    assert page.count("a word") < 300


def test_runs_of_two_workflows_are_not_compared_and_unseen_ones_are_not_there(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    (one,), (other,), (theirs,) = quick(northwind), quick(northwind), quick(rival)
    client = browsing(northwind.auditor)
    answer = client.get(reverse("runs:compare", args=[one.pk, other.pk]))
    assert answer.status_code == 400
    assert "two different workflows" in answer.content.decode()
    for pair in ((one, theirs), (theirs, one)):
        assert client.get(reverse("runs:compare", args=[each.pk for each in pair])).status_code == 404
