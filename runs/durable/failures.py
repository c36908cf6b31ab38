"""How an executor says that its step cannot succeed."""

from runs.records.failure import Failure


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
