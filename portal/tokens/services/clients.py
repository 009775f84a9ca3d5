"""Clients and their secrets, as the global admin manages them."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.services import submit_once
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may
from portal.tokens import rules
from portal.tokens.models import ApiClient, ApiSecret
from portal.tokens.services.secrecy import new_secret

HINT, LONGEST_NAME = 4, 100


@transaction.atomic
def create_client(
    *,
    by: Actor,
    partner: Partner,
    name: str,
    roles: Sequence[str] = (),
    allows_app_only: bool = False,
    is_public: bool = False,
    allows_password: bool = False,
    redirect_uris: Sequence[str] = (),
    submit_key: str = "",
) -> ApiClient:
    """Add an application. roles: what it may do on its own, needed where it may at all.

    The same submit_key again answers the client that is there. Raises NotPermitted, SubmissionConflict, and
    RuleViolation (field) where the answers do not go together.
    """
    ensure_may(by=by, partner=partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    said: dict[str, Any] = {
        "name": name,
        "roles": sorted(roles),
        "allows_app_only": allows_app_only,
        "is_public": is_public,
        "allows_password": allows_password,
        "redirect_uris": list(redirect_uris),
    }
    _check(said)

    def effect() -> str:
        client = ApiClient.objects.create(partner=partner, created_by_name=by.name, **said)
        facts = {k: said[k] for k in ("roles", "allows_app_only", "is_public", "allows_password")}
        record_event(
            by=by,
            code="tokens.client_created",
            partner_id=partner.pk,
            subject=str(client.client_id),
            facts={"name": name, **facts},
        )
        return str(client.client_id)

    if not submit_key:
        made = effect()
    else:
        body = {"partner": partner.pk, **said}
        made, _was_repeated = submit_once(by=by, form="tokens.client", key=submit_key, body=body, effect=effect)
    return ApiClient.objects.select_related("partner").get(client_id=made)


@transaction.atomic
def change_client(
    *,
    by: Actor,
    client: ApiClient,
    name: str,
    roles: Sequence[str],
    allows_app_only: bool,
    redirect_uris: Sequence[str],
    is_public: bool | None = None,
    allows_password: bool | None = None,
) -> ApiClient:
    """Say anew what an application is for; counts from its next request on. None leaves a thing as it is.

    Raises NotPermitted, and RuleViolation as create_client does.
    """
    ensure_may(by=by, partner=client.partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    client = ApiClient.objects.select_for_update(of=("self",)).select_related("partner").get(pk=client.pk)
    after: dict[str, Any] = {
        "name": name,
        "roles": sorted(roles),
        "allows_app_only": allows_app_only,
        "is_public": client.is_public if is_public is None else is_public,
        "allows_password": client.allows_password if allows_password is None else allows_password,
        "redirect_uris": list(redirect_uris),
    }
    _check(after)
    changed = [field for field, value in after.items() if getattr(client, field) != value]
    if changed:
        facts = {f"{field}_before": getattr(client, field) for field in changed}
        for field in changed:
            setattr(client, field, after[field])
        client.save(update_fields=changed)
        facts |= {field: after[field] for field in changed} | {"name": client.name}
        record_event(
            by=by,
            code="tokens.client_changed",
            partner_id=client.partner_id,
            subject=str(client.client_id),
            facts=facts,
        )
    return client


@transaction.atomic
def disable_client(*, by: Actor, client: ApiClient) -> ApiClient:
    """Refuse whatever it sends, from now on; the tokens that it has, too. Raises NotPermitted."""
    client, was_active = _set_active(by, client, is_active=False)
    if was_active:
        facts = {"name": client.name}
        subject = str(client.client_id)
        record_event(by=by, code="tokens.client_disabled", partner_id=client.partner_id, subject=subject, facts=facts)
    return client


@transaction.atomic
def enable_client(*, by: Actor, client: ApiClient) -> ApiClient:
    """Let it work again. Raises NotPermitted."""
    client, was_active = _set_active(by, client, is_active=True)
    if not was_active:
        facts = {"name": client.name}
        subject = str(client.client_id)
        record_event(by=by, code="tokens.client_enabled", partner_id=client.partner_id, subject=subject, facts=facts)
    return client


@transaction.atomic
def add_secret(
    *, by: Actor, client: ApiClient, months: int = rules.USUAL_SECRET, submit_key: str = ""
) -> tuple[ApiSecret, str]:
    """A new secret, and its text, which nobody can read again. months: how long it is good, 24 at most.

    The same submit_key again answers the secret that is there, and "" for its text. Raises NotPermitted,
    SubmissionConflict, and RuleViolation.
    """
    ensure_may(by=by, partner=client.partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    client = ApiClient.objects.select_for_update(of=("self",)).select_related("partner").get(pk=client.pk)
    text, digest = new_secret()

    def effect() -> str:
        usable_count = ApiSecret.objects.usable().filter(client=client).count()
        reason = rules.why_not_a_secret(
            is_public=client.is_public, is_active=client.is_active, months=months, usable_count=usable_count
        )
        if reason is not None:
            raise RuleViolation(reason, field="months")
        now = timezone.now()
        secret = ApiSecret.objects.create(
            client=client,
            digest=digest,
            hint=text[:HINT],
            created_at=now,
            expires_at=rules.months_after(now, months),
        )
        record_event(
            by=by,
            code="tokens.secret_added",
            partner_id=client.partner_id,
            subject=str(client.client_id),
            facts={"name": client.name, "hint": secret.hint, "months": months},
        )
        return str(secret.public_id)

    if not submit_key:
        return ApiSecret.objects.get(public_id=effect()), text
    body = {"client": str(client.client_id), "months": months}
    made, was_repeated = submit_once(by=by, form="tokens.secret", key=submit_key, body=body, effect=effect)
    return ApiSecret.objects.get(public_id=made), "" if was_repeated else text


@transaction.atomic
def revoke_secret(*, by: Actor, secret: ApiSecret) -> ApiSecret:
    """Take a secret back; once more changes nothing. Tokens that were had with it stay good, for an hour at most.

    Raises NotPermitted.
    """
    client = secret.client
    ensure_may(by=by, partner=client.partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    secret = ApiSecret.objects.select_for_update().get(pk=secret.pk)
    if secret.revoked_at is None:
        secret.revoked_at = timezone.now()
        secret.save(update_fields=["revoked_at"])
        record_event(
            by=by,
            code="tokens.secret_revoked",
            partner_id=client.partner_id,
            subject=str(client.client_id),
            facts={"name": client.name, "hint": secret.hint},
        )
    return secret


def _set_active(by: Actor, client: ApiClient, *, is_active: bool) -> tuple[ApiClient, bool]:
    """The client as it is now, and whether it was active before."""
    ensure_may(by=by, partner=client.partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    client = ApiClient.objects.select_for_update(of=("self",)).select_related("partner").get(pk=client.pk)
    was_active = client.is_active
    client.is_active = is_active
    client.save(update_fields=["is_active"])
    return client, was_active


def _check(said: dict[str, Any]) -> None:
    if not said["name"].strip():
        raise RuleViolation(_("Enter a name"), field="name")
    if len(said["name"]) > LONGEST_NAME:
        raise RuleViolation(_("Use at most 100 characters"), field="name")
    keys = ("roles", "allows_app_only", "is_public", "redirect_uris")
    refusal = rules.why_not_a_client(**{key: said[key] for key in keys})
    if refusal is not None:
        field, reason = refusal
        raise RuleViolation(reason, field=field)
