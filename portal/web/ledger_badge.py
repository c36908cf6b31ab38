"""What the bar says of the ledger: verified and when, or what is wrong with it."""

from dataclasses import dataclass
from typing import Final

from governance.accounts.models import User
from governance.proof.querysets import INSTALLATION, logs_visible_to
from governance.proof.standing import LATEST_SECONDS, Standing, latest_signature, standing
from portal.web.wording import relative

OVERDUE_SECONDS: Final = 15 * 60


@dataclass(frozen=True)
class LedgerBadge:
    """A tone and a word, and the page that says more."""

    tone: str
    word: str
    url: str


def ledger_badge(person: User, url: str) -> LedgerBadge:
    """How the ledger stands for this person, by what decisions are refused: with the installation's log."""
    tone, word = _said(standing(logs_visible_to(person) | {INSTALLATION}))
    return LedgerBadge(tone, word, url)


def _said(now: Standing) -> tuple[str, str]:
    if now.frozen:
        return "bad", "Ledger does not hold"
    if not now.signed:
        return "none", "Ledger not signed yet"
    if now.behind_seconds > LATEST_SECONDS:
        return "wait", f"Ledger {now.behind_seconds:,.0f} s behind"
    if now.unsigned_seconds > latest_signature():
        return "bad", f"Ledger not signed for {now.unsigned_seconds:,.0f} s"
    if now.verified_seconds is None or now.verified_seconds > OVERDUE_SECONDS:
        return "wait", "Ledger verification overdue"
    return "ok", f"Ledger verified {relative(now.verified_at)}{', with a restore' if now.restored else ''}"
