"""Ways to read a content unseen, or to be shown another one."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.test import override_settings

from governance.errors import NotAllowed
from governance.ledger.models import Event
from runs.artifacts.models import Artifact
from runs.artifacts.opening import ArtifactDamaged, bytes_of
from runs.reading.models import Ticket
from runs.reading.reading import Reading, begin
from runs.reading.services import About, read
from runs.records.models import Run
from tests.attacks.acts import Setting, ends
from tests.factories.runs import LONG_LETTER, chain, finish, released
from tests.factories.runs import begin as started

BEFORE: Final = "refused before it is read"
REFUSED: Final = "refused, and told"
DAMAGED: Final = "damaged"
FLIPPED: Final = "UPDATE runs_artifact SET body = set_byte(body, 0, get_byte(body, 0) # 1) WHERE id = %s"


def _run(setting: Setting) -> Run:
    return finish(started(setting.company, released(setting.company, chain(1)), LONG_LETTER))


def _letter(run: Run) -> Artifact:
    return run.inputs.get().artifact


def _opened(setting: Setting, run: Run) -> Reading:
    about = About("run", run.pk, run)
    wanted = [_letter(run).pk]
    return begin(
        about, actor=setting.company.auditor, session_key="session", purpose="a test", contents=wanted
    )


def _unread(setting: Setting, run: Run, within: Callable[[], "transaction.Atomic"]) -> str:
    try:
        with within():
            content = _opened(setting, run).bytes_of(_letter(run))
            transaction.set_rollback(True)
    except RuntimeError as problem:
        return BEFORE if "durable" in str(problem) and not Ticket.objects.exists() else str(problem)
    return f"{len(content)} bytes were read"


@ends(BEFORE, "a content read, and the transaction rolled back")
def rolled_back(setting: Setting) -> str:
    return _unread(setting, _run(setting), transaction.atomic)


@ends(BEFORE, "a content read within a savepoint")
def savepoint(setting: Setting) -> str:
    run = _run(setting)
    with transaction.atomic():
        return _unread(setting, run, transaction.atomic)


@ends(REFUSED, "a ticket borrowed from somebody else")
def borrowed(setting: Setting) -> str:
    run = _run(setting)
    ticket = _opened(setting, run).ticket
    return _refused(lambda: read(ticket, _letter(run), actor=setting.company.operator, session="session"))


@ends(REFUSED, "a ticket replayed in another session")
def replayed(setting: Setting) -> str:
    run = _run(setting)
    ticket = _opened(setting, run).ticket
    return _refused(lambda: read(ticket, _letter(run), actor=setting.company.auditor, session="another"))


@ends(REFUSED, "a ticket replayed after its time")
def expired(setting: Setting) -> str:
    run = _run(setting)
    ticket = _opened(setting, run).ticket
    ticket.at -= timedelta(hours=1)
    return _refused(lambda: read(ticket, _letter(run), actor=setting.company.auditor, session="session"))


@ends(REFUSED, "a ticket for another content")
def of_another(setting: Setting) -> str:
    run = _run(setting)
    ticket, output = _opened(setting, run).ticket, run.output
    assert output is not None
    return _refused(lambda: read(ticket, output, actor=setting.company.auditor, session="session"))


def _refused(act: Callable[[], bytes]) -> str:
    try:
        return f"{len(act())} bytes were read"
    except NotAllowed:
        return REFUSED if Event.objects.filter(kind="content.refused").count() == 1 else "refused, untold"


@ends(DAMAGED, "a content's byte flipped in its row")
def flipped_in_row(setting: Setting) -> str:
    letter = _letter(_run(setting))
    with setting.database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_artifact DISABLE TRIGGER USER")
        assert owner.execute(FLIPPED, [letter.pk]).rowcount == 1
    return _shown(letter)


@ends(DAMAGED, "a content's byte flipped in the file store")
def flipped_in_store(setting: Setting) -> str:
    backend = {"BACKEND": "runs.artifacts.storing.ArtifactFiles", "OPTIONS": {"location": setting.folder}}
    kept = {**settings.STORAGES, "artifacts": backend}
    with override_settings(STORAGES=kept, ARTIFACT_INLINE_BYTES=200):
        letter = _letter(_run(setting))
        path = Path(setting.folder) / letter.place
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
        return _shown(letter)


def _shown(letter: Artifact) -> str:
    try:
        return f"{len(bytes_of(Artifact.objects.get(pk=letter.pk)))} bytes were shown"
    except ArtifactDamaged:
        return DAMAGED
