"""`manage.py reseal_webhooks`: encrypts the secrets of webhooks under the first of ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.accounts.models import User
from governance.errors import DomainError
from runs.webhooks.models import Webhook
from runs.webhooks.rotating import reseal_webhook


class Command(BaseCommand):
    """To be run after a new key was put before the one that is to go."""

    help = "Encrypt the secrets of webhooks under the first of ENCRYPTION_KEYS, so that the others can go."

    def handle(self, *args: Any, **options: Any) -> None:
        """One webhook after another; says how many there were and how many it changed."""
        set_up = User.objects.system("set-up")
        changed = lost = 0
        known = Webhook.objects.exclude(state=Webhook.State.RETIRED).order_by("id")
        for webhook in known:
            try:
                changed += reseal_webhook(webhook, actor=set_up)
            except DomainError as problem:
                lost += 1
                self.stderr.write(f"{webhook} ({webhook.pk}): {problem.message}")
        if options["verbosity"]:
            self.stdout.write(f"{changed} of {len(known)} webhooks were encrypted anew")
        if lost:
            raise CommandError(f"{lost} could not be: no key opens their secrets.")
