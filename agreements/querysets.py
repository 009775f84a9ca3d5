from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.audit.appendonly import AppendOnlyQuerySet, ErasableQuerySet
from portal.partners.permissions import Permission

if TYPE_CHECKING:
    from agreements.models import (
        AgreementDocument,
        AgreementTemplate,
        Approval,
        Attestation,
        ConfirmationRequest,
        EnhancedAttestation,
        EvidenceUpload,
        Invitation,
    )
    from customers.models import Customer
    from portal.partners.models import Membership

MCA = "MicrosoftCustomerAgreement"
DISPUTES = ("disputed", "dispute_resolved")
# When an invitation needs a look.
OVER_SOON, DECLINED_LATELY = timedelta(days=3), timedelta(days=14)
# How many records of a customer its history shows.
SHOWN = 20


class TemplateQuerySet(models.QuerySet["AgreementTemplate"]):
    def in_force(self, *, on: date, type: str = MCA) -> "AgreementTemplate | None":
        """The newest version whose effective date has come."""
        return self.filter(type=type, effective_on__lte=on).order_by("-effective_on").first()

    def stale_before(self, *, today: date) -> date | None:
        """Acceptances agreed before this date no longer cover; None when no renewal is enforced yet."""
        enforced = self.filter(type=MCA, renewal_enforced_on__lte=today)
        return max((day for day in enforced.values_list("renew_before", flat=True) if day), default=None)


class DocumentQuerySet(models.QuerySet["AgreementDocument"]):
    def for_customer(self, template: "AgreementTemplate", country: str) -> Self:
        """The documents of the customer's country; of the US where the country has none (facts 1.5)."""
        own = self.filter(template=template, country=country)
        return own if own.exists() else self.filter(template=template, country="US")


def scopes_of(customer: "Customer") -> list[int]:
    """Whose records count for this customer: its partner's, and the company's own (0) once it has accepted the
    relationship with that partner.
    """
    own = [customer.partner_id]
    return own if customer.relationship_accepted_at is None else [0, *own]


def events_with_detail() -> Prefetch[str, Any, str]:
    """What happened to records, with what was said, in one query."""
    from agreements.models import AttestationEvent  # querysets are imported by models

    return Prefetch("events", AttestationEvent.objects.select_related("detail"))


class AttestationQuerySet(AppendOnlyQuerySet):
    def visible_to(self, membership: "Membership") -> Self:
        """The records that a member may see in full: the partner's own and the customers' direct ones.

        Who may confirm sees all of them; who may only attest on the customer's behalf, those so made.
        """
        # Of what the company accepts once the relationship was removed, that partner learns nothing.
        removed_at = "tenant__customers__removed_at"
        in_time = Q(**{f"{removed_at}__isnull": True}) | Q(recorded_at__lt=F(removed_at))
        mine = Q(partner_id=membership.partner_id) | Q(
            in_time,
            partner__isnull=True,
            tenant__customers__partner_id=membership.partner_id,
            # Whoever only claims the relationship learns nothing of the company's own acceptance.
            tenant__customers__relationship_accepted_at__isnull=False,
        )
        if membership.can(Permission.AGREEMENTS_VIEW_RECORDS):
            return self.filter(mine).distinct()
        if membership.can(Permission.AGREEMENTS_ATTEST):
            return self.filter(partner_id=membership.partner_id, method="on_behalf")
        return self.none()

    def of_customer(self, customer: "Customer") -> Self:
        """Everything that counts for one customer: its partner's records and the direct ones."""
        return self.filter(tenant_id=customer.tenant_id, scope__in=scopes_of(customer))

    def visible_of(self, membership: "Membership", customer: "Customer") -> Self:
        """`visible_to` and `of_customer` at once, for a customer that the member sees."""
        is_own = customer.partner_id == membership.partner_id
        # What a partner learns of its own customer is written on the customer: nothing has to be joined.
        every = is_own and customer.removed_at is None and membership.can(Permission.AGREEMENTS_VIEW_RECORDS)
        return (self if every else self.visible_to(membership)).of_customer(customer)

    def with_details(self) -> Self:
        """With person, text and events, for showing."""
        rows = self.select_related("person", "document__template", "partner", "supersedes")
        return rows.prefetch_related(events_with_detail())

    def newest_first(self) -> Self:
        return self.order_by("-recorded_at", "-id")

    def history(self) -> list["Attestation"]:
        """The newest, with person, events, the state that `with_state` annotates, and `waits`: whether a second
        person is asked to replace it; read by what is shown of them.

        The state is decided from the events at hand, which takes less than half the time of asking for it.
        """
        shown = ("reference", "agreement_type", "method", "evidence_kind", "agreed_on", "recorded_at")
        from agreements.models import Approval  # querysets are imported by models

        waits = Exists(Approval.objects.filter(record=OuterRef("pk"), outcome=""))
        rows = self.annotate(is_superseded=Q(superseded_by__isnull=False), waits=waits).select_related("person")
        records = list(
            rows.only(*shown, "actor_name", "supersede_reason", "person")
            .prefetch_related(events_with_detail())
            .newest_first()[:SHOWN]
        )
        for record in records:
            kinds = [event.kind for event in record.events.all()]
            record.is_withdrawn = "withdrawn" in kinds
            record.dispute = next((kind for kind in reversed(kinds) if kind in DISPUTES), None)
        return records

    def latest_of_line(self) -> Self:
        """Not superseded: the last record of each line, current or not."""
        return self.filter(superseded_by__isnull=True)

    def with_state(self) -> Self:
        """Annotate `is_superseded`, `is_withdrawn` and `dispute` (kind of the last dispute event, or None)."""
        from agreements.models import Attestation, AttestationEvent  # querysets are imported by models

        events = AttestationEvent.objects.filter(attestation=OuterRef("pk"))
        disputes = events.filter(kind__in=DISPUTES).order_by("-at", "-id")
        return self.annotate(
            is_superseded=Exists(Attestation.objects.filter(supersedes=OuterRef("pk"))),
            is_withdrawn=Exists(events.filter(kind="withdrawn")),
            dispute=Subquery(disputes.values("kind")[:1]),
        )

    def current(self) -> Self:
        """Not superseded, not withdrawn, no open dispute. The state is not annotated: every gated write asks this."""
        from agreements.models import AttestationEvent  # querysets are imported by models

        events = AttestationEvent.objects.filter(attestation=OuterRef("pk"))
        said = events.filter(kind__in=DISPUTES).order_by("-at", "-id").values("kind")[:1]
        current = self.latest_of_line().alias(last_said=Coalesce(Subquery(said), Value("")))
        return current.filter(~Q(last_said="disputed"), ~Exists(events.filter(kind="withdrawn")))

    def covering(self, *, customer: "Customer", stale_before: date | None) -> Self:
        """The records that let this customer's partner transact for it, the partner's own first."""
        found = self.current().of_customer(customer).filter(agreement_type=MCA)
        if stale_before is not None:
            found = found.filter(agreed_on__gte=stale_before)
        return found.order_by("-scope", "-id")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, membership: "Membership") -> Self:
        """The partner's own, for who may invite; a reseller sees those that go with its own requests."""
        if membership.partner.is_reseller:
            may = membership.can(Permission.CUSTOMERS_REQUEST_RELATIONSHIP)
            return self.filter(request__asked_by_id=membership.partner_id) if may else self.none()
        may = membership.can(Permission.AGREEMENTS_INVITE)
        return self.filter(partner_id=membership.partner_id) if may else self.none()

    def with_details(self) -> Self:
        return self.select_related("customer__tenant", "request__reseller", "partner", "letter", "attestation")

    def open(self) -> Self:
        return self.filter(outcome="")

    def alive(self) -> Self:
        """Open, and its time is not over."""
        return self.open().filter(Q(expires_at__gt=timezone.now()) | Q(to_confirm_at__isnull=False))

    def bounced(self) -> Self:
        """Open, and the message came back or could not be sent, and nobody has answered all the same."""
        lost = Q(letter__bounced_at__isnull=False) | Q(letter__given_up_at__isnull=False)
        silent = {"opened_at__isnull": True, "reviewing_at__isnull": True, "to_confirm_at__isnull": True}
        return self.alive().filter(lost, **silent)

    def ended(self) -> Self:
        """Answered, taken back, or their time is over, noticed or not."""
        over = Q(expires_at__lte=timezone.now(), to_confirm_at__isnull=True)
        return self.filter(~Q(outcome="") | over)

    def of_customer(self, customer: "Customer") -> Self:
        """Those that ask only for the agreement. A request has no customer before the relationship is accepted; after
        that, if it is open still, the agreement is what it waits for.
        """
        return self.filter(customer=customer)

    def needing_attention(self, membership: "Membership") -> Self:
        """Where somebody has to act: could not be delivered, is over soon, or was declined lately, and the customer
        was not invited again since, nor is its acceptance on record.
        """
        now = timezone.now()
        lost = Q(letter__bounced_at__isnull=False) | Q(letter__given_up_at__isnull=False)
        undelivered = lost & Q(opened_at=None, reviewing_at=None)
        is_open = Q(outcome="", to_confirm_at__isnull=True, expires_at__gt=now)
        unanswered = Q(customer__attested_on=None, customer__direct_on=None, customer__invited_at=None)
        declined = Q(outcome="declined", closed_at__gt=now - DECLINED_LATELY) & unanswered
        wanted = is_open & (undelivered | Q(expires_at__lte=now + OVER_SOON)) | declined
        return self.visible_to(membership).filter(wanted, customer__removed_at=None).order_by("-renewed_at", "-id")

    def to_confirm(self, membership: "Membership") -> Self:
        """Whose customers were told to contact this partner, for who may attest on their behalf (seed 001)."""
        if not membership.can(Permission.AGREEMENTS_ATTEST):
            return self.none()
        own = self.open().filter(partner_id=membership.partner_id, to_confirm_at__isnull=False)
        return own.filter(customer__isnull=False, customer__removed_at__isnull=True).order_by("to_confirm_at", "id")


class ConfirmationRequestQuerySet(models.QuerySet["ConfirmationRequest"]):
    def visible_to(self, membership: "Membership") -> Self:
        """What its resellers ask of a provider, for who may confirm; what a reseller asked, for who may ask."""
        mine = Q()
        if membership.can(Permission.AGREEMENTS_CONFIRM):
            mine |= Q(partner_id=membership.partner_id)
        if membership.can(Permission.AGREEMENTS_PREPARE):
            mine |= Q(reseller_id=membership.partner_id)
        return self.filter(mine) if mine else self.none()

    def with_details(self) -> Self:
        return self.select_related("customer__tenant", "partner", "reseller", "attestation")

    def open(self) -> Self:
        return self.filter(outcome="")

    def newest_first(self) -> Self:
        return self.order_by("-asked_at", "-id")


class EvidenceQuerySet(ErasableQuerySet):
    def visible_to(self, membership: "Membership") -> Self:
        """The files of the records that a member sees in full."""
        if membership.can(Permission.AGREEMENTS_VIEW_RECORDS):
            return self.filter(partner_id=membership.partner_id)
        if membership.can(Permission.AGREEMENTS_ATTEST):
            return self.filter(partner_id=membership.partner_id, attestation__method="on_behalf")
        return self.none()

    def in_order(self) -> Self:
        return self.order_by("added_at", "id")


class EvidenceUploadQuerySet(models.QuerySet["EvidenceUpload"]):
    def of_owner(self, *, partner_id: int, owner_id: int) -> Self:
        """What this person sent for this partner; nobody else sees or uses it."""
        return self.filter(partner_id=partner_id, owner_id=owner_id)


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def visible_to(self, membership: "Membership") -> Self:
        """The partner's, for who sees records in full; who attests on behalf sees what they asked for themselves."""
        if membership.can(Permission.AGREEMENTS_VIEW_RECORDS):
            return self.filter(partner_id=membership.partner_id)
        if membership.can(Permission.AGREEMENTS_ATTEST):
            return self.filter(partner_id=membership.partner_id, asked_by_id=membership.user_id)
        return self.none()

    def with_details(self) -> Self:
        return self.select_related("customer__tenant", "partner", "record__person", "attestation")

    def open(self) -> Self:
        return self.filter(outcome="")

    def newest_first(self) -> Self:
        return self.order_by("-asked_at", "-id")


class EnhancedAttestationQuerySet(models.QuerySet["EnhancedAttestation"]):
    def visible_to(self, membership: "Membership") -> Self:
        """The partner's own, for who may confirm an acceptance."""
        may = membership.can(Permission.AGREEMENTS_CONFIRM)
        return self.filter(partner_id=membership.partner_id) if may else self.none()
