"""The pages of what is remembered: the list, a version, who wrote and read it, going back, as of a run."""

import re
from typing import Any

from governance.ledger.models import Event
from runs.memory.models import Entry
from runs.records.models import Run, Step
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.remembered import remembering
from tests.factories.runs import begin, chain, finish, released
from tests.harness.fresh import FreshDatabase
from tests.visiting import Browsing


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def kept(company: Company, *keys: str, **remember: str) -> list[Run]:
    """A run for each key, one after another."""
    release = released(company, remembering(**remember))
    return [finish(begin(company, release, key, reference=f"NO-{n}")) for n, key in enumerate(keys, 1)]


def page_of(entry: Entry, **query: str) -> str:
    return f"/memory/{entry.pk}/" + "".join(f"?{name}={value}" for name, value in query.items())


def test_the_list_holds_the_newest_version_of_each_value(northwind: Company, browsing: Browsing) -> None:
    kept(northwind, "Ada", "Bob", "Ada")
    page = browsing(northwind.auditor).get("/memory/")

    listed = re.findall(r'<a href="/memory/([^/"]+)/">(\w+)</a>', page.content.decode())
    newest = [Entry.objects.get(key="Ada", number=2), Entry.objects.get(key="Bob")]
    assert listed == [(str(entry.pk), entry.key) for entry in newest]
    assert "keep of" in text_of(page)
    assert "NO-3" in text_of(page)


def test_the_list_is_narrowed_by_namespace_and_key(northwind: Company, browsing: Browsing) -> None:
    kept(northwind, "Ada", "Bob")
    kept(northwind, "Eve", namespace="desks")
    client = browsing(northwind.auditor)

    assert "Eve" not in text_of(client.get("/memory/?namespace=senders"))
    only = text_of(client.get("/memory/?namespace=senders&key=Bob"))
    assert ("Bob" in only, "NO-1" in only) == (True, False)
    assert "No value fits" in text_of(client.get("/memory/?namespace=sender"))
    assert client.get("/memory/?colour=red").status_code == 400
    assert client.get("/memory/?project=nothing").status_code == 400
    assert client.get("/memory/?as_of=nothing").status_code == 400


def test_others_see_nothing_of_it(northwind: Company, rival: Company, browsing: Browsing) -> None:
    (run,) = kept(northwind, "Ada")
    client = browsing(rival.owner)

    assert "Nothing is remembered yet" in text_of(client.get("/memory/"))
    assert client.get(page_of(Entry.objects.get())).status_code == 404
    assert client.get(page_of(Entry.objects.get(), download="1")).status_code == 404
    assert client.get(f"/memory/?as_of={run.pk}").status_code == 404


def test_a_version_says_what_it_changed_who_wrote_it_and_who_read_it(
    northwind: Company, browsing: Browsing
) -> None:
    runs = kept(northwind, "Ada", "Ada", "Ada")
    first, second = Entry.objects.filter(number__lte=2).order_by("number")
    client = browsing(northwind.auditor)

    page = client.get(page_of(second)).content.decode()
    words = text_of(client.get(page_of(second)))
    assert f'href="/runs/{runs[1].pk}/"' in page
    assert f'href="/outputs/{second.step_id}/"' in page
    assert "<ins>" in page
    assert f'href="/memory/{first.pk}/">version 1</a>' in page
    readers = re.search(r'id="readers".*?</section>', page, re.DOTALL)
    assert readers is not None
    assert re.findall(r"/runs/([^/]+)/", readers[0]) == [str(runs[2].pk)]
    assert "1 run " in words
    assert "No run that you may see" in text_of(client.get(page_of(Entry.objects.get(number=3))))


def test_a_version_is_downloaded_as_it_was_stored(northwind: Company, browsing: Browsing) -> None:
    kept(northwind, "Ada")
    answer = browsing(northwind.auditor).get(page_of(Entry.objects.get(), download="1"))

    assert answer.content == b'{"text":""}'
    assert "attachment" in answer["Content-Disposition"]


def test_what_was_altered_is_not_shown(
    fresh_database: FreshDatabase, northwind: Company, browsing: Browsing
) -> None:
    kept(northwind, "Ada", "Ada")
    first, second = Entry.objects.order_by("number")
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_artifact DISABLE TRIGGER refuse_change")
        owner.execute(
            "UPDATE runs_artifact SET body = %s WHERE id = %s", [b'{"text":"forged"}', second.artifact_id]
        )
    client = browsing(northwind.auditor)

    page = text_of(client.get(page_of(second)))
    assert "This content was altered after it was recorded" in page
    assert "cannot be compared" in page
    assert "forged" not in page
    listed = text_of(client.get(page_of(first)))
    assert "not shown: it was altered" in listed
    assert "forged" not in listed
    assert client.get(page_of(second, download="1")).status_code == 409


def test_an_operator_goes_back_to_an_earlier_version_and_says_why(
    northwind: Company, browsing: Browsing
) -> None:
    kept(northwind, "Ada", "Ada")
    first, second = Entry.objects.order_by("number")
    client = browsing(northwind.operator)
    assert "Go back to it" in text_of(client.get(page_of(first)))
    assert "Go back to it" not in text_of(client.get(page_of(second)))
    assert "Go back to it" not in text_of(browsing(northwind.auditor).get(page_of(first)))

    refused = client.post(f"/memory/{first.pk}/revert/", {"reason": " "})
    assert refused.status_code == 400
    made = client.post(f"/memory/{first.pk}/revert/", {"reason": "The second was wrong."})

    third = Entry.objects.get(number=3)
    assert made["Location"] == f"/memory/{third.pk}/"
    assert third.restores == first
    page = text_of(client.get(page_of(third)))
    assert f"{northwind.operator.name} went back to version 1 : “The second was wrong.”" in page
    assert Event.objects.filter(kind="memory.reverted", actor=northwind.operator.pk).count() == 1
    assert "Holds now" in page
    told = "went back to senders/Ada@1 in memory, as senders/Ada@3"
    back = f"{third.at:%-d %b %Y, %H:%M:%S} UTC"
    reverted, superseded = (text_of(client.get(page_of(entry))) for entry in (second, first))
    assert "Reverted: Otto Operator went back to version 1, as version 3, on " + back in reverted
    assert "Superseded: Version 2 took its place on " in superseded
    assert f"What it says held again as version 3 from {back}, by Otto Operator" in superseded
    assert all(told in words for words in (reverted, superseded, page))
    assert "Holds now" not in reverted + superseded
    assert client.post(f"/memory/{first.pk}/revert/", {"reason": "Again."}).status_code == 409


def test_memory_is_shown_as_a_run_saw_it(northwind: Company, browsing: Browsing) -> None:
    runs = kept(northwind, "Ada", "Ada", "Bob")
    first, second = Entry.objects.filter(key="Ada").order_by("number")
    client = browsing(northwind.auditor)

    then = client.get(f"/memory/?as_of={runs[1].pk}").content.decode()
    assert f"/memory/{first.pk}/?as_of={runs[1].pk}" in then
    assert (str(second.pk) in then, "Bob" in then) == (False, False)
    assert "Nothing was remembered then" in text_of(client.get(f"/memory/?as_of={runs[0].pk}"))
    saw = text_of(client.get(page_of(second, as_of=str(runs[1].pk))))
    assert "when the project had 1 entry there: of this value, version 1 ." in saw
    nothing = text_of(client.get(page_of(second, as_of=str(runs[0].pk))))
    assert "of this value, nothing." in nothing
    assert "There was none yet." in nothing


def test_longer_lists_cost_no_more_queries(northwind: Company, browsing: Browsing) -> None:
    release = released(northwind, remembering())
    client = browsing(northwind.auditor)
    for key in ("Ada", "Ada", "Ada"):
        finish(begin(northwind, release, key))
    second = Entry.objects.get(number=2)
    before = queries_of(client, "/memory/"), queries_of(client, page_of(second))
    for key in ("Ada", "Bob", "Ada"):
        finish(begin(northwind, release, key))

    assert (queries_of(client, "/memory/"), queries_of(client, page_of(second))) == before


def test_versions_are_paged(northwind: Company, browsing: Browsing) -> None:
    kept(northwind, *["Ada"] * 12)
    client, newest = browsing(northwind.auditor), Entry.objects.get(number=12)

    page = client.get(page_of(newest)).content.decode()
    older = re.search(r'rel="next" href="\?(after=[^"]+)"', page)
    assert older is not None
    beyond = client.get(f"{page_of(newest)}?{older[1]}").content.decode()
    versions = re.search(r'id="versions".*?</section>', beyond, re.DOTALL)
    assert versions is not None
    assert re.findall(r"</span>(\d+)</a>", versions[0]) == ["2", "1"]


def test_an_output_says_what_it_read_from_memory_and_what_it_left_there(
    northwind: Company, browsing: Browsing
) -> None:
    runs = kept(northwind, "A. da", "A. da")
    first, second = Entry.objects.select_related("step").order_by("number")
    look = Step.objects.get(run=runs[1], node="look")
    client = browsing(northwind.auditor)

    read = client.get(f"/outputs/{look.pk}/").content.decode()
    inputs = re.search(r'id="inputs".*?</section>', read, re.DOTALL)
    assert inputs is not None
    assert f'href="/memory/{first.pk}/">senders/A. da@1</a>' in inputs[0]
    assert f'href="/runs/{runs[0].pk}/"' in inputs[0]
    assert "written by" in inputs[0]
    assert read.count(f"/memory/{first.pk}/") == 3  # in the list, in the drawing and in words
    left = client.get(f"/outputs/{second.step_id}/")
    assert "This step left senders/A. da@2 in memory." in text_of(left)
    assert f"/memory/{first.pk}/" in left.content.decode()  # two steps back
    assert "in memory" not in text_of(
        client.get(f"/outputs/{Step.objects.get(run=runs[0], node='look').pk}/")
    )


def test_a_run_says_what_its_steps_read_and_left(northwind: Company, browsing: Browsing) -> None:
    runs = kept(northwind, "Ada", "Ada")
    first, second = Entry.objects.order_by("number")
    client = browsing(northwind.auditor)

    page = client.get(f"/runs/{runs[1].pk}/").content.decode()
    card = re.search(r'id="memory".*?</section>', page, re.DOTALL)
    assert card is not None
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card[0]))
    assert "look read senders/Ada@1" in words
    assert "as known, written by keep of" in words
    assert "keep left senders/Ada@2" in words
    assert f'href="/runs/{runs[0].pk}/"' in card[0]
    assert f'href="/memory/?as_of={runs[1].pk}"' in card[0]
    assert f"/memory/{first.pk}/" in card[0]
    assert f"/memory/{second.pk}/" in card[0]
    plain = finish(begin(northwind, released(northwind, chain(1))))
    assert 'id="memory"' not in client.get(f"/runs/{plain.pk}/").content.decode()
