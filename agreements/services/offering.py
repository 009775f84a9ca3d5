"""What a company may accept by itself: which texts, for which partners, and what it has accepted already."""

from collections.abc import Mapping

from django.utils import timezone

from agreements import rules
from agreements.models import DIRECT_SCOPE, AgreementDocument, AgreementTemplate, Attestation, EventKind
from agreements.querysets import AttestationQuerySet, DocumentQuerySet
from customers.models import Customer, Tenant
from portal.partners.models import Partner


def contact_scenario(*, tenant: Tenant, partner_id: int) -> int | None:
    """Whether the company has to contact this partner instead of accepting, and in which scenario of seed 001."""
    return contact_scenarios(tenant=tenant, partner_ids=[partner_id])[partner_id]


def contact_scenarios(*, tenant: Tenant, partner_ids: list[int]) -> Mapping[int, int | None]:
    """As `contact_scenario`, of many partners with the same few queries."""
    purchases = Customer.objects.filter(tenant=tenant, bought_at__isnull=False)
    bought_from = set(purchases.values_list("partner_id", flat=True))
    has_accepted_directly = own_records(tenant).exists()
    return {
        partner_id: rules.contact_scenario(
            bought_here=partner_id in bought_from,
            bought_elsewhere=bool(bought_from - {partner_id}),
            has_accepted_directly=has_accepted_directly,
        )
        for partner_id in partner_ids
    }


def covering_directly(*, tenant: Tenant) -> Attestation | None:
    """The company's own acceptance that is in force, for whoever it has or accepts a relationship with."""
    stale_before = AgreementTemplate.objects.stale_before(today=timezone.now().date())
    own = Attestation.objects.current().filter(tenant=tenant, scope=DIRECT_SCOPE)
    if stale_before is not None:
        own = own.filter(agreed_on__gte=stale_before)
    return own.order_by("-id").first()


def is_own_disputed(*, tenant: Tenant) -> bool:
    """Whether somebody says that the company's own acceptance is wrong, and nobody has answered for it."""
    last = Attestation.objects.latest_of_line().with_state().filter(tenant=tenant, scope=DIRECT_SCOPE)
    return last.filter(dispute=EventKind.DISPUTED, is_withdrawn=False).exists()


def documents_for(country: str, *, partner: Partner) -> DocumentQuerySet:
    """The texts in force today that a company of this country may choose from, one a language.

    partner: whose calendar counts.
    """
    template = AgreementTemplate.objects.in_force(on=partner.today)
    if template is None:
        return AgreementDocument.objects.none()
    return AgreementDocument.objects.for_customer(template, country).order_by("language")


def own_records(tenant: Tenant) -> AttestationQuerySet:
    """What the company accepted by itself and nobody withdrew, in force or not."""
    own = Attestation.objects.filter(tenant=tenant, scope=DIRECT_SCOPE)
    return own.exclude(events__kind=EventKind.WITHDRAWN)
