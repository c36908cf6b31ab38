"""The WSGI application that the web server serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ["OWNER_DATABASE_URL"] = (
    ""  # for `migrate` alone: what serves people does not know it, by `.env` neither
)

application = get_wsgi_application()
