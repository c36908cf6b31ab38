"""`manage.py changepassword`: the way back for somebody who is locked out, by who runs the installation."""

from typing import Any

from django.contrib.auth.management.commands import changepassword

from governance.accounts.models import User
from governance.ledger.acting import acting


class Command(changepassword.Command):
    """Django's own command; the ledger tells of the change in the name of the set-up."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Ask for the password twice, and set it. Raises `CommandError` where Django's command does."""
        with acting(User.objects.system("set-up")):
            return super().handle(*args, **options)
