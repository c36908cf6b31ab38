"""`manage.py create_organisation`: where an installation begins: a tenant and its first owner."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from governance.access.organisations import add_owner, create_organisation
from governance.access.people import create_person, give_first_password
from governance.accounts.models import User
from governance.errors import DomainError


class Command(BaseCommand):
    """Both or neither; the first password is made here and printed once."""

    help = "Open an organisation with its first platform owner, who then makes everything else in the portal."

    def add_arguments(self, parser: CommandParser) -> None:
        """The organisation, and the person."""
        parser.add_argument(
            "slug", help="its short name in addresses: letters, digits, hyphens; it never changes"
        )
        parser.add_argument("--name", required=True, help="its full name")
        parser.add_argument(
            "--owner", required=True, metavar="EMAIL", help="whom the first owner signs in as"
        )
        parser.add_argument(
            "--owner-name",
            required=True,
            metavar="NAME",
            help="the owner's name as it will stand under decisions",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and say how to sign in."""
        set_up = User.objects.system("set-up")
        password = secrets.token_urlsafe(15)
        try:
            with transaction.atomic():
                made = create_organisation(options["slug"], actor=set_up, name=options["name"])
                person = create_person(
                    options["owner"],
                    actor=set_up,
                    name=options["owner_name"],
                    password=None,
                    organisation=made,
                )
                give_first_password(person, actor=set_up, organisation=made, password=password)
                add_owner(made, actor=set_up, person=person)
        except DomainError as problem:
            raise CommandError(problem.message) from problem
        self.stdout.write(f"{made} is open. {person} signs in as {person.email}.")
        self.stdout.write(f"First password, shown this once and replaced at the first sign-in: {password}")
