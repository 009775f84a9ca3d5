"""The record of who accepted. Nothing recorded here is ever changed."""

import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from agreements.models.texts import AgreementDocument, AgreementType
from agreements.querysets import AttestationQuerySet
from customers.models import Tenant
from portal.audit.appendonly import AppendOnlyModel, ErasableModel
from portal.audit.services import salted_digest
from portal.audit.triggers import Trigger
from portal.common.constraints import CompositeForeignKey
from portal.partners.models import Partner

# The scope of a customer's own acceptance, which covers every partner.
DIRECT_SCOPE = 0


class Method(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed by partner")
    ON_BEHALF = "on_behalf", _("Attested on the customer's behalf")
    CUSTOMER_DIRECT = "customer_direct", _("Accepted by the customer directly")


class Scenario(models.IntegerChoices):
    """The two cases of seed 001 in which a customer is told to contact its partner."""

    EXISTING_PARTNER = 1, _("Scenario 1: the customer bought through this partner before and buys again")
    NEW_PARTNER = 2, _("Scenario 2: the customer bought before and now buys through a new partner")


class EvidenceKind(models.TextChoices):
    SIGNED_DOCUMENT = "signed_document", _("Signed document")
    EMAIL = "email", _("Email")
    CALL_NOTE = "call_note", _("Note of a call")
    ESIGN_CERTIFICATE = "esign_certificate", _("E-signature certificate")
    IN_PERSON = "in_person", _("In person")
    MICROSOFT = "microsoft", _("Seen in Microsoft's admin center")
    OTHER = "other", _("Other (say what in the note)")
    # Only the customer's own acceptance is known in this way; nobody states it for the customer.
    PORTAL = "portal", _("Accepted on the portal's own pages")
    # What the portal saw itself: nobody states it, a partner's confirmation refers to it (EnhancedAttestation).
    HOSTED = "hosted", _("Accepted by the signatory on the portal's hosted page")

    @classmethod
    def stated(cls) -> list[tuple[str, str | Promise]]:
        """The choices of whoever states that a customer accepted."""
        return [(value, label) for value, label in cls.choices if value not in (cls.PORTAL, cls.HOSTED)]


class SupersedeReason(models.TextChoices):
    CORRECTION = "correction", _("Correction")
    RENEWAL = "renewal", _("Renewal")
    NEW_SIGNER = "new_signer", _("New signer")


class Attestation(AppendOnlyModel):
    """A statement that a customer accepted an agreement: who, when, which text, and how we know.

    scope: the partner's id, or 0 for the customer's own acceptance, which covers every partner. Records of
    one (tenant, scope, type) form a single line; the last one that is neither withdrawn nor disputed is
    current. agreed_on: date in the partner's zone; recorded_on: recorded_at as a date in time_zone.
    """

    reference = models.UUIDField(_("reference"), default=uuid.uuid4, unique=True, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="attestations")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="attestations")
    scope = models.BigIntegerField()
    agreement_type = models.CharField(max_length=40, choices=AgreementType.choices)
    document = models.ForeignKey(AgreementDocument, on_delete=models.PROTECT, related_name="attestations")
    method = models.CharField(_("method"), max_length=20, choices=Method.choices)
    scenario = models.PositiveSmallIntegerField(_("scenario"), null=True, choices=Scenario.choices)
    agreed_on = models.DateField(_("agreement acceptance date"))
    evidence_kind = models.CharField(_("how we know"), max_length=20, choices=EvidenceKind.choices)
    person_digest = models.CharField(max_length=64)
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    supersede_reason = models.CharField(max_length=20, choices=SupersedeReason.choices, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_on = models.DateField()
    time_zone = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=20)
    actor_user_id = models.BigIntegerField(null=True)
    # Empty where the customer's own person recorded it: that name is with the person, who may be erased.
    actor_name = models.CharField(_("recorded by"), max_length=200, blank=True)
    roles = models.JSONField(_("roles held"), default=list)
    door = models.CharField(_("recorded through"), max_length=20)
    request_id = models.CharField(max_length=32, blank=True)
    approver_user_id = models.BigIntegerField(null=True)
    approver_name = models.CharField(_("approved by"), max_length=200, blank=True, default="", db_default="")

    # Annotated by AttestationQuerySet.with_state.
    is_superseded: bool
    is_withdrawn: bool
    dispute: str | None
    # Annotated by AttestationQuerySet.history.
    waits: bool

    objects = AttestationQuerySet.as_manager()

    class Meta:
        constraints = [
            # The target of orders' composite foreign key: the acceptance they relied on.
            models.UniqueConstraint(fields=["tenant", "scope", "id"], name="attestation_tenant_scope_id"),
            models.UniqueConstraint(
                fields=["tenant", "scope", "agreement_type"],
                condition=Q(supersedes__isnull=True),
                name="attestation_one_line",
            ),
            models.CheckConstraint(
                condition=Q(method="customer_direct", partner__isnull=True, scope=DIRECT_SCOPE)
                | (~Q(method="customer_direct") & Q(partner__isnull=False, scope=F("partner_id"))),
                name="attestation_scope_fits_method",
            ),
            models.CheckConstraint(condition=Q(agreed_on__lte=F("recorded_on")), name="attestation_not_in_future"),
            # No zone is more than 14 hours ahead of UTC, so the local date is at most the next one.
            models.CheckConstraint(
                condition=Q(
                    recorded_on__lte=ExpressionWrapper(
                        TruncDate("recorded_at") + timedelta(days=1),
                        output_field=models.DateField(),
                    )
                ),
                name="attestation_recorded_today",
            ),
            models.CheckConstraint(
                condition=Q(method__in=Method.values, evidence_kind__in=EvidenceKind.values),
                name="attestation_method_and_evidence_known",
            ),
            models.CheckConstraint(
                condition=~Q(evidence_kind="portal") | Q(method="customer_direct"),
                name="attestation_portal_only_by_customer",
            ),
            models.CheckConstraint(
                condition=~Q(evidence_kind="hosted") | Q(method="confirmed"),
                name="attestation_hosted_only_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(method="on_behalf", scenario__isnull=False, scenario__in=[1, 2])
                | (~Q(method="on_behalf") & Q(scenario__isnull=True)),
                name="attestation_scenario_fits_method",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, supersede_reason="")
                | Q(supersedes__isnull=False, supersede_reason__in=SupersedeReason.values),
                name="attestation_supersedes_with_reason",
            ),
            CompositeForeignKey(
                fields=["tenant", "scope", "supersedes"],
                to_table="agreements_attestation",
                to_columns=["tenant_id", "scope", "id"],
                name="attestation_supersedes_own_line",
            ),
        ]
        indexes = [models.Index(fields=["partner", "-recorded_at", "-id"], name="attestation_partner_recorded")]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.agreed_on}"

    @property
    def recorded_by(self) -> str:
        """The name of who recorded it; "" for the customer's own person once erased."""
        person: AttestationPerson | None = getattr(self, "person", None)
        return self.actor_name or (person.recorded_by if person else "")


PERSONAL = ("first_name", "last_name", "email", "phone", "evidence_note", "reason_note")
_ERASED = (
    "SELECT 1 FROM agreements_attestationevent e WHERE e.attestation_id = {row}.attestation_id AND e.kind = 'erased'"
)


class AttestationPerson(ErasableModel):
    """Who accepted, as typed, with the free-text notes about it: everything personal of one record.

    authority: in what capacity a person said to accept by itself, such as "Managing director"; empty where a partner
    states the acceptance. Covered by Attestation.person_digest with this row's salt; erasing the row leaves the
    record provable. recorded_by: name of the customer's person who recorded it, which the chain covers beside it.
    """

    attestation = models.OneToOneField(Attestation, on_delete=models.PROTECT, related_name="person")
    first_name = models.CharField(_("first name"), max_length=50)
    last_name = models.CharField(_("last name"), max_length=50)
    email = models.CharField(_("email address"), max_length=254)
    phone = PhoneNumberField(_("phone number"), blank=True)
    authority = models.CharField(_("position"), max_length=150, blank=True)
    evidence_note = models.CharField(_("note"), max_length=500, blank=True)
    reason_note = models.CharField(_("reason"), max_length=500, blank=True)
    recorded_by = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    salt = models.CharField(max_length=64, editable=False)

    # Erasing is an event of the record, and what was erased never comes back: nobody is put in a person's place.
    guards = (
        Trigger(
            "agreements_attestationperson",
            "DELETE",
            "a person is never removed without the event that says so",
            when=f"NOT EXISTS ({_ERASED.format(row='OLD')})",
        ),
        Trigger(
            "agreements_attestationperson",
            "INSERT",
            "an erased person never comes back",
            when=f"EXISTS ({_ERASED.format(row='NEW')})",
        ),
    )

    def __str__(self) -> str:
        return self.full_name

    @staticmethod
    def digest(salt: str, details: Mapping[str, str]) -> str:
        """What Attestation.person_digest holds: salted, over the names, address, number and notes as stored.

        The authority is covered where there is one: records from before it was asked for keep their digest.
        """
        return salted_digest(salt, AttestationPerson.covered(details))

    @staticmethod
    def covered(details: Mapping[str, str]) -> dict[str, str]:
        """The value that `digest` covers."""
        covered = {field: str(details[field]) for field in PERSONAL}
        authority = details.get("authority", "")
        return covered | {"authority": authority} if authority else covered

    @property
    def details(self) -> dict[str, str]:
        """As they are stored, which is what the digest covers: the number letter by letter."""
        phone = (self.phone.raw_input or self.phone.as_e164) if self.phone else ""
        return {field: getattr(self, field) for field in (*PERSONAL, "authority")} | {"phone": phone}

    @property
    def contact_fields(self) -> dict[str, str]:
        """What makes a confirmation the same again (Partner Center's 600061); the number in E.164, or as it was
        written where it is none: programs send any.
        """
        phone = self.details["phone"]
        if self.phone and self.phone.is_valid():
            phone = self.phone.as_e164
        return {"first_name": self.first_name, "last_name": self.last_name, "email": self.email, "phone": phone}

    @property
    def fits_record(self) -> bool:
        """Whether this is the person that the record was made about."""
        return self.digest(self.salt, self.details) == self.attestation.person_digest

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class EventKind(models.TextChoices):
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DISPUTED = "disputed", _("Disputed")
    DISPUTE_RESOLVED = "dispute_resolved", _("Dispute resolved")
    ERASED = "erased", _("Person erased")


class AttestationEvent(AppendOnlyModel):
    """Something that happened to a record after it was made."""

    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_user_id = models.BigIntegerField(null=True)
    # Empty for the customer's own person, who is named in the detail.
    actor_name = models.CharField(max_length=200, blank=True)
    roles = models.JSONField(default=list)
    door = models.CharField(max_length=20)

    class Meta:
        ordering = ("at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["attestation"], condition=Q(kind="withdrawn"), name="attestation_withdrawn_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"

    @property
    def reason(self) -> str:
        """What was said; "" once that is erased."""
        detail: AttestationEventDetail | None = getattr(self, "detail", None)
        return detail.reason if detail else ""

    @property
    def who(self) -> str:
        """The name of who acted; "" for a customer's person whose data was erased."""
        detail: AttestationEventDetail | None = getattr(self, "detail", None)
        return self.actor_name or (detail.actor_name if detail else "")


_RECORD_ERASED = (
    "SELECT 1 FROM agreements_attestationevent mine JOIN agreements_attestationevent e "
    "ON e.attestation_id = mine.attestation_id WHERE mine.id = OLD.event_id AND e.kind = 'erased'"
)


class AttestationEventDetail(ErasableModel):
    """What somebody said of a record in free text, and who, where that is the customer's own person.

    The chain covers both by a digest with this row's salt.
    """

    event = models.OneToOneField(AttestationEvent, on_delete=models.PROTECT, related_name="detail")
    reason = models.CharField(_("reason"), max_length=500)
    actor_name = models.CharField(max_length=200, blank=True)
    salt = models.CharField(max_length=64, editable=False)

    guards = (
        Trigger(
            "agreements_attestationeventdetail",
            "DELETE",
            "what was said of a record is never removed without the event that says so",
            when=f"NOT EXISTS ({_RECORD_ERASED})",
        ),
    )

    def __str__(self) -> str:
        return f"Detail of {self.event}"
