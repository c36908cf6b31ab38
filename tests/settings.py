"""The product's settings with two differences; the environment is `tests.harness.environment`."""

from tests.harness import environment

environment.fix()

from portal.settings import *  # noqa: E402, F403 - the settings read the environment when they are imported
from portal.settings import PASSWORD_HASHERS as PRODUCT_HASHERS  # noqa: E402
from portal.settings import STORAGES as PRODUCT_STORAGES  # noqa: E402

# The invented people have invented passwords: hashing each for 50 ms would only cost time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PRODUCT_HASHERS]

# Pages are rendered without `collectstatic` before; tests.web.test_static holds the manifest.
STORAGES = {
    **PRODUCT_STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
