"""Who calls: a token in the `Authorization` header, or the session of somebody signed in at the browser."""

from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from governance.access.tokens import find_token
from governance.accounts.models import User

SCHEME = b"bearer"
LONGEST_HEADER = 200


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer csn_…`. A token is read from nowhere else, so that it stands in no log."""

    def authenticate(self, request: Request) -> tuple[User, object] | None:
        """The token's person, with the token's reach; nothing without the header.

        Raises `AuthenticationFailed` for a header without a usable token, whatever is wrong with it.
        """
        header = get_authorization_header(request)
        if not header:
            return None
        scheme, _, presented = header.partition(b" ")
        token = None
        if scheme.lower() == SCHEME and len(header) <= LONGEST_HEADER and presented.isascii():
            token = find_token(presented.strip().decode("ascii"))
        if token is None:
            raise AuthenticationFailed("This token is not known, was revoked or has expired.")
        person = token.person
        person.token = token
        return person, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="Countersign"'


class BrowserSession(SessionAuthentication):
    """The portal's own session; a write needs the CSRF token in `X-CSRFToken`, as a form does."""
