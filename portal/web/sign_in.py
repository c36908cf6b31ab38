"""Signing in: accounts are made by platform owners, so nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from governance.accounts.models import User
from governance.ledger.acting import acting


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's behaviour, with the door for newcomers shut."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No: a platform owner makes each account."""
        return False

    def clean_password(self, password: str, user: User | None = None) -> str:
        """Refuse, besides weak ones, the very password that is to be replaced."""
        if user is not None and user.must_replace_password and user.check_password(password):
            raise ValidationError("Choose another one than the password that you were given.")
        found: str = super().clean_password(password, user)
        return found

    def set_password(self, user: User, password: str) -> None:
        """Their own from now on: whatever the first password kept shut is open."""
        user.must_replace_password = False
        with acting(user):
            super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Home, where whoever replaced a first password begins."""
        return reverse("home")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt under `SIGN_IN_LIMITS`, or refuse it; allauth takes back what proves right."""
        self._login_failed_rl_usage = RateLimitUsage(usage=[])
        for action, key in self._counts(request, **credentials).items():
            found = ratelimit.consume(
                request, app="portal", action=action, key=key, config=settings.SIGN_IN_LIMITS
            )
            if found is None:
                raise self.validation_error("too_many_login_attempts")
            self._login_failed_rl_usage.usage += found.usage

    def _counts(self, request: HttpRequest, **credentials: Any) -> dict[str, str]:
        # Not allauth's key: it holds the name and port by which the sender chose to ask for the portal.
        account = credentials.get("email", "").strip().lower()
        together = f"{account} {ratelimit.get_ip(request)}"
        return {"account_and_address": together, "account": account, "address": ""}

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Who has set a new password by mail begins anew; the address does not."""
        counts = self._counts(request, **credentials)
        for action in ("account_and_address", "account"):
            ratelimit.clear(
                request, app="portal", action=action, key=counts[action], config=settings.SIGN_IN_LIMITS
            )


def printed_name(user: User) -> str:
    """The name that stands in the records, which is also how the pages greet the person."""
    return user.name


def mail(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `sends_mail`, whether this installation has a mail server."""
    return {"sends_mail": bool(settings.EMAIL_HOST)}
