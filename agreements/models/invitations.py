"""Asking a customer to accept by itself: the invitation, its reminders, and how a partner wants it done."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models.records import Attestation, Scenario
from agreements.querysets import ConfirmationRequestQuerySet, InvitationQuerySet
from customers.models import Customer, RelationshipRequest
from portal.common.constraints import CompositeForeignKey
from portal.jobs.models import Letter
from portal.partners.models import Partner

MOST_REMINDERS = 5


class Place(models.TextChoices):
    """Where the customer accepts."""

    PORTAL = "portal", _("On the portal's own pages")
    MICROSOFT = "microsoft", _("In Microsoft's admin center")


def customer_days() -> list[int]:
    return [3, 7, 14]


def staff_days() -> list[int]:
    return [14]


class InvitationPolicy(models.Model):
    """How a partner invites: where its customers accept, how long a link works, when reminders go out.

    valid_days: days until an invitation expires; customer_days and staff_days: days after it was sent on which the
    customer, and the agent who invited it, are reminded. A partner without a row has the defaults.
    """

    partner = models.OneToOneField(Partner, on_delete=models.PROTECT, related_name="invitation_policy")
    place = models.CharField(_("where customers accept"), max_length=20, choices=Place.choices, default=Place.PORTAL)
    valid_days = models.PositiveSmallIntegerField(_("days until an invitation expires"), default=30)
    customer_days = models.JSONField(default=customer_days)
    staff_days = models.JSONField(default=staff_days)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name_plural = _("invitation policies")
        constraints = [
            models.CheckConstraint(condition=Q(valid_days__gte=1, valid_days__lte=365), name="policy_valid_days"),
        ]

    def __str__(self) -> str:
        return str(self.partner)


class Outcome(models.TextChoices):
    """How an invitation ended. Settled: the acceptance came on record by another way."""

    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")
    SETTLED = "settled", _("No longer needed")


class InvitationState(models.TextChoices):
    """Where an invitation stands, the last word first (see Invitation.state)."""

    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")
    SETTLED = "settled", _("No longer needed")
    TO_CONFIRM = "to_confirm", _("To be confirmed by you")
    REVIEWING = "reviewing", _("The customer is reviewing it")
    OPENED = "opened", _("Opened")
    BOUNCED = "bounced", _("Could not be delivered")
    DELIVERED = "delivered", _("Delivered")
    SENT = "sent", _("Sent")
    QUEUED = "queued", _("Being sent")
    CREATED = "created", _("Not sent by the portal")


class Invitation(models.Model):
    """A customer is asked to accept the agreement, or, with a request, to begin the relationship along with it.

    customer: who is asked; null until a request is accepted. first_name, last_name, email: the one person who may
    accept by the link. language: locale of the message (en-US). message: the agent's own wording, "" for the usual
    one; the link's place in it is `{link}`. token_digest: SHA-256 of the link's token, which itself is kept nowhere
    ("" where the customer accepts at Microsoft); generation: how often the link was made, each new one ends the
    one before. letter: the last message that the portal sent. opened_at: when the person went on from the first
    page, which mail scanners do not; to_confirm_at, scenario: when the customer was told to contact its partner
    (seeds 001, 004), and why. outcome and closed_at: how and when it ended; attestation: the record that it led to.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="invitations")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="invitations")
    request = models.OneToOneField(
        RelationshipRequest, on_delete=models.PROTECT, null=True, related_name="invitation"
    )
    place = models.CharField(max_length=20, choices=Place.choices)
    first_name = models.CharField(_("first name"), max_length=50)
    last_name = models.CharField(_("last name"), max_length=50)
    email = models.CharField(_("email address"), max_length=254)
    language = models.CharField(_("language"), max_length=15, default="en-US")
    message = models.TextField(_("message"), max_length=4000, blank=True)
    token_digest = models.CharField(max_length=64, blank=True, editable=False)
    generation = models.PositiveSmallIntegerField(default=1, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    invited_by_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    renewed_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    opened_at = models.DateTimeField(null=True, editable=False)
    reviewing_at = models.DateTimeField(null=True, editable=False)
    to_confirm_at = models.DateTimeField(null=True, editable=False)
    scenario = models.PositiveSmallIntegerField(null=True, choices=Scenario.choices, editable=False)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    decline_reason = models.CharField(_("reason"), max_length=500, blank=True)
    attestation = models.ForeignKey(
        Attestation, on_delete=models.PROTECT, null=True, editable=False, related_name="invitations"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(request__isnull=False), name="invitation_asks_somebody"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at__isnull=True)
                | Q(outcome__in=Outcome.values, closed_at__isnull=False),
                name="invitation_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(place="microsoft", token_digest="") | (Q(place="portal") & ~Q(token_digest="")),
                name="invitation_link_where_portal",
            ),
            models.UniqueConstraint(
                fields=["token_digest"], condition=~Q(token_digest=""), name="invitation_link_once"
            ),
            # One question at a time: a customer with an open invitation is not sent a second one.
            models.UniqueConstraint(
                fields=["customer"], condition=Q(outcome="", request__isnull=True), name="invitation_one_open"
            ),
            CompositeForeignKey(
                fields=["customer", "partner"],
                to_table="customers_customer",
                to_columns=["id", "partner_id"],
                name="invitation_own_customer",
            ),
            CompositeForeignKey(
                fields=["request", "partner"],
                to_table="customers_relationshiprequest",
                to_columns=["id", "partner_id"],
                name="invitation_own_request",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-created_at", "-id"], name="invitation_partner_created"),
            models.Index(fields=["expires_at"], name="invitation_open_expiry", condition=Q(outcome="")),
            # Whom a reminder may be due for.
            models.Index(fields=["renewed_at"], name="invitation_open_renewed", condition=Q(outcome="")),
            models.Index(
                fields=["partner", "to_confirm_at"],
                name="invitation_to_confirm",
                condition=Q(outcome="", to_confirm_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.company_name

    @property
    def company_name(self) -> str:
        named = self.customer or self.request
        return named.company_name if named else ""

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @property
    def is_expired(self) -> bool:
        """Whether its time is over, noticed or not. What the partner has to do does not expire."""
        return self.is_open and self.to_confirm_at is None and self.expires_at <= timezone.now()

    @property
    def state(self) -> InvitationState:
        """Its last word; what the customer did comes before what happened to the message."""
        if self.outcome:
            return InvitationState(self.outcome)
        if self.is_expired:
            return InvitationState.EXPIRED
        for happened_at, state in (
            (self.to_confirm_at, InvitationState.TO_CONFIRM),
            (self.reviewing_at, InvitationState.REVIEWING),
            (self.opened_at, InvitationState.OPENED),
        ):
            if happened_at is not None:
                return state
        return self._letter_state()

    def _letter_state(self) -> InvitationState:
        letter = self.letter
        if letter is None:
            return InvitationState.CREATED
        if letter.bounced_at is not None or letter.given_up_at is not None:
            return InvitationState.BOUNCED
        if letter.delivered_at is not None:
            return InvitationState.DELIVERED
        return InvitationState.SENT if letter.sent_at is not None else InvitationState.QUEUED

    def due_on(self, days: int, audience: str) -> bool:
        """Whether a reminder of so many days is due now: the customer's count from its message."""
        is_staff = audience == Audience.STAFF
        since = self.renewed_at if is_staff else self.letter and self.letter.queued_at
        return since is not None and since + timedelta(days=days) <= timezone.now()


class Audience(models.TextChoices):
    CUSTOMER = "customer", _("The customer")
    STAFF = "staff", _("Own staff")


class InvitationReminder(models.Model):
    """One reminder of one invitation: the row is what makes it go out once. days: after which it was due."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="reminders")
    generation = models.PositiveSmallIntegerField()
    audience = models.CharField(max_length=20, choices=Audience.choices)
    days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "generation", "audience", "days"], name="invitation_reminded_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()} +{self.days}"


class Receipt(models.Model):
    """What tells the named person that its acceptance was recorded, with the link "this was not me".

    token_digest: SHA-256 of the link's token, as of an invitation's.
    """

    attestation = models.OneToOneField(Attestation, on_delete=models.PROTECT, related_name="receipt")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"Receipt {self.public_id}"


class ConfirmationOutcome(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", _("Refused")
    TAKEN_BACK = "taken_back", _("Taken back")


class ConfirmationRequest(models.Model):
    """An indirect reseller asks its provider to confirm a customer's acceptance (seed 004), with all that it knows.

    partner: the provider, who confirms. The person and how it is known are stated as in a confirmation.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="asked_confirmations")
    reseller = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sent_confirmations")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="confirmation_requests")
    first_name = models.CharField(_("first name"), max_length=50)
    last_name = models.CharField(_("last name"), max_length=50)
    email = models.CharField(_("email address"), max_length=254)
    phone = models.CharField(_("phone number"), max_length=30, blank=True)
    agreed_on = models.DateField(_("agreement acceptance date"))
    language = models.CharField(_("language"), max_length=15)
    evidence_kind = models.CharField(_("how we know"), max_length=20)
    evidence_note = models.CharField(_("note"), max_length=500, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    outcome = models.CharField(max_length=20, choices=ConfirmationOutcome.choices, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by_name = models.CharField(max_length=200, blank=True, editable=False)
    attestation = models.ForeignKey(
        Attestation, on_delete=models.PROTECT, null=True, related_name="asked_by_resellers"
    )

    objects = ConfirmationRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(outcome=""), name="confirmation_one_open_request"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True)
                | Q(outcome__in=ConfirmationOutcome.values, decided_at__isnull=False),
                name="confirmation_request_decided",
            ),
            CompositeForeignKey(
                fields=["customer", "partner"],
                to_table="customers_customer",
                to_columns=["id", "partner_id"],
                name="confirmation_own_customer",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-asked_at", "-id"], name="confirmation_partner_asked"),
            models.Index(fields=["reseller", "-asked_at", "-id"], name="confirmation_reseller_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.reseller}: {self.customer}"
