"""GET and POST /search/"""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from runs.insight import found_by_text
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, finish, released
from tests.factories.things import make_prompt
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.recorded import answered, quick, step_of

SEARCH = reverse("search")


def test_a_sentence_of_one_output_leads_straight_to_its_page(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    step = step_of(answered(northwind), "summarise")
    client = browsing(northwind.auditor)
    response = client.get(SEARCH, {"q": "customer was charged twice"})
    assert response.status_code == 302
    assert response["Location"] == reverse("runs:output", args=[step.pk])
    assert "Aron Approver" in client.get(response["Location"]).content.decode()


def test_several_matches_are_listed_with_the_passage_marked(northwind: Company, browsing: Browsing) -> None:
    quick(northwind, 2)
    page = browsing(northwind.auditor).get(SEARCH, {"q": "you CHARGED my"}).content.decode()
    assert page.count("<mark>you charged my</mark>") == 4
    assert "Outputs" in page
    assert "Inputs" in page


def test_a_posted_file_is_looked_for_by_its_digest_and_not_kept(
    northwind: Company, browsing: Browsing
) -> None:
    run = quick(northwind, 1)[0]
    client = browsing(northwind.auditor)
    response = client.post(SEARCH, {"q": "", "file": SimpleUploadedFile("letter.txt", LETTER.encode())})
    digest = hashlib.sha256(LETTER.encode()).hexdigest()
    assert response["Location"] == f"{SEARCH}?q={digest}"
    found = client.get(response["Location"])
    assert found["Location"] == reverse("runs:output", args=[step_of(run, "step_0").pk])


def test_a_very_long_paste_and_odd_characters_are_answered_with_words(
    northwind: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.auditor)
    posted = client.post(SEARCH, {"q": "no such thing " * 14_000})
    assert posted.status_code == 302
    assert len(posted["Location"]) < 2_000
    assert "Nothing was found" in client.get(posted["Location"]).content.decode()
    odd = client.get(SEARCH, {"q": "a\x00b\ufffd"})
    assert odd.status_code == 200
    assert "left out of the search" in odd.content.decode()
    long = client.get(SEARCH, {"q": "harbour " * 200})
    assert "Only the beginning" in long.content.decode()


def test_what_was_asked_for_is_shown_as_text(northwind: Company, browsing: Browsing) -> None:
    page = browsing(northwind.auditor).get(SEARCH, {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_without_a_question_the_page_explains_itself(northwind: Company, browsing: Browsing) -> None:
    page = browsing(northwind.auditor).get(SEARCH, {"q": "  "}).content.decode()
    assert "How to trace an output" in page
    assert "Nothing was found" not in page


def test_what_is_hidden_is_answered_like_what_does_not_exist(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    run = quick(rival, 1)[0]
    client = browsing(northwind.auditor)
    assert run.output is not None
    hidden = client.get(SEARCH, {"q": run.output.sha256})
    missing = client.get(SEARCH, {"q": "0" * 64})
    assert (hidden.status_code, missing.status_code) == (200, 200)
    assert "Nothing was found" in hidden.content.decode()
    assert len(hidden.context["results"].outputs) == 0


def test_the_number_of_a_case_leads_to_its_run(northwind: Company, browsing: Browsing) -> None:
    release = released(northwind, chain(1))
    run = finish(begin(northwind, release, reference="CASE-88206"))
    finish(begin(northwind, release, reference="CASE-88207"))
    found = browsing(northwind.auditor).get(SEARCH, {"q": "88206"})
    assert found["Location"] == reverse("runs:output", args=[step_of(run, "step_0").pk])


def test_where_nothing_is_found_the_nearest_pages_are_offered(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    named = make_prompt(northwind).asset
    hidden = make_prompt(rival).asset
    client = browsing(northwind.auditor)

    said = client.get(SEARCH, {"q": f"answer-{named.slug}"}).content.decode()
    assert "Search looks through" in said
    assert f'href="{reverse("governance:asset", args=[named.pk])}"' in said
    assert str(hidden.pk) not in said

    page = client.get(SEARCH, {"q": "anna author"}).content.decode()
    link = f"{reverse('governance:ledger')}?actor=Anna%20Author"
    assert f'href="{link}"' in page
    assert client.get(link).context["rows"]

    assert "What Anna Author did" not in browsing(rival.approver).get(SEARCH, {"q": "zebra"}).content.decode()


def test_where_too_much_fits_nothing_is_offered_instead(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = make_prompt(northwind).asset
    quick(northwind)
    monkeypatch.setattr(found_by_text, "PATIENCE_SECONDS", 0.0)

    page = browsing(northwind.auditor).get(SEARCH, {"q": f"answer-{named.slug}"})

    assert "These words stand in too many texts" in page.content.decode()
    assert page.context["nearest"] is None


def test_an_edited_text_lists_what_comes_close_and_marks_what_is_shared(
    northwind: Company, browsing: Browsing
) -> None:
    quick(northwind, 1)
    client = browsing(northwind.auditor)
    exact = "you charged my card twice"
    assert exact in LETTER
    response = client.get(SEARCH, {"q": f"Dear Ms Petrov, {exact}"})
    page = response.content.decode()
    assert "Close, not exact" in page
    assert "Nothing was found" not in page
    assert page.count(f"<mark>{exact}</mark>") == 2
    assert "5 of your 8 words" in page


def test_words_of_an_input_alone_do_not_lead_to_an_output_without_them(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind, "You charged my card 4539 1488 0343 6467 twice.")
    response = browsing(northwind.auditor).get(SEARCH, {"q": "4539148803436467"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "Found in what was handed in." in page
    assert "<mark>4539 1488 0343 6467</mark>" in page
    assert reverse("runs:artifact", args=[run.inputs.get().artifact_id]) in page


def test_the_page_says_what_it_does_not_look_through(northwind: Company, browsing: Browsing) -> None:
    page = browsing(northwind.auditor).get(SEARCH, {"q": "Do not promise money"}).content.decode()
    said = page.split("<main")[1]
    assert "It does not read the wording of prompts" in said
    for place in ("prompts", "releases", "ledger"):
        assert f'href="{reverse(f"governance:{place}")}"' in said
