"""Finding and making people and system actors."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager

from governance.ledger.acting import acting

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from governance.accounts.models import Organisation, User


class People(BaseUserManager["User"]):
    """People by e-mail address; system actors by name."""

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        """Insert a person; without a password nobody can sign in with one."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        """Insert a person who may use all of the admin. Opens no organisation's data by itself."""
        with acting(self.system("set-up")):
            return self.create_user(email, name, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this address, whatever its case."""
        return self.get(email__iexact=username)

    def of(self, organisation: "Organisation") -> "QuerySet[User]":
        """The people whose accounts belong to the organisation; others are unknown to its platform owners."""
        return self.filter(employer=organisation, kind=self.model.Kind.PERSON)

    def system(self, name: str) -> "User":
        """The system actor of this name ("engine", "sweeper", "set-up"); migrations create them."""
        return self.get(email=f"{name}@system.invalid", kind=self.model.Kind.SYSTEM)
