"""What stops a step or a run, as people and programs read it."""

from typing import Any


class StepFailed(Exception):
    """The step cannot succeed. `code` is for programs; title and detail (what to do) are for people."""

    def __init__(self, code: str, title: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.title = title
        self.detail = detail

    def as_error(self, node: str) -> dict[str, Any]:
        """The error as it is stored on the step and on the run."""
        return error_of(self.code, self.title, self.detail, node=node)


def error_of(code: str, title: str, detail: str, *, node: str) -> dict[str, Any]:
    """The stored form of an error; text from outside is scrubbed."""
    return {"code": code, "title": scrubbed(title), "detail": scrubbed(detail)[:2000], "node": node}


def scrubbed(text: str) -> str:
    """The text without what PostgreSQL and JSON cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "�").encode("utf-8", "replace").decode("utf-8")
