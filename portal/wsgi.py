"""The WSGI application that the web server serves."""

import os
import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# For `migrate` and the keeper alone: what serves people does not know them, by `.env` neither.
os.environ |= {"OWNER_DATABASE_URL": "", "LEDGER_DATABASE_URL": ""}

LONGEST_CONTENT_TYPE = 255
IN_UTF_8 = re.compile(r'; *charset="?utf-?8"?(?= *(;|$))', re.IGNORECASE)
SUSPECT = re.compile(r"charset|\*", re.IGNORECASE)
UNREADABLE = "application/octet-stream; charset=unreadable"

_portal = get_wsgi_application()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Django's, which is not shown a content type that names a codec: `BodyText` refuses what stands for it.

    Before any middleware, Django decodes the query by the charset and parameters with an asterisk (RFC 2231)
    by theirs, whatever Python has of that name: some fail, and some take time by the square.
    """
    content_type = environ.get("CONTENT_TYPE", "")
    if len(content_type) > LONGEST_CONTENT_TYPE or SUSPECT.search(IN_UTF_8.sub("", content_type)):
        environ["CONTENT_TYPE"] = UNREADABLE
    return _portal(environ, start_response)
