"""This room's parts of Account info."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers import addresses
from customers.models import AccountStatus, BillTo, Customer, QualificationStatus, Tag
from customers.models.companies import Address
from customers.rules import why_cannot_transact
from customers.services import DenialReason
from portal.audit.models import AuditEvent
from portal.common.panels import Panel
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission

Fact = tuple[str | Promise, object]
QUALIFICATION_TONES = {
    QualificationStatus.IN_REVIEW: "info",
    QualificationStatus.APPROVED: "ok",
    QualificationStatus.DENIED: "bad",
}
ACCOUNT_TONES = {AccountStatus.APPROVED: "ok", AccountStatus.UNDER_REVIEW: "warn", AccountStatus.NOT_APPROVED: "bad"}


def company_panel(request: MemberRequest, customer: Customer) -> Panel:
    edit = (_("Update"), reverse("customers:edit", args=[customer.tenant_id]))
    facts = [
        (_("Company name"), customer.company_name),
        *_place(customer),
        (_("Registration number"), customer.registration_number),
    ]
    return Panel(
        key="company",
        title=_("Company"),
        body="customers/_company.html",
        data={"facts": _known(facts, always=3)},
        commands=(edit,) if request.membership.can(Permission.CUSTOMERS_EDIT) else (),
    )


def _place(place: Address) -> list[Fact]:
    """An address in the manner of its country."""
    asked = addresses.rules_for(str(place.country))
    return [
        (_("Country or region"), place.country_name),
        (_("Address"), ", ".join(part for part in (place.address_line1, place.address_line2) if part)),
        (asked.postal_code_label, place.postal_code),
        (_("City"), place.city),
        (asked.state_label, dict(asked.states).get(place.state, place.state)),
    ]


def _known(facts: list[Fact], *, always: int) -> list[Fact]:
    """The first few in any case, the others where there is something to say."""
    return [fact for number, fact in enumerate(facts) if fact[1] or number < always]


def account_panel(request: MemberRequest, customer: Customer) -> Panel:
    """What Microsoft and the program know of the customer: ids, special qualification, vetting, reseller."""
    member, customer_id = request.membership, customer.tenant_id
    commands = []
    if member.can(Permission.CUSTOMERS_EDIT):
        commands.append((_("Update"), reverse("customers:qualification", args=[customer_id])))
    return Panel(
        key="account",
        title=_("Customer account info"),
        body="customers/_account.html",
        data={
            "customer": customer,
            "qualification_tone": QUALIFICATION_TONES.get(customer.qualification_status, "neutral"),
            "denial": denial(customer),
            "account_tone": ACCOUNT_TONES[AccountStatus(customer.account_status)],
            "why_not": why_cannot_transact(customer.account_status),
        },
        commands=tuple(commands),
    )


def denial(customer: Customer) -> str | Promise:
    """Why the special qualification was denied, as staff said when they decided."""
    if customer.qualification_status != QualificationStatus.DENIED:
        return ""
    decided = AuditEvent.objects.filter(
        partner_id=customer.partner_id, customer_id=customer.tenant_id, code="customers.qualification_decided"
    )
    last = decided.newest_first().first()
    return dict(DenialReason.choices).get(last.facts.get("reason", ""), "") if last else ""


def bill_to_panel(request: MemberRequest, customer: Customer) -> Panel:
    """Where the invoices go."""
    row: BillTo | None = getattr(customer, "bill_to", None)
    facts: list[Fact] = []
    if row is not None:
        person = ", ".join(part for part in (f"{row.first_name} {row.last_name}", row.email, str(row.phone)) if part)
        facts = [(_("Company name"), row.company_name), *_place(row), (_("Contact for invoices"), person)]
    edit = (_("Update"), reverse("customers:bill_to", args=[customer.tenant_id]))
    return Panel(
        key="bill-to",
        title=_("Bill-to"),
        body="customers/_bill_to.html",
        data={"facts": _known(facts, always=3)},
        commands=(edit,) if request.membership.can(Permission.CUSTOMERS_EDIT) else (),
    )


def contacts_panel(request: MemberRequest, customer: Customer) -> Panel:
    may_edit = customer.is_active and request.membership.can(Permission.CUSTOMERS_EDIT)
    add = (_("Add contact"), reverse("customers:new_contact", args=[customer.tenant_id]))
    primary = customer.primary_contact_id
    contacts = customer.contacts.order_by("last_name", "first_name", "id")
    return Panel(
        key="contacts",
        title=_("Contacts"),
        body="customers/_contacts.html",
        data={
            "customer": customer,
            "contacts": sorted(contacts, key=lambda each: each.public_id != primary),
            "may_edit": may_edit,
        },
        commands=(add,) if may_edit else (),
    )


def tags_panel(request: MemberRequest, customer: Customer) -> Panel | None:
    """The partner's own labels: to everybody else they do not exist."""
    if request.membership.partner_id != customer.partner_id:
        return None
    assign = (_("Assign tags"), reverse("customers:edit_tags", args=[customer.tenant_id]))
    may_edit = customer.is_active and request.membership.can(Permission.CUSTOMERS_EDIT)
    return Panel(
        key="tags",
        title=_("Tags"),
        body="customers/_tags.html",
        data={"tags": Tag.objects.of_customer(customer)},
        commands=(assign,) if may_edit else (),
    )
