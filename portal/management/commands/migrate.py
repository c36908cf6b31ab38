"""`manage.py migrate`: runs as the owner's role and then gives the other roles their privileges."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate

from portal.database.grants import apply_grants


class Command(DjangoMigrate):
    """Django's own command on the alias `owner`, then the grants."""

    def add_arguments(self, parser: CommandParser) -> None:
        """As Django's, with `owner` as the database by default."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, make the cache table, grant."""
        super().handle(*args, **options)
        alias = options["database"]
        if options.get("plan") or options.get("check_unapplied") or options.get("app_label"):
            return
        call_command("createcachetable", database=alias, verbosity=0)
        apply_grants(alias=alias, role=settings.DATABASES["default"]["USER"], keeper=settings.LEDGER_ROLE)
