"""A replay or a fork is never taken for the run that it was made from."""

from django.urls import reverse

from governance.ledger.models import Event
from governance.web.history import entries
from tests.factories.cast import Company
from tests.factories.forks import replay_of
from tests.factories.runs import finish
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.reading import page_of, text_of
from tests.web.runs.recorded import answered, experiment, quick, step_of

LIST = reverse("runs:list")
WHY = "Does it say the same again?"


def test_a_replay_is_marked_wherever_it_is_listed_and_shown(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    client = browsing(northwind.auditor)
    summary = page_of(browsing, northwind, step_of(run, "summarise"))
    pages = {
        "list": LIST,
        "peek": f"{LIST}?peek={{run}}",
        "search": f"{reverse('search')}?q=CASE-1",
        "words": f"{reverse('search')}?q=customer+was+charged+twice",
        "home": reverse("home"),
    }
    for address in pages.values():
        assert "<span>Replay</span>" not in client.get(address.format(run=run.pk)).content.decode()
    assert "Released to production" in summary

    again = finish(replay_of(run, actor=northwind.operator, reason=WHY))

    for name, address in pages.items():
        page = client.get(address.format(run=again.pk)).content.decode()
        assert "<span>Replay</span>" in page, name
    said = text_of(page_of(browsing, northwind, step_of(again, "summarise")))
    assert "Released to production" not in said
    assert "Versions released to production" in said
    assert f"made by {northwind.operator.name}" in said
    assert f"(“{WHY}”): it is not that run." in said
    of_run = text_of(client.get(reverse("runs:run", args=[again.pk])).content.decode())
    assert f"(“{WHY}”)" in of_run


def test_an_experiment_is_marked_in_search_on_the_first_page_and_beside_the_list(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    _, fork, _ = experiment(northwind)
    client = browsing(northwind.auditor)
    for address in (f"{LIST}?peek={fork.pk}", f"{reverse('search')}?q=CASE-1", reverse("home")):
        page = client.get(address).content.decode()
        assert "<span>Fork</span>" in page
        assert "<span>Experiment</span>" in page


def test_the_list_is_narrowed_to_replays(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind)
    again = finish(replay_of(run, actor=northwind.operator, reason=WHY))
    found = browsing(northwind.auditor).get(LIST, {"origin": "replay"})
    assert [row.run for row in found.context["rows"]] == [again]
    assert "Started as <b>Replay" in found.content.decode()


def test_the_ledger_tells_a_replay_with_its_reason_and_its_case(northwind: Company) -> None:
    (run,) = quick(northwind)
    again = replay_of(run, actor=northwind.operator, reason=WHY)
    [entry] = entries(Event.objects.of_run(again.pk).filter(kind="run.started"))
    assert entry.sentence == f"started a replay of a run: {WHY}"
    assert entry.case == run.reference
    [first] = entries(Event.objects.of_run(run.pk).filter(kind="run.started"))
    assert first.sentence == "started a run"
