"""How an executor says that its step cannot succeed, and its commit that it did not come about."""

from runs.records.failure import Failure

OVERDUE = Failure(
    "deadline_passed",
    "The run's deadline has passed",
    "It was not finished in the time that its workflow allows. Start it again, or release a longer deadline.",
)

# What is wrong lies in what the run was given, or in the workflow; neither changes when the run is resumed.
MENDED_BY = (
    "Start a new run with what is right, if it is what this one was given; else correct the workflow and "
    "release a new version of it."
)
# Steps that fail so read nothing but recorded values, and fail so again.
CERTAIN = frozenset({"missing_value", "expression_failed", "expression_refused", "too_much_work"})


class StepFailed(Exception):
    """The attempt failed. `code` is for programs; title and detail (what to do) are for people.

    One that is `final` would fail again, however often it were repeated.
    """

    def __init__(self, code: str, title: str, detail: str, *, final: bool = False) -> None:
        super().__init__(detail)
        self.code = code
        self.title = title
        self.detail = detail
        self.final = final

    def at(self, node: str) -> Failure:
        """What is recorded on the step and on the run."""
        return Failure(self.code, self.title, self.detail, node)


class Overtaken(Exception):
    """Raised while a step is committed: what its outcome took to be missing has come, so look again.

    Nothing of the commit stands.
    """
