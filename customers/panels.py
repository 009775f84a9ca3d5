"""This room's parts of Account info."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers import addresses
from customers.models import Customer
from portal.common.panels import Panel
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


def company_panel(request: MemberRequest, customer: Customer) -> Panel:
    asked = addresses.rules_for(str(customer.country))
    facts = [
        (_("Company name"), customer.company_name),
        (_("Microsoft ID"), customer.tenant_id),
        (_("Primary domain name"), customer.tenant.domain),
        (_("Country or region"), customer.country_name),
        (_("Address"), ", ".join(part for part in (customer.address_line1, customer.address_line2) if part)),
        (asked.postal_code_label, customer.postal_code),
        (_("City"), customer.city),
        (asked.state_label, dict(asked.states).get(customer.state, customer.state)),
        (_("Registration number"), customer.registration_number),
        (_("Indirect reseller"), customer.reseller.name if customer.reseller else ""),
    ]
    always = 5
    shown = [fact for place, fact in enumerate(facts) if fact[1] or place < always]
    edit = (_("Update"), reverse("customers:edit", args=[customer.tenant_id]))
    return Panel(
        key="company",
        title=_("Company"),
        body="customers/_company.html",
        data={"facts": shown},
        commands=(edit,) if request.membership.can(Permission.CUSTOMERS_EDIT) else (),
    )


def contacts_panel(request: MemberRequest, customer: Customer) -> Panel:
    may_edit = request.membership.can(Permission.CUSTOMERS_EDIT)
    add = (_("Add contact"), reverse("customers:new_contact", args=[customer.tenant_id]))
    return Panel(
        key="contacts",
        title=_("Contacts"),
        body="customers/_contacts.html",
        data={
            "customer": customer,
            "contacts": sorted(customer.contacts.order_by("last_name", "id"), key=lambda each: not each.is_primary),
            "may_edit": may_edit,
        },
        commands=(add,) if may_edit else (),
    )
