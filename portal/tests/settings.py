"""The portal's settings as the tests see them: local mode, a folder of their own, nothing slow on purpose."""

import importlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Only the defaults change: `make test-pg` names its database in the environment all the same.
os.environ.setdefault("PORTAL_MODE", "local")
# Workers that run beside each other write into a folder each.
os.environ["VAR_DIR"] = str(
    Path(os.environ.get("VAR_DIR", ROOT / "var" / "test"), os.environ.get("PYTEST_XDIST_WORKER", ""))
)
# The browser driver keeps an event loop running in the thread that the tests run in.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

_portal = importlib.import_module("portal.settings")
globals().update({name: value for name, value in vars(_portal).items() if name.isupper()})

# Argon2 is slow by design, and nearly every test signs somebody in.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# File names without a fingerprint: no static files are collected first.
STORAGES = {
    **_portal.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Straight from the source folders, as nothing was collected.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
