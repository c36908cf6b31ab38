"""How an executor says that its step cannot succeed."""

from runs.records.failure import Failure


class StepFailed(Exception):
    """The step cannot succeed. `code` is for programs; title and detail (what to do) are for people."""

    def __init__(self, code: str, title: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.title = title
        self.detail = detail

    def at(self, node: str) -> Failure:
        """What is recorded on the step and on the run."""
        return Failure(self.code, self.title, self.detail, node)
