"""One settings module; what differs between machines comes from the environment (see README)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF

from portal import env
from portal.common.logs import logging_config
from portal.evidence_storage import evidence_storage

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")
IS_LOCAL = env.choice("PORTAL_MODE", ("production", "local"), "production") == "local"

SECRET_KEY = env.secret_key("SECRET_KEY", generate_at=VAR_DIR / "secret_key" if IS_LOCAL else None)
# What was sealed, and what links were made with, before the key was replaced.
SECRET_KEY_FALLBACKS = env.text("SECRET_KEY_FALLBACKS").split()
# Signs checkpoints and exports of evidence (portal.audit.signing).
EVIDENCE_KEY = env.signing_seed("EVIDENCE_KEY", generate_at=VAR_DIR / "evidence_key" if IS_LOCAL else None)
# Who says when a checkpoint was there; and how many seconds it may take over that.
TSA_URL, TSA_CERTIFICATES = env.authority("TSA_URL", "TSA_CERTIFICATES")
TSA_TIMEOUT = 10
DEBUG = False
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if IS_LOCAL else "")
if not ALLOWED_HOSTS:
    raise env.EnvironmentMistake("ALLOWED_HOSTS", "is missing; name the hosts the portal answers to.")
# Where links in mail lead to; mail never trusts a request's Host header.
PORTAL_URL = env.url(
    "PORTAL_URL", ("http", "https"), "http://127.0.0.1:8000" if IS_LOCAL else f"https://{ALLOWED_HOSTS[0]}"
).rstrip("/")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "phonenumber_field",
    "django_countries",
    "django_htmx",
    "js_lib_bootstrap5",
    "django_tasks",
    "django_tasks_db",
    "portal.common",
    "portal.audit",
    "portal.jobs",
    "portal.partners",
    "portal.webhooks",
    "portal.tokens",
    "portal.dashboard",
    "customers",
    "agreements",
    "orders",
]

MIDDLEWARE = [
    "portal.common.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portal.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.common.speaking.SpeakingMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.common.signin_required.KeepInputLoginRequiredMiddleware",
    "portal.partners.middleware.MembershipMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.common.middleware.PortalErrorMiddleware",
    "portal.partners.middleware.RefusalLogMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.partners.context.shell",
            ],
            # Every form says who typed it, so that it can wait for that person when the session is lost.
            "builtins": ["portal.common.templatetags.typed_by"],
            # The icon library's tag, which draws every icon anew, under our own roof.
            "libraries": {"lucide": "portal.common.icons"},
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# Database -------------------------------------------------------------------------------------------------

SQLITE_OPTIONS = {
    # IMMEDIATE takes the write lock at BEGIN: two writers queue instead of failing half-way.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA recursive_triggers=ON;",
}


def database(url: str) -> dict[str, Any]:
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError, ValueError) as mistake:
        raise env.EnvironmentMistake("DATABASE_URL", f"cannot be read: {mistake}") from None
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {**SQLITE_OPTIONS, **config.get("OPTIONS", {})}
        if config["NAME"] != ":memory:":
            try:
                Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
            except OSError as mistake:
                raise env.EnvironmentMistake("DATABASE_URL", f"cannot be used ({mistake.strerror}).") from None
    elif not config["ENGINE"].endswith("postgresql"):
        raise env.EnvironmentMistake("DATABASE_URL", "must name a sqlite:// or postgres:// database.")
    elif not (config["HOST"] or config.get("OPTIONS", {}).get("host")) or not config["NAME"]:
        raise env.EnvironmentMistake(
            "DATABASE_URL", "must name host and database: postgres://user:password@host/name."
        )
    return config


DATABASES = {"default": database(env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"))}
CACHES = {
    "default": {
        # In the database, so that throttles count across processes.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        # With more than these some are thrown out: at Django's 300, who tries many addresses clears one's throttle.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# People ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard:home"
PASSWORD_RESET_TIMEOUT = int(timedelta(days=3).total_seconds())
ACCOUNT_ADAPTER = "portal.partners.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.common.signin_forms.SignInForm",
    "reset_password": "portal.common.signin_forms.ForgottenPasswordForm",
    "reset_password_from_key": "portal.common.signin_forms.NewPasswordForm",
    "change_password": "portal.common.signin_forms.OwnPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False

# Words and numbers ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each in its own words. Customers' pages and mails speak all of them, agents' pages English (docs/adr/0027).
LANGUAGES = [
    ("en", "English"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("sv", "Svenska"),
    ("zh-hans", "简体中文"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
PHONENUMBER_DB_FORMAT = "E164"
PHONENUMBER_DEFAULT_FORMAT = "INTERNATIONAL"

# Files ----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "evidence": evidence_storage(),
}
MEDIA_ROOT = VAR_DIR / "media"

# Mail and background work ---------------------------------------------------------------------------------

MAIL_DIR = VAR_DIR / "mail"
try:
    _email = dj_email_url.parse(
        env.url(
            "EMAIL_URL",
            tuple(dj_email_url.SCHEMES),
            f"file://{MAIL_DIR}",
            without_host=("file", "console", "memory", "dummy"),
        )
    )
except (KeyError, ValueError) as mistake:
    raise env.EnvironmentMistake("EMAIL_URL", f"cannot be read: {mistake}") from None
EMAIL_BACKEND = _email["EMAIL_BACKEND"].replace("django.core.mail.backends.smtp.", "portal.jobs.smtp.")
# Whether delivery reports reach `manage.py take_bounce`, so that it makes sense to ask for them.
MAIL_REPORTS = env.choice("MAIL_REPORTS", ("no", "yes"), "no") == "yes"
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = (
    f"/{_email['EMAIL_FILE_PATH'].lstrip('/')}" if EMAIL_BACKEND.endswith("filebased.EmailBackend") else None
)
DEFAULT_FROM_EMAIL = (
    _email.get("DEFAULT_FROM_EMAIL") or f"Partner portal <portal@{ALLOWED_HOSTS[0].strip('[].') or 'localhost'}>"
)

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["mail", "bulk"]}}

# Security -------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = not IS_LOCAL
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# Forwarded headers are believed only when a proxy of ours is said to stand in front.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 0 if IS_LOCAL else int(timedelta(days=365).total_seconds())
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not IS_LOCAL
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not IS_LOCAL
SESSION_COOKIE_NAME = "portal_session" if IS_LOCAL else "__Host-portal_session"
CSRF_COOKIE_NAME = "portal_csrf" if IS_LOCAL else "__Host-portal_csrf"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = "portal_language"
LANGUAGE_COOKIE_AGE = int(timedelta(days=365).total_seconds())
CSRF_FAILURE_VIEW = "portal.common.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "usb": [],
}

# Requests that a partner may send to the API in a minute (docs/adr/0043).
API_REQUESTS_PER_MINUTE = env.number("API_REQUESTS_PER_MINUTE", 500)
# Whether /v1 takes tokens for https://graph.windows.net, which Microsoft's archived SDKs ask for (docs/adr/0039).
API_ACCEPTS_GRAPH_AUDIENCE = env.choice("API_ACCEPTS_GRAPH_AUDIENCE", ("yes", "no"), "yes") == "yes"
LOGGING = logging_config()
# No request may carry more than a long form's worth of data.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Files come beside that: what is too large never reaches the disk in full.
FILE_UPLOAD_HANDLERS = [
    "portal.common.uploads.LimitedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
