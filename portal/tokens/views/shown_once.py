"""A secret that is shown once, and again to whoever sends the same form twice: two clicks must not lose it."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.db import transaction
from django.utils import timezone

from portal.common.actor import Actor
from portal.common.sealed import seal, unseal
from portal.partners.http import PortalRequest
from portal.tokens import services
from portal.tokens.models import ApiClient, ApiSecret

SESSION_KEY = "shown_secret"
# How long a repetition is taken for one: a slow answer, a page loaded anew.
SHOWN_FOR = timedelta(minutes=10)


def make_secret(request: PortalRequest, *, by: Actor, client: ApiClient, **said: Any) -> tuple[ApiSecret, str]:
    """`add_secret`, and its text for a repetition by the same browser, too; "" where it cannot be shown again.

    Meanwhile the session holds it, sealed, and only the last one. Raises what add_secret does.
    """
    # Both or neither: a twin of this request waits for the commit, and then reads what the first one kept.
    with transaction.atomic():
        secret, text = services.add_secret(by=by, client=client, **said)
        if text:
            request.session[SESSION_KEY] = seal(text, purpose=_purpose(secret))
            # Signed out in another tab meanwhile: there is no session to keep it in.
            with suppress(UpdateError):
                request.session.save()
            return secret, text
    return secret, _kept(request, secret)


def forget_secret(request: PortalRequest) -> None:
    """Once the person has gone on from the page that shows it."""
    request.session.pop(SESSION_KEY, None)


def _kept(request: PortalRequest, secret: ApiSecret) -> str:
    if secret.created_at < timezone.now() - SHOWN_FOR or not secret.is_usable:
        return ""
    # As it is stored now, not as it was when this request began.
    stored = type(request.session)(request.session.session_key)
    return unseal(stored.get(SESSION_KEY, ""), purpose=_purpose(secret)) or ""


def _purpose(secret: ApiSecret) -> str:
    return f"secret of an API client {secret.public_id}"
