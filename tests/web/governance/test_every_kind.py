"""Each kind of node on the pages of a version: in the drawing, in the table, between two versions."""

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from governance.catalog.content import parsed
from governance.catalog.definition_text import read_definition, written
from governance.catalog.workflows import WorkflowContent
from governance.web.content_view import content_view
from governance.web.graphs import workflow_drawing
from governance.web.node_words import lasting
from tests.factories.cast import Company
from tests.factories.kinds import make_every_kind
from tests.factories.things import make_version
from tests.visiting import Browsing


def test_every_kind_says_in_the_drawing_what_it_does(northwind: Company) -> None:
    content = parsed(make_every_kind(northwind))
    assert isinstance(content, WorkflowContent)
    drawing = workflow_drawing(content)
    full = {box.full.split(" (")[0]: box for box in drawing.boxes}

    said = {key: box.full[len(key) :] for key, box in full.items()}
    assert re.fullmatch(r" \(asks prompt-\d+ v1\)", said.pop("label"))
    assert re.fullmatch(r" \(each: asks prompt-\d+ v1\)", said.pop("each_part"))
    assert re.fullmatch(r" \(runs workflow-\d+ v1\)", said.pop("answer"))
    assert said == {
        "clean": " (computes parts[?amount].{of: name})",
        "book": " (POST ledger/bookings/{id}; undone by: DELETE ledger/bookings/{booking})",
        "by_label": " (by label.label)",
        "paid": " (waits for payment.received)",
        "ask": " (a person chooses)",
        "rest": " (waits 1 h 30 min)",
        "send": " (POST post-office/)",
    }
    assert [key for key, box in full.items() if box.mark] == ["book"]
    assert {arrow.label for arrow in drawing.arrows} == {"", "card", "loan", "after 2 d"}
    assert "paid leads to rest, ask (after 2 d)." in drawing.words


def test_every_kind_says_in_the_table_how_it_is_set_up(northwind: Company) -> None:
    version = make_every_kind(northwind)
    rows = {row.key: row for row in content_view(version).nodes}

    assert {key: row.kind for key, row in rows.items()} == {
        "label": "model",
        "clean": "expression",
        "each_part": "for each",
        "book": "HTTP",
        "by_label": "choice",
        "paid": "event",
        "ask": "person",
        "rest": "timer",
        "answer": "workflow",
        "send": "HTTP",
    }
    assert [label for label, _, page in rows["label"].pins if page] == [
        "prompt",
        "model",
        "if its provider fails",
    ]
    assert [label for label, _, page in rows["answer"].pins if page] == ["workflow"]
    assert [label for label, _, page in rows["each_part"].pins if page] == ["prompt", "model"]
    assert ("letter", "@item") in rows["each_part"].reads
    assert ("over", "label.parts") in rows["each_part"].reads
    assert ("undone by", "DELETE ledger/bookings/{booking} (booking ← book.id)") in rows["book"].facts
    assert ("effect outside", "never repeated on its own") in rows["book"].facts
    assert ("must begin within", "1 h 30 min") in rows["book"].facts
    assert ("cannot be undone", "A letter that was sent cannot be taken back.") in rows["send"].facts
    assert ("after 2 d without", "goes on to ask") in rows["paid"].facts
    assert ("after 1 d without", "the run fails") in rows["ask"].facts
    assert ("asked", "team complaints") in rows["ask"].facts
    assert ("after 1 h", "team heads is asked as well") in rows["ask"].facts
    assert ("choices", "pay, refuse") in rows["ask"].facts
    facts = dict(rows["label"].facts)
    assert facts["retried"].startswith("5 attempts, the first pause up to 1,000 ms")
    assert facts["never retried after"] == "prompt_refused"
    assert facts["each attempt"] == "at most 1 min 30 s"
    assert facts["remembers"] == "its label as customers / $customer.id"
    assert facts["asked again"] == "up to 2 times when the answer does not fit"


def test_the_page_shows_all_of_it(northwind: Company, browsing: Browsing) -> None:
    version = make_every_kind(northwind)

    page = browsing(northwind.auditor).get(reverse("governance:version", args=[version.pk]))

    words = html.unescape(re.sub(r"<[^>]+>|\s+", " ", page.content.decode()))
    words = re.sub(r"\s+", " ", words)
    for sentence in (
        "computes parts[?amount].{of: name}",
        "for each item: asks a model",
        "requests POST ledger/bookings/{id}",
        "waits for the event payment.received",
        "a person chooses: Pay it back?",
        "waits 1 h 30 min",
        "runs another workflow",
        "undone by: DELETE ledger/bookings/{booking}",
        "A run may take 14 d from its start",
    ):
        assert sentence in words, sentence


@pytest.mark.parametrize(
    ("node", "changed", "path", "old", "new"),
    [
        ("rest", {"seconds": 60}, "rest.seconds", "5400", "60"),
        ("each_part", {"at_once": 2}, "each_part.at_once", "8", "2"),
        ("paid", {"timeout_s": 60}, "paid.timeout_s", "172800", "60"),
        ("send", {"irreversible": "Gone."}, "send.irreversible", "A letter that was sent cannot", "Gone."),
        ("book", {"compensate": {"kind": "http", "endpoint": "ledger", "method": "DELETE", "path": "/x"}},
         "book.compensate.path", "/bookings/{booking}", "/x"),
    ],
)  # fmt: skip
def test_what_differs_in_any_kind_is_named(
    node: str, changed: dict[str, Any], path: str, old: str, new: str, northwind: Company, browsing: Browsing
) -> None:
    first = make_every_kind(northwind)
    draft = read_definition(written(first.document, form="yaml"))
    draft["nodes"] = [{**found, **changed} if found["key"] == node else found for found in draft["nodes"]]
    second = make_version(northwind, "workflow", draft, asset=first.asset)

    page = browsing(northwind.auditor).get(reverse("governance:version-diff", args=[second.pk]))

    [change] = [
        change for part in page.context["comparison"].keys for change in part.changes if change.path == path
    ]
    assert change.old.startswith(old)
    assert change.new == new


def test_the_pins_of_a_maps_call_are_compared_in_words(northwind: Company, browsing: Browsing) -> None:
    first = make_every_kind(northwind)
    draft = read_definition(written(first.document, form="yaml"))
    nodes = {node["key"]: node for node in draft["nodes"]}
    nodes["each_part"]["each"]["model"] = nodes["label"]["fallback"]
    second = make_version(northwind, "workflow", draft, asset=first.asset)

    page = browsing(northwind.auditor).get(reverse("governance:version-diff", args=[second.pk]))

    [change] = [change for part in page.context["comparison"].keys for change in part.changes]
    assert change.path == "each_part.each.model"
    assert re.fullmatch(r"model-\d+ v1 \([0-9a-f]{12}…\)", change.new)


def test_a_pasted_yaml_is_a_definition_too(northwind: Company, browsing: Browsing) -> None:
    first = make_every_kind(northwind)
    text = written(first.document, form="yaml").replace("seconds: 5400", "seconds: 60")

    page = browsing(northwind.author).post(
        reverse("governance:version-new", args=[first.asset_id]),
        {"text": text, "message": "Sooner.", "step": "create"},
    )

    assert page.status_code == 302
    second = first.asset.versions.get(number=2)
    assert [node["seconds"] for node in second.document["nodes"] if node["kind"] == "timer"] == [60]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (86_400, "1 d"),
        (90_061, "1 d 1 h"),
        (366 * 86_400, "366 d"),
    ],
)
def test_a_length_of_time_is_said_in_its_largest_units(seconds: int, words: str) -> None:
    assert lasting(seconds) == words
