"""What people allow programs to do in their name."""

from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import NotPermitted
from portal.partners.models import Membership, User
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may
from portal.tokens.models import ApiClient, AuthorizationCode, Consent, RefreshToken
from portal.tokens.services.secrecy import new_secret

CODE_LIFETIME = timedelta(minutes=10)


@transaction.atomic
def give_consent(*, by: Actor, client: ApiClient, user: User) -> Consent:
    """The person lets the client act in their name; where they did before, that stands.

    Raises NotPermitted for a disabled client, and for who does not work for the client's partner.
    """
    # The client's row is the lock: two tabs of one person make one consent.
    client = (
        ApiClient.objects.select_for_update(of=("self",), no_key=True).select_related("partner").get(pk=client.pk)
    )
    if not client.is_active or not is_member(user, client):
        raise NotPermitted(_("Only people who work for the partner of this application can let it act for them."))
    consent, is_new = Consent.objects.standing().get_or_create(client=client, user=user)
    if is_new:
        record_event(
            by=by,
            code="tokens.consent_granted",
            partner_id=client.partner_id,
            subject=str(client.client_id),
            facts={"name": client.name},
        )
    return consent


@transaction.atomic
def revoke_consent(*, by: Actor, consent: Consent) -> Consent:
    """The client no longer acts in the person's name, with whatever tokens it has; once more changes nothing.

    People revoke their own; others' need the right to manage clients. Raises NotPermitted.
    """
    client = consent.client
    if by.user_id is None or by.user_id != consent.user_id:
        ensure_may(by=by, partner=client.partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    consent = Consent.objects.select_for_update(of=("self",)).select_related("client__partner").get(pk=consent.pk)
    if consent.revoked_at is None:
        consent.revoked_at = timezone.now()
        consent.save(update_fields=["revoked_at"])
        RefreshToken.objects.standing().filter(consent=consent).update(revoked_at=consent.revoked_at)
        record_event(
            by=by,
            code="tokens.consent_revoked",
            partner_id=client.partner_id,
            subject=str(client.client_id),
            facts={"name": client.name, "is_own": by.user_id == consent.user_id},
        )
    return consent


@transaction.atomic
def agree(
    *, by: Actor, client: ApiClient, user: User, redirect_uri: str, audience: str, nonce: str, code_challenge: str
) -> tuple[str, AuthorizationCode]:
    """The person's consent, and the code that the browser brings to the client: its text and its row.

    nonce, code_challenge: what the client sent along, "" for nothing. Raises NotPermitted as give_consent does.
    """
    consent = give_consent(by=by, client=client, user=user)
    text, digest = new_secret()
    now = timezone.now()
    code = AuthorizationCode.objects.create(
        consent=consent,
        digest=digest,
        redirect_uri=redirect_uri,
        audience=audience,
        nonce=nonce,
        code_challenge=code_challenge,
        password_hash=user.get_session_auth_hash(),
        created_at=now,
        expires_at=now + CODE_LIFETIME,
    )
    return text, code


@transaction.atomic
def refuse_consent(*, by: Actor, client: ApiClient) -> None:
    """The person was asked, and did not agree."""
    record_event(
        by=by,
        code="tokens.consent_refused",
        partner_id=client.partner_id,
        subject=str(client.client_id),
        facts={"name": client.name},
    )


def is_member(user: User, client: ApiClient) -> bool:
    return Membership.objects.active().filter(user=user, partner_id=client.partner_id).exists()


def has_same_password(user: AbstractBaseUser, password_hash: str) -> bool:
    """Whether the person has the password still that this hash (of a session) was made with."""
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(password_hash, known) for known in hashes)
