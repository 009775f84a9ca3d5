"""Every model belongs to a partner, by a column or by a declared way, or is listed with a reason."""

from django.db import models

from customers.models import Contact, CustomerUser
from portal.partners.models import Partner
from portal.tests.guards.helpers import own_models, report

# Model -> fields that lead from its row to the partner (or to the tenant, the customer company itself).
REACHES = {
    "customers.BillTo": "customer__partner",
    "customers.Contact": "customer__partner",
    "customers.CustomerUser": "tenant",
    "agreements.AttestationPerson": "attestation__partner",
    "agreements.AttestationEvent": "attestation__partner",
    "agreements.AttestationEventDetail": "event__attestation__partner",
    "agreements.InvitationReminder": "invitation__partner",
    "agreements.Receipt": "attestation__partner",
    "orders.CartLine": "cart__partner",
    "orders.OrderLine": "order__partner",
    "audit.AuditEventDetail": "event__partner_id",
    "tokens.ApiSecret": "client__partner",
    "tokens.Consent": "client__partner",
    "tokens.AuthorizationCode": "consent__client__partner",
    "tokens.RefreshToken": "consent__client__partner",
    "webhooks.Delivery": "registration__partner",
    "webhooks.DeliveryAttempt": "delivery__registration__partner",
}
PORTAL_WIDE = {
    "partners.User": "a person may work for several partners; memberships say for which",
    "partners.Partner": "is the partner",
    "partners.PartnerLink": "joins two partners, provider and reseller",
    "customers.Tenant": "is the customer company itself, known to every partner that has it as a customer",
    "agreements.AgreementTemplate": "the agreement's texts are the same for everybody",
    "agreements.AgreementDocument": "the agreement's texts are the same for everybody",
    "orders.Product": "the catalog is portal-wide",
    "orders.Sku": "the catalog is portal-wide",
    "orders.Availability": "the catalog is portal-wide",
    "orders.Price": "the catalog is portal-wide",
    "orders.PriceList": "price lists are the portal's, read by staff alone",
    "orders.PriceListRow": "price lists are the portal's, read by staff alone",
    "audit.ChainHead": "chains are named by partner; no partner reads them as rows",
    "audit.ChainEntry": "chains are named by partner; no partner reads them as rows",
    "audit.SigningKey": "the portal's public keys are for everybody",
    "audit.Checkpoint": "is of a chain, which names its partner; visible_to() reads that name",
    "audit.TimeStamp": "is of a checkpoint, through which alone it is reached",
    "webhooks.WebhookKey": "the portal signs every partner's notices with the same key",
    "jobs.StoredAnswer": "keyed by who asked; only the same caller's same request finds it",
    "jobs.ApiUsage": "counts by partner id below the room of partners; nobody reads it as rows",
    "tokens.TokenKey": "the portal's public keys are for everybody",
    "jobs.Submission": "keyed by who submits; only the same person's same form finds it",
    "jobs.Letter": "says what became of a message, not whose it is; found only from what it is about",
}


def has_own_partner(model: type[models.Model]) -> bool:
    names = {field.attname for field in model._meta.concrete_fields}
    return "partner_id" in names


def leads_to_partner(model: type[models.Model], way: str) -> bool:
    """Whether the fields exist and end at a partner, a tenant or a partner's id."""
    step: type[models.Model] | None = model
    for name in way.split("__"):
        if step is None or name not in {f.name for f in step._meta.concrete_fields}:
            return False
        field = step._meta.get_field(name)
        step = field.related_model if isinstance(field, models.ForeignKey) else None
    return way.endswith("partner_id") or (
        step is not None and step._meta.label in ("partners.Partner", "customers.Tenant")
    )


def unscoped(all_models: list[type[models.Model]], reaches: dict[str, str], wide: dict[str, str]) -> list[str]:
    complaints = []
    labels = {model._meta.label: model for model in all_models}
    for label, model in labels.items():
        if has_own_partner(model) or label in wide:
            continue
        if label not in reaches:
            complaints.append(f"{label}: give it a partner, or say in REACHES how it gets to one")
        elif not leads_to_partner(model, reaches[label]):
            complaints.append(f"{label}: {reaches[label]} does not lead to a partner")
    for label in (*reaches, *wide):
        if label not in labels:
            complaints.append(f"{label}: there is no such model any more; take it off the list")
        elif has_own_partner(labels[label]):
            complaints.append(f"{label}: has a partner of its own now; take it off the list")
    return complaints


def test_every_model_is_scoped() -> None:
    complaints = unscoped(own_models(), REACHES, PORTAL_WIDE)
    assert not complaints, report(complaints)


def test_no_model_is_listed_twice() -> None:
    assert not set(REACHES) & set(PORTAL_WIDE)


def test_the_guard_complains() -> None:
    assert "give it a partner" in unscoped([Contact], {}, {})[0]
    assert "does not lead" in unscoped([Contact], {"customers.Contact": "customer__tenant__domain"}, {})[0]
    assert "does not lead" in unscoped([Contact], {"customers.Contact": "nowhere"}, {})[0]
    assert "no such model" in unscoped([], {"customers.Gone": "partner"}, {})[0]
    assert unscoped([CustomerUser], {"customers.CustomerUser": "tenant"}, {}) == []
    assert unscoped([Partner], {}, {"partners.Partner": "x"}) == []
