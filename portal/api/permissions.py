"""Who may use an endpoint at all. What they reach behind it, the gates of `governance.access` decide."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from governance.access.models import ApiToken
from governance.accounts.models import User
from governance.errors import NotAllowed

if TYPE_CHECKING:  # the framework imports this module while it makes the class
    from rest_framework.views import APIView


class SignedInWithScope(BasePermission):
    """A signed-in person; one who calls by a token needs the scope that the endpoint names for the method."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Let pass, or refuse: anonymous callers with 401, tokens without the scope with 403."""
        if not isinstance(request.user, User) or not request.user.is_active:
            return False
        if not isinstance(request.auth, ApiToken) or not _answers(view, request):
            return True
        reads = request.method in SAFE_METHODS
        scope = getattr(view, "scopes_read" if reads else "scopes_write", None)
        if scope is None:
            raise NotAllowed("No token may do this: sign in at the browser.", missing="a signed-in person")
        if scope not in request.auth.scopes:
            raise NotAllowed(f"This needs a token with the scope “{scope}”.", missing=str(scope))
        return True


def _answers(view: "APIView", request: Request) -> bool:
    """Whether the endpoint has this method at all; if not, the answer is 405 whatever the scopes."""
    name = (request.method or "").lower()
    return name in view.http_method_names and hasattr(view, name)
