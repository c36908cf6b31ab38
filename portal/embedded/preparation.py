"""What has to be in place before the processes start: the tables and the collected static files."""

import hashlib
import io
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from portal.embedded.errors import EmbeddedError
from portal.embedded.journal import Journal

# What libraries bring along and no page of ours asks for; packing it would take as long as all the rest.
UNUSED = ["rest_framework", "ext", "*.md"]


def migrate(journal: Journal) -> None:
    """Bring the tables up to date, saying how many migrations ran."""
    journal.say("portal", "bringing the tables up to date")
    output = io.StringIO()
    call_command("migrate", interactive=False, stdout=output, verbosity=1, no_color=True)
    applied = output.getvalue().count("  Applying ")
    if applied:
        journal.say("portal", f"{applied} migration{'s' * (applied != 1)} applied")


def look_at_protection() -> None:
    """Raise `EmbeddedError`, naming what is wrong, where the database does not protect the ledger."""
    try:
        call_command(
            "check", tags=["database"], databases=["default"], stdout=io.StringIO(), stderr=io.StringIO()
        )
    except SystemCheckError as problem:
        raise EmbeddedError(f"Nothing is served.\n{problem}") from problem


def collect_static(journal: Journal) -> None:
    """Collect and compress the static files if any has changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    memory = root.with_name("static.sha256")
    print_of_now = _fingerprint()
    if root.is_dir() and memory.exists() and memory.read_text() == print_of_now:
        return
    journal.say("portal", "collecting and packing static files")
    call_command(
        "collectstatic",
        interactive=False,
        clear=root.is_dir(),
        ignore_patterns=UNUSED,
        stdout=io.StringIO(),
        verbosity=0,
    )
    memory.write_text(print_of_now)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
