"""`manage.py set_weight`: how much of the workers an organisation is due beside the others."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.accounts.models import Organisation, User
from governance.errors import DomainError
from runs.durable.weights import set_weight
from runs.records.weights import HEAVIEST


class Command(BaseCommand):
    """In the name of the installation's set-up: no organisation decides what the others go without."""

    help = "Say how much of the workers an organisation is due where others have runs that wait, too."

    def add_arguments(self, parser: CommandParser) -> None:
        """The organisation, and its weight."""
        parser.add_argument("slug", help="the organisation's short name in addresses")
        parser.add_argument(
            "weight",
            type=int,
            help=f"1 to {HEAVIEST}: of one that weighs 3 three runs begin for each one of one that weighs 1",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Set it, and say so."""
        found = Organisation.objects.filter(slug=options["slug"]).first()
        if found is None:
            raise CommandError(f"There is no organisation {options['slug']}.")
        try:
            set_weight(found, actor=User.objects.system("set-up"), weight=options["weight"])
        except DomainError as problem:
            raise CommandError(problem.message) from problem
        self.stdout.write(f"From now on {found} weighs {options['weight']}.")
