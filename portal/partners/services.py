"""Every write to partners, people and their roles."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.jobs.letters import post
from portal.jobs.services import submit_once
from portal.partners import rules
from portal.partners.models import Cloud, Environment, Membership, Partner, PartnerKind, PartnerLink, User
from portal.partners.permissions import Permission
from portal.partners.tasks import send_member_invitation, send_password_reset


@transaction.atomic
def create_partner(
    *,
    by: Actor,
    name: str,
    kind: PartnerKind,
    country: str,
    time_zone: str = "UTC",
    cloud: Cloud = Cloud.PUBLIC,
    environment: Environment = Environment.PRODUCTION,
    default_language: str = "en-US",
    mpn_id: str = "",
    domain: str = "",
) -> Partner:
    """Add a partner company. time_zone: IANA name, the zone in which its days begin and end."""
    partner = Partner(
        name=name,
        kind=kind,
        country=country,
        time_zone=time_zone,
        cloud=cloud,
        environment=environment,
        default_language=default_language,
        mpn_id=mpn_id,
        domain=domain.lower(),
    )
    partner.full_clean()
    partner.save()
    record_event(by=by, code="partners.partner_created", partner_id=partner.pk, facts={"kind": str(kind)})
    return partner


@transaction.atomic
def link_reseller(*, by: Actor, provider: Partner, reseller: Partner) -> PartnerLink:
    """Let an indirect provider work with an indirect reseller. Linking them again changes nothing.

    Raises RuleViolation for other kinds, and where a sandbox provider has as many resellers as there is room for
    (facts 3.4).
    """
    if provider.kind != PartnerKind.INDIRECT_PROVIDER or reseller.kind != PartnerKind.INDIRECT_RESELLER:
        raise RuleViolation(_("A link joins an indirect provider and an indirect reseller."))
    # The provider's row is the lock: two links at once must not both find room.
    locked = Partner.objects.select_for_update(no_key=True).get(pk=provider.pk)
    others = PartnerLink.objects.filter(provider=provider).exclude(reseller=reseller).count()
    if locked.is_sandbox and others >= rules.SANDBOX_RESELLERS:
        message = _("A sandbox provider has room for %(count)d indirect resellers.")
        raise RuleViolation(message % {"count": rules.SANDBOX_RESELLERS}, code="sandbox_full")
    link, _is_new = PartnerLink.objects.get_or_create(provider=provider, reseller=reseller)
    for partner in (provider, reseller):
        record_event(by=by, code="partners.reseller_linked", partner_id=partner.pk)
    return link


@transaction.atomic
def edit_profile(
    *,
    by: Actor,
    partner: Partner,
    name: str,
    country: str,
    time_zone: str,
    default_language: str,
    mpn_id: str,
    domain: str | None = None,
    logs_addresses: bool | None = None,
) -> Partner:
    """Change the company profile. Kind, cloud and environment are facts of the program and stay.

    domain: the partner's own e-mail domain; logs_addresses: whether the activity log keeps IP address and browser;
    None leaves either. Raises NotPermitted.
    """
    ensure_may(by=by, partner=partner, permission=Permission.PARTNER_EDIT_PROFILE)
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    after: dict[str, str | bool] = {
        "name": name,
        "country": country,
        "time_zone": time_zone,
        "default_language": default_language,
        "mpn_id": mpn_id,
        "domain": partner.domain if domain is None else domain.lower(),
        "logs_addresses": partner.logs_addresses if logs_addresses is None else logs_addresses,
    }
    before = {f: getattr(partner, f) if isinstance(v, bool) else str(getattr(partner, f)) for f, v in after.items()}
    changes = {field: (before[field], value) for field, value in after.items() if before[field] != value}
    if changes:
        for field, value in after.items():
            setattr(partner, field, value)
        partner.full_clean()
        partner.save(update_fields=list(after))
        record_event(by=by, code="partners.profile_edited", partner_id=partner.pk, changes=changes)
    return partner


@transaction.atomic
def keep_partner_agreement(*, by: Actor, partner: Partner, signed_on: date | None) -> Partner:
    """Staff note on which day a company signed the Microsoft Partner Agreement; None: it has not, as far as is known.

    Raises NotPermitted for everybody else, RuleViolation (field "agreement_signed_on") for a day to come.
    """
    if by.kind != ActorKind.STAFF:
        raise NotPermitted(_("Only the portal's staff note who signed the Microsoft Partner Agreement."))
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    if signed_on is not None and signed_on > partner.today:
        raise RuleViolation(_("The date must be today or earlier"), field="agreement_signed_on")
    if signed_on != partner.agreement_signed_on:
        partner.agreement_signed_on = signed_on
        partner.save(update_fields=["agreement_signed_on"])
        facts = {"signed_on": signed_on.isoformat() if signed_on else ""}
        record_event(by=by, code="partners.partner_agreement_noted", partner_id=partner.pk, facts=facts)
    return partner


@transaction.atomic
def add_member(*, by: Actor, partner: Partner, email: str, name: str, roles: Sequence[str]) -> Membership:
    """Make a person a member, known to the portal or not. Raises RuleViolation (field roles or email)."""
    _check_roles(roles)
    _check_email(email)
    # A twin of this request waits here, so that it finds the person instead of colliding with them.
    Partner.objects.select_for_update().get(pk=partner.pk)
    user, is_new = _person(email, name)
    if Membership.objects.filter(user=user, partner=partner).exists():
        raise RuleViolation(
            _("This person is a member already. Find them in the list to change their roles."), field="email"
        )
    since = user.created_at if is_new else timezone.now()
    membership = Membership.objects.create(user=user, partner=partner, roles=sorted(roles), created_at=since)
    record_event(
        by=by,
        code="partners.member_added",
        partner_id=partner.pk,
        subject=str(membership.public_id),
        facts={"roles": sorted(roles)},
        changes={"member": (None, user.email)},
    )
    return membership


@transaction.atomic
def invite_member(
    *, by: Actor, partner: Partner, email: str, name: str, roles: Sequence[str], submit_key: str = ""
) -> Membership:
    """Add a member and mail the link to choose a password (or, for a known person, the news).

    The same submit_key again answers the member that is there. Raises NotPermitted, SubmissionConflict, and
    RuleViolation as add_member does.
    """
    ensure_may(by=by, partner=partner, permission=Permission.PARTNER_MANAGE_MEMBERS)

    def effect() -> str:
        membership = add_member(by=by, partner=partner, email=email, name=name, roles=roles)
        post(kind="partners.member_invitation", about=str(membership.public_id), task=send_member_invitation)
        return str(membership.public_id)

    if not submit_key:
        return Membership.objects.get(public_id=effect())
    body = {"partner": partner.pk, "email": email, "name": name, "roles": sorted(roles)}
    made, _was_repeated = submit_once(by=by, form="partners.invite", key=submit_key, body=body, effect=effect)
    return Membership.objects.get(public_id=made)


@transaction.atomic
def change_member(*, by: Actor, membership: Membership, roles: Sequence[str], is_active: bool) -> Membership:
    """Set a member's roles and whether they may work at all; counts from their next request on.

    Raises NotPermitted, and RuleViolation when it would leave the partner without an active global admin.
    """
    ensure_may(by=by, partner=membership.partner, permission=Permission.PARTNER_MANAGE_MEMBERS)
    _check_roles(roles)
    # All of the partner's rows, so that two admins cannot remove each other at the same moment.
    # In one order, so that they wait for each other instead of for ever.
    rows = Membership.objects.select_for_update().filter(partner_id=membership.partner_id).order_by("pk")
    members = {member.pk: member for member in rows}
    membership = members[membership.pk]
    before = (list(membership.roles), membership.is_active)
    membership.roles, membership.is_active = sorted(roles), is_active
    if not any(m.is_active and "global_admin" in m.roles for m in members.values()):
        raise RuleViolation(_("A partner keeps at least one active global admin. Give someone else the role first."))
    if before != (membership.roles, membership.is_active):
        membership.save(update_fields=["roles", "is_active"])
        record_event(
            by=by,
            code="partners.member_changed",
            partner_id=membership.partner_id,
            subject=str(membership.public_id),
            facts={"roles": membership.roles, "roles_before": before[0], "is_active": is_active},
        )
    return membership


@transaction.atomic
def create_user(*, by: Actor, email: str, name: str, is_staff: bool = False, is_active: bool = True) -> User:
    """Add a person who is no member yet, such as a colleague on the portal's staff, and mail them the link to
    choose a password. Staff may do everything in the staff administration; there are no lesser staff.

    The address must be new: the form has checked it, the database refuses it. Raises RuleViolation (email).
    """
    _check_email(email)
    user = User.objects.create_user(email, name, is_staff=is_staff, is_superuser=is_staff, is_active=is_active)
    record_event(by=by, code="partners.user_created", partner_id=None, subject=f"user:{user.pk}")
    request_password_reset(user=user)
    return user


@transaction.atomic
def change_user(*, by: Actor, user: User, name: str, is_active: bool, is_staff: bool | None = None) -> User:
    """Change a person's name and whether they may sign in and are staff, who may do everything; counts at once.

    is_staff: None leaves that as it is. Raises RuleViolation for staff who would lock themselves out.
    """
    if by.user_id == user.pk and (not is_active or is_staff is False):
        raise RuleViolation(_("You cannot take your own access away. Ask a colleague to do it."))
    user = User.objects.select_for_update().get(pk=user.pk)
    after: dict[str, str | bool] = {"name": name, "is_active": is_active}
    if is_staff is not None:
        after |= {"is_staff": is_staff, "is_superuser": is_staff}
    changes = {f: (getattr(user, f), v) for f, v in after.items() if getattr(user, f) != v}
    if changes:
        for field, value in after.items():
            setattr(user, field, value)
        user.save(update_fields=list(after))
        record_event(by=by, code="partners.user_changed", partner_id=None, subject=f"user:{user.pk}", changes=changes)
    if not is_active:
        _end_sessions(user)
    return user


@transaction.atomic
def request_password_reset(*, user: User, language: str = "") -> None:
    """Mail the link to choose a new password. language: that the person asked in; "" where somebody else did."""
    post(kind="partners.password_reset", about=str(user.public_id), task=send_password_reset, language=language)


@transaction.atomic
def send_password_link(*, by: Actor, user: User) -> None:
    """Mail somebody else the link to choose a new password, as staff do."""
    request_password_reset(user=user)
    record_event(by=by, code="partners.password_link_sent", partner_id=None, subject=f"user:{user.pk}")


@transaction.atomic
def rehearse_password_reset(*, language: str) -> None:
    """As much work as a request for an address that is known, and no trace of it: how long the answer takes tells
    nobody whether there is such a person.
    """
    post(kind="partners.password_reset", about="", task=send_password_reset, language=language)
    transaction.set_rollback(True)


@transaction.atomic
def choose_password(*, by: Actor, user: User, password: str) -> None:
    """Set the password that the person chose; every link sent before stops working."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record_event(by=by, code="partners.password_chosen", partner_id=None, subject=f"user:{user.pk}")


def _end_sessions(user: User) -> None:
    """For good: sessions that only slept would be back with the person's access, whoever holds them by then."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def _check_roles(roles: Sequence[str]) -> None:
    reason = rules.why_cannot_set_roles(roles=roles)
    if reason is not None:
        raise RuleViolation(reason, field="roles")


def _check_email(email: str) -> None:
    reason = rules.why_cannot_be_member(email)
    if reason is not None:
        raise RuleViolation(reason, field="email")


def _person(email: str, name: str) -> tuple[User, bool]:
    """Who has this address, made if nobody has; and whether made. Two partners may ask at the same moment."""
    user = User.objects.with_email(email)
    if user is not None:
        return user, False
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name), True
    except IntegrityError:
        return User.objects.get(email__iexact=email.strip()), False


def ensure_may(*, by: Actor, partner: Partner, permission: Permission) -> None:
    """The last word on a right, at every door: the partner's kind and cloud, then the member's roles.

    Raises NotPermitted. Staff, jobs and customers have no membership; what they reach is decided elsewhere,
    but the partner's kind and cloud bind them too.
    """
    refusal = rules.why_partner_cannot(partner, permission)
    membership = by.membership
    if refusal is None and membership is not None:
        if membership.partner_id != partner.pk:
            raise NotFound(_("There is no such thing here."))
        refusal = membership.why_not(permission)
    if refusal is not None:
        raise NotPermitted(refusal.reason, who_can=refusal.who_can, permission=permission.value)
