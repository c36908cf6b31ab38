"""What the provenance page says beside the output: settings, effect, proof, redaction, where it went"""

import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from governance.releases.services import activate, roll_back, submit_release
from runs.records.models import Run, Step
from runs.web.redacted import Removed, _read
from runs.web.strip import release_used
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import begin, chain, complaint, finish, put_into_effect, released
from tests.factories.things import make_model, make_prompt, make_version, pin
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.reading import page_of, text_of
from tests.web.runs.recorded import answered, quick, step_of


def test_a_release_that_is_no_longer_in_effect_is_not_said_to_be(
    northwind: Company, browsing: Browsing
) -> None:
    first = released(northwind, chain(1))
    run = finish(begin(northwind, first))
    step = run.steps.get()
    assert "In effect since" in text_of(page_of(browsing, northwind, step))
    second = put_into_effect(northwind, make_version(northwind, "workflow", chain(2), asset=first.workflow))
    back = roll_back(first, actor=northwind.operator, reason="Too short.")
    begun, replaced = (found.activations.earliest("at").at for found in (first, second))
    said = text_of(page_of(browsing, northwind, step))
    moments = " to ".join(f"{at:%-d %b %Y, %H:%M:%S} UTC" for at in (begun, replaced))
    assert f"In effect when the run began: from {moments} Then replaced by release 2 by Otto Operator" in said
    assert "In effect since" not in said
    later = finish(begin(northwind, first)).steps.get()
    assert f"In effect since {back.at:%-d %b %Y, %H:%M:%S}" in text_of(page_of(browsing, northwind, later))
    assert (
        f"In effect again from {back.at:%-d %b %Y, %H:%M:%S} UTC, by Otto Operator: “Too short.”"
        in text_of(page_of(browsing, northwind, step))
    ), "what was put back is not left as replaced"
    during = Run(release=second, environment=second.environment, created_at=replaced)
    assert release_used(during).notes == ("Then rolled back to release 1 by Otto Operator: “Too short.”",)
    roll_back(second, actor=northwind.operator, reason="It was not.")
    once_more = Run(release=first, environment=first.environment, created_at=back.at)
    assert release_used(once_more).notes == ("Then replaced by release 2 by Otto Operator: “It was not.”",)
    assert release_used(during).notes[1].endswith(", by Otto Operator: “It was not.”")


@pytest.mark.parametrize(("own", "held"), [(None, 64), (120, 120)])
def test_the_settings_name_the_limit_of_tokens_that_held(
    northwind: Company, browsing: Browsing, serving: Serving, own: int | None, held: int
) -> None:
    content = complaint(northwind)
    content["nodes"][2]["max_tokens"] = own
    run = finish(begin(northwind, released(northwind, content, environment=northwind.production)))
    settings = f"temperature 0.2, top-p 1, no seed, at most {held} tokens"
    assert text_of(page_of(browsing, northwind, step_of(run, "summarise"))).count(settings) == 2
    assert settings in browsing(northwind.auditor).get(reverse("runs:run", args=[run.pk])).content.decode()


def test_the_proof_claims_no_more_than_digests_show(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind)
    said = text_of(page_of(browsing, northwind, run.steps.get()))
    assert "fit the digests that were recorded" in said
    assert "It cannot show that no entry is missing" in said
    assert "edited since" not in said
    assert "as it was written" not in said


def test_what_a_redaction_took_out_is_said_with_what_it_did_not_look_for(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    letter = "Card 4539 1488 0343 6467, write to a@example.org or b@example.org, not to Ms Petrov."
    run = answered(northwind, letter=letter)
    redact = step_of(run, "redact")
    for node in ("redact", "summarise"):
        page = page_of(browsing, northwind, step_of(run, node))
        assert (
            "Personal data removed by redact : 1 card number, 2 e-mail addresses. "
            "Not looked for: names, postal addresses, dates of birth."
        ) in text_of(page)
        assert f'by <a href="{reverse("runs:output", args=[redact.pk])}">redact</a>' in page
    said = text_of(page_of(browsing, northwind, redact))
    assert "found card: 1, email: 2 not looked for names, postal addresses" in said
    harmless = page_of(browsing, northwind, step_of(answered(northwind), "redact"))
    assert "redact found no personal data of the kinds that it looks for" in text_of(harmless)


def test_a_part_of_a_content_is_told_from_the_whole(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    said = text_of(page_of(browsing, northwind, step_of(answered(northwind), "summarise")))
    assert "as letter, text out of" in said
    assert "and 1 earlier output " in said  # the one that it read, not all that ran before
    whole = text_of(page_of(browsing, northwind, step_of(answered(northwind), "redact")))
    assert "as text, from $letter" in whole
    assert "earlier output" not in whole


def test_the_page_names_the_organisation_the_authors_and_what_a_digest_is_of(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    version = make_version(northwind, "workflow", complaint(northwind))
    release = submit_release(
        version, actor=northwind.author, environment=northwind.development, notes="Kinder words."
    )
    activate(release, actor=northwind.operator, reason="Tried out.")
    step = step_of(finish(begin(northwind, release)), "summarise")
    said = text_of(page_of(browsing, northwind, step))
    assert f"{northwind.organisation.name}. Summarise: run {step.run_id}" in said
    assert "(“Kinder words.”)" in said
    assert f"Prompt {step.prompt_version} by {northwind.author.name}" in said
    assert "Content recomputed now SHA-256 of the UTF-8 text" in said


def test_the_page_says_where_the_prompt_went_and_why_the_answer_ended(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    step = step_of(answered(northwind), "summarise")
    said = text_of(page_of(browsing, northwind, step))
    assert "Sent to 127.0.0.1, an address of this machine the provider that was called “default”" in said
    assert "Ended because the answer was complete" in said
    step.facts["host"], step.facts["on_this_machine"] = "api.example.org", False
    facts = render_to_string("runs/output_facts.html", {"step": step, "run": step.run, "currency": "EUR"})
    assert "api.example.org, not this machine" in facts
    step.facts = {"provider": "default", "finish_reason": "length"}
    facts = render_to_string("runs/output_facts.html", {"step": step, "run": step.run, "currency": "EUR"})
    assert "an address that was not recorded" in facts
    assert "the limit of tokens was reached" in facts


def test_personal_data_looks_the_same_wherever_it_is_shown(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind, protected=True)
    look = re.compile(
        r'data-tone="(\w+)"><svg[^>]*><use href="[^"#]*#([\w-]+)"></use></svg><span>Personal data<'
    )
    pages = [reverse("runs:output", args=[step_of(run, node).pk]) for node in ("redact", "summarise")]
    for address in (*pages, reverse("runs:run", args=[run.pk])):
        page = browsing(northwind.auditor).get(address).content.decode()
        assert set(look.findall(page)) == {("hold", "shield-lock")}


def test_a_redaction_of_before_the_limits_were_recorded_is_still_read() -> None:
    step = Step()
    assert _read(step, b'{"found":{"card":2},"text":"x"}') == Removed(step, "2 card numbers", "")


def test_a_fork_made_after_its_release_was_replaced_does_not_claim_it_was_in_effect(
    northwind: Company, browsing: Browsing
) -> None:
    first = released(northwind, chain(2))
    run = finish(begin(northwind, first))
    put_into_effect(northwind, make_version(northwind, "workflow", chain(3), asset=first.workflow))

    fork = finish(fork_of(run, actor=northwind.operator, position=1, reason="again"))

    said = text_of(page_of(browsing, northwind, step_of(fork, "step_1")))
    assert "Not in effect here when the run began" in said
    assert "In effect when the run began" not in said


def test_what_items_were_asked_and_read_is_not_denied(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    each = {
        "kind": "llm",
        "prompt": pin(make_prompt(northwind)),
        "model": pin(make_model(northwind)),
        "inputs": {"letter": "@item"},
    }
    letters = {"kind": "transform", "key": "letters", "expression": "['a', 'b']", "inputs": {"x": "$letter"}}
    content = {
        "inputs": [{"name": "letter"}],
        "nodes": [{**letters, "next": "all"}, {"kind": "map", "key": "all", "over": "letters", "each": each}],
        "start": "letters",
        "output": "all",
    }
    run = finish(begin(northwind, released(northwind, content)))
    for part in run.parts.all():
        finish(part)
    run = finish(Run.objects.get(pk=run.pk))

    joined = text_of(page_of(browsing, northwind, step_of(run, "all")))
    assert "an item may have asked one" in joined
    assert "no model was asked" not in joined
    item = text_of(page_of(browsing, northwind, Step.objects.filter(run__parent=run).earliest("item")))
    assert "from the output of letters" in item
    assert "from the settings of the workflow alone" not in item
