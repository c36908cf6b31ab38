"""Signing in: accounts are made by platform owners, so nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from governance.accounts.models import User


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's behaviour, with the door for newcomers shut."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No: a platform owner makes each account."""
        return False


def printed_name(user: User) -> str:
    """The name that stands in the records, which is also how the pages greet the person."""
    return user.name


def mail(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `sends_mail`, whether this installation has a mail server."""
    return {"sends_mail": bool(settings.EMAIL_HOST)}
