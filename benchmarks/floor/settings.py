"""The portal's settings with only what a signed-in page cannot do without: sessions, the user, CSRF."""

from portal.settings import *  # noqa: F403 - settings are meant to be taken over whole
from portal.settings import BASE_DIR

ROOT_URLCONF = "benchmarks.floor.urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "portal.partners"]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "benchmarks" / "floor" / "templates"],
        "OPTIONS": {"context_processors": []},
    }
]
