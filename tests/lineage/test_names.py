"""Lists of runs, steps and releases read names, never the contents behind them."""

from governance.releases.models import Release
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, complaint, finish, released
from tests.providers.serving import Serving


def test_a_run_comes_with_names_and_without_contents(northwind: Company) -> None:
    begin(northwind, released(northwind, chain(1)))
    run = Run.objects.with_names().get()
    assert run.version.get_deferred_fields() == {"content"}
    assert run.release.get_deferred_fields() == {"closure"}


def test_a_release_comes_with_contents_where_they_are_asked_for(northwind: Company) -> None:
    released(northwind, chain(1))
    named, whole = Release.objects.with_names().get(), Release.objects.with_contents().get()
    assert (named.get_deferred_fields(), named.version.get_deferred_fields()) == ({"closure"}, {"content"})
    assert (whole.get_deferred_fields(), whole.version.get_deferred_fields()) == (set(), set())


def test_a_step_comes_with_contents_where_they_are_asked_for(northwind: Company, serving: Serving) -> None:
    finish(begin(northwind, released(northwind, complaint(northwind))))
    asked = Step.objects.exclude(model_version=None).exclude(output=None)
    for steps, without in ((asked.with_names(), True), (asked.with_contents(), False)):
        step = steps[0]
        assert step.output is not None
        assert step.prompt_version is not None
        assert step.model_version is not None
        assert step.output.get_deferred_fields() == ({"inline"} if without else set())
        assert step.prompt_version.get_deferred_fields() == ({"content"} if without else set())
        assert step.model_version.get_deferred_fields() == ({"content"} if without else set())
