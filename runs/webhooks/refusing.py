"""Counting what a webhook refuses, by reason and day; what was refused is not kept."""

from pathlib import Path
from typing import Final

from governance.ledger.identity import uuid7
from governance.prepared import rows
from runs.webhooks.models import Refusal, Webhook

REFUSE: Final = (Path(__file__).parent / "sql" / "refuse.sql").read_bytes()


def count_refusal(webhook: Webhook, reason: Refusal.Reason) -> None:
    """One more, in a statement of its own."""
    asked = {"id": uuid7(), "webhook": webhook.pk, "reason": reason.value, "days": Refusal.DAYS}
    rows(REFUSE, asked)
