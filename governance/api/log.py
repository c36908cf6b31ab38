"""The logs as files under `/log/<organisation>/`, as programs of C2SP's tlog-tiles read them."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from governance.api.endpoint import Endpoint
from governance.api.files import AnyRepresentation
from governance.errors import NotVisible
from governance.proof.serving import checkpoint_file, log_called, tile_file

NOTE = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
KEPT = "private, max-age=31536000, immutable"


class LogFile(Endpoint):
    """A file of a log; described by its specification and not by our schema."""

    schema = None
    content_negotiation_class = AnyRepresentation

    def log(self, name: str) -> UUID:
        """The log of this name. Raises `NotVisible`."""
        found = log_called(name, actor=self.actor)
        if found is None:
            raise NotVisible("There is no such log.")
        return found


class Checkpoint(LogFile):
    """The log's last checkpoint, cosigned."""

    def get(self, request: Request, name: str) -> HttpResponse:
        """The note as it stands now; nobody keeps it."""
        return HttpResponse(checkpoint_file(self.log(name)), content_type=NOTE)


class Tile(LogFile):
    """A tile of the log's tree, or a bundle of its records."""

    def get(self, request: Request, name: str, path: str) -> HttpResponse:
        """Its bytes, which never change."""
        content = tile_file(self.log(name), f"tile/{path}", actor=self.actor)
        self.headers = {**self.headers, "Cache-Control": KEPT}  # of the answer, not of a refusal
        return HttpResponse(content, content_type=BYTES, headers={"X-Content-Type-Options": "nosniff"})
