"""`manage.py ledger thaw`: let work go on after a finding that somebody has looked into."""

from typing import Any
from uuid import UUID

from governance.accounts.models import User
from governance.errors import Invalid
from governance.proof.freezing import thaw
from governance.proof.models import Freeze


def thaw_finding(options: dict[str, Any]) -> str:
    """Thaw it, in the name of a platform owner. Without an identifier, list what stands."""
    if not options["freeze"]:
        found = [f"{freeze.pk}  {freeze.code}: {freeze.finding['said']}" for freeze in _standing()]
        return "\n".join(found) or "Nothing stands."
    try:
        freeze = Freeze.objects.filter(pk=UUID(options["freeze"])).first()
    except ValueError:
        freeze = None
    actor = User.objects.filter(email__iexact=options["by"] or "", is_active=True).first()
    if freeze is None or actor is None:
        raise Invalid("There is no such finding." if freeze is None else "Say by --by which platform owner.")
    thaw(freeze, actor=actor, reason=options["reason"] or "")
    return "Work goes on; the finding stays on record."


def _standing() -> list[Freeze]:
    return [*Freeze.objects.standing()]
