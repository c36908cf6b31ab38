"""The one settings file. What differs between installations comes from the environment: `portal/env.py`."""

from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF

from governance.proof.witnesses import configured
from portal.env import ROOT, Environment, database
from portal.stores import artifact_store, inline_bytes

ENV = Environment()

SECRET_KEY = ENV.secret_key.get_secret_value()
DEBUG = ENV.debug
ALLOWED_HOSTS = ENV.listed(ENV.allowed_hosts)
CSRF_TRUSTED_ORIGINS = ENV.listed(ENV.trusted_origins)
TRUSTED_PROXIES = ENV.trusted_proxies
# Safe, since `ClientAddress` drops the header unless a trusted proxy sent it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "portal",
    "governance",
    "runs",
    "portal.admin_site.OwnersAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "portal.client_address.ClientAddress",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.RequestIdentity",
    "portal.middleware.BodySize",
    "portal.middleware.BodyText",
    "portal.middleware.SessionCookie",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.NotKept",
    "portal.middleware.SignedInOnly",
    "portal.web.first_password.FirstPassword",
    "portal.middleware.DomainErrors",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.web.shell.shell",
                "portal.web.sign_in.mail",
            ],
        },
    },
]

# "default" is the application's role, which owns nothing; "owner" is used by `migrate` alone.
_app_url = ENV.database_url or "postgresql:///countersign"
DATABASES = {
    "default": database(_app_url, statement_timeout_ms=ENV.statement_timeout_ms),
    "owner": database(ENV.owner_database_url or _app_url, statement_timeout_ms=0),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        # Beyond these Django drops what still counts: few (300) would let somebody wash the limits away.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

AUTH_USER_MODEL = "governance.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian: no grants for people who are not signed in
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.web.sign_in.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_USER_DISPLAY = "portal.web.sign_in.printed_name"
USERSESSIONS_TRACK_ACTIVITY = False
# Wrong passwords: for one account from one address, for one account, and from one address, asked in this
# order and each only if the one before lets the attempt pass. Whoever keeps guessing at one account soon does
# not count against the address any more, so that the others behind it can sign in. allauth's own limits of
# everything from one address would shut them out.
SIGN_IN_LIMITS = {"account_and_address": "5/5m/key", "account": "30/5m/key", "address": "60/5m/ip"}
ACCOUNT_RATE_LIMITS = {"login": None}

# Without a mail server nothing is sent and nothing is written down: a link in a log would open an account.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if ENV.email_host else 'dummy'}.EmailBackend"
EMAIL_HOST = ENV.email_host
EMAIL_PORT = ENV.email_port
EMAIL_HOST_USER = ENV.email_user
EMAIL_HOST_PASSWORD = ENV.email_password.get_secret_value()
EMAIL_USE_TLS = ENV.email_use_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.email_from

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.secure_cookies
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 60 * 60
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "portal.formats"
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = ENV.countersign_var / "static"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "artifacts": artifact_store(ENV),
}
ARTIFACT_INLINE_BYTES = inline_bytes(ENV)
RETENTION_NOTICE = timedelta(hours=ENV.retention_notice_hours)
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # pages name no other, and packing takes half as long
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# A run may take twenty documents, typed, as files or in base64, which takes a third more; the rest is for
# fields and their wrapping. One wall for all, which says what it is: below it each form names its own limits
# and keeps what was typed.
REQUEST_MAX_BYTES = DATA_UPLOAD_MAX_MEMORY_SIZE = 28 * ENV.document_max_bytes + 100_000
DOCUMENT_MAX_BYTES = ENV.document_max_bytes

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.authentication.TokenAuthentication",
        "portal.api.authentication.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.permissions.SignedInWithScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsing.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "portal.api.paging.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "portal.api.schema.DocumentedSchema",
    "EXCEPTION_HANDLER": "portal.api.problems.problem_response",
    "URL_FORMAT_OVERRIDE": None,
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Countersign",
    "DESCRIPTION": "Start governed AI runs; trace any output to its inputs, versions, release and approver.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # the choices are listed; their labels repeat them
    "ENUM_NAME_OVERRIDES": {
        "Permission": "governance.access.permissions.Permission",
        "Scope": "governance.access.permissions.Scope",
        "AssetKind": "governance.catalog.models.Asset.Kind",
        "ApprovalState": "governance.approvals.models.ApprovalRequest.State",
        "Decision": "governance.approvals.models.Vote.Decision",
        "ActivationKind": "governance.releases.models.Activation.Kind",
        "RunState": "runs.records.models.Run.State",
        "StepState": "runs.records.models.Step.State",
        "ReadingKind": "runs.reading.models.Ticket.Kind",
        "TaskKind": "runs.people.models.Task.Kind",
        "TaskState": "runs.people.models.Task.State",
        "ScheduleState": "runs.schedules.models.Schedule.State",
        "RecallState": "runs.recalls.models.Recall.State",
        "RecallSubject": "runs.recalls.models.Recall.KINDS",
        "CaseStatus": "runs.recalls.models.Case.Status",
        "CaseSettled": "runs.api.recall_shapes.SETTLED",
        "CaseConnection": "runs.recalls.models.Case.How",
        "WebhookState": "runs.webhooks.models.Webhook.State",
    },
}

# Where the models answer. Model versions name a provider; only the environment says what address that is.
LLM_MODEL = ENV.llm_model
LLM_PROVIDERS = {
    "default": {
        "base_url": ENV.llm_base_url,
        "api_key": ENV.llm_api_key.get_secret_value(),
        "timeout_seconds": ENV.llm_timeout_seconds,
        "weights_sha256": ENV.model_weights_sha256,
    },
    **{name: found.plain() for name, found in ENV.llm_providers.items()},
}
# The only places that an `http` node can call.
HTTP_ENDPOINTS = {name: found.plain() for name, found in ENV.http_endpoints.items()}

# The ledger's keeper alone reads the key, and remembers in its folder what it signed.
LEDGER_ROLE = database(ENV.ledger_database_url, statement_timeout_ms=0)["USER"]  # "": none of its own
LEDGER_ORIGIN = ENV.ledger_origin
LEDGER_KEY_FILE = ENV.ledger_key_file
LEDGER_STATE = ENV.ledger_state or ENV.countersign_var / "keeper"
LEDGER_CHECKPOINT_SECONDS = ENV.ledger_checkpoint_seconds
# To whom the keeper shows each checkpoint; the pages say who cosigned.
WITNESSES = configured([(witness.name, witness.url, witness.vkey) for witness in ENV.witnesses])

# The first encrypts what must be read again, the secrets of webhooks; the others still open what they shut.
ENCRYPTION_KEYS = ENV.listed(ENV.encryption_keys.get_secret_value())
# Statements of evidence are signed with it. Made on first use. The key of the log is not for the web process.
EVIDENCE_KEY_FILE = ENV.evidence_key_file or ENV.countersign_var / "keys" / "evidence.pem"
WEBHOOK_MAX_BYTES = ENV.webhook_max_bytes
WEBHOOK_PER_MINUTE = ENV.webhook_per_minute
WEBHOOK_SENDER_PER_MINUTE = ENV.webhook_sender_per_minute
VERSION = "0.1.0"  # as `pyproject.toml` has it
LEASE_SECONDS = ENV.lease_seconds
SWEEP_SECONDS = ENV.sweep_seconds
STEP_FUNCTION_MODULES = ["runs.functions.builtin", *ENV.listed(ENV.step_function_modules)]

CELERY_BROKER_URL = ENV.broker_url or "memory://"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"one_line": {"()": "portal.observability.OneLine"}},
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(request_id)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["one_line"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # Two lines for each message, which says nothing that the run's history does not.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
