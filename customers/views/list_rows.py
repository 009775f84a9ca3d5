"""The rows of the list of customers: which fields they need, and what their cells show.

Fifty rows of up to fourteen columns are most of the page, so what repeats is worked out once.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_countries import countries

from agreements.panels import TONES
from customers.listing import Column
from customers.models import AccountStatus, Customer, CustomerTag, Qualification
from customers.querysets import CustomerQuerySet
from customers.rules import STANDING_LABELS, Standing, standing
from portal.common.templatetags.portal_tags import date_tag
from portal.partners.models import Membership
from portal.partners.permissions import Permission

# Whoever may do something with many customers at once picks them in the list.
WITH_MANY = (Permission.CUSTOMERS_EDIT, Permission.CUSTOMERS_EXPORT)

ANY = uuid.UUID(int=0)
# Column -> what it reads beyond the id and the name.
FIELDS: dict[str, tuple[str, ...]] = {
    "domain": ("tenant__domain",),
    "country": ("country",),
    "agreement": ("attested_on", "direct_on", "disputed_at", "invited_at"),
    "reseller": ("reseller__name",),
    "subscriptions": ("subscription_count",),
    "updated": ("updated_at",),
    "contact": ("primary_contact__first_name", "primary_contact__last_name"),
    "registration_number": ("registration_number",),
    "account_status": ("account_status",),
    "qualification": ("qualification",),
    "created": ("created_at",),
}


@dataclass(frozen=True)
class Row:
    """A line of the list, drawn."""

    customer: Customer
    markup: SafeString


def with_columns(rows: CustomerQuerySet, columns: Sequence[Column], membership: Membership) -> CustomerQuerySet:
    """Read only what these columns show."""
    fields = [field for column in columns for field in FIELDS.get(column.code, ())]
    if membership.partner.is_reseller:
        fields.append("partner__cloud")
    joined = dict.fromkeys(field.split("__")[0] for field in fields if "__" in field)
    rows = rows.only("tenant_id", "company_name", *fields)
    return rows.select_related(*joined) if joined else rows


class Cells:
    """Draws the rows of one page for one reader."""

    def __init__(self, membership: Membership, columns: Sequence[Column], *, stale_before: date | None) -> None:
        self.membership, self.columns, self.stale_before = membership, columns, stale_before
        self.account = reverse("customers:account", args=[ANY])
        # The name is the head of its row; of the others, the opening tag and what draws the inside.
        self.drawn = [
            (format_html('<td data-label="{}" data-code="{}">', c.label, c.code), CONTENT[c.code])
            for c in columns[1:]
        ]
        self.language = get_language() or ""
        self.may_pick = any(membership.can(permission) for permission in WITH_MANY)
        self.picks = escape(_("Select %(name)s"))
        self.days: dict[date, str] = {}
        self.tags: dict[int, str] = {}

    def rows(self, customers: Sequence[Customer]) -> list[Row]:
        if any(column.code == "tags" for column in self.columns):
            self.tags = tags_of(self.membership, customers)
        return [self._row(customer) for customer in customers]

    def _row(self, customer: Customer) -> Row:
        url, name = self.account.replace(str(ANY), str(customer.tenant_id)), escape(customer.company_name)
        pick = (
            '<td class="cell-check"><input class="form-check-input" type="checkbox" form="bulk-form" name="customer" '
            f'value="{customer.tenant_id}" aria-label="{self.picks % {"name": name}}"></td>'
        )
        markup = (
            f'<tr data-href="{url}">{pick if self.may_pick else ""}'
            f'<th scope="row" class="cell-title"><a href="{url}" lang="">{name}</a></th>'
        )
        cells = "".join(f"{opening}{content(self, customer)}</td>" for opening, content in self.drawn)
        return Row(customer, mark_safe(f"{markup}{cells}</tr>"))  # noqa: S308 - every part is escaped

    def day(self, day: date | None) -> str:
        if day is None:
            return ""
        if day not in self.days:
            self.days[day] = date_tag(day)
        return self.days[day]

    def moment(self, moment: datetime) -> str:
        """The day on the partner's calendar."""
        return self.day(timezone.localtime(moment).date())

    def agreement(self, customer: Customer) -> str:
        # A partner's own customers share its cloud.
        partner = customer.partner if self.membership.partner.is_reseller else self.membership.partner
        where = standing(customer, has_agreement=partner.has_agreement, stale_before=self.stale_before)
        return f"{badge(where, self.language)} {self.day(customer.attested_on or customer.direct_on)}"


# Column -> the inside of its cell, escaped.
CONTENT: dict[str, Callable[[Cells, Customer], str]] = {
    "domain": lambda page, customer: escape(customer.tenant.domain).replace(".", "<wbr>.", 1),
    "country": lambda page, customer: country_name(customer.country.code, page.language),
    "agreement": Cells.agreement,
    "reseller": lambda page, customer: escape(customer.reseller.name) if customer.reseller else "–",
    "subscriptions": lambda page, customer: str(customer.subscription_count),
    "updated": lambda page, customer: page.moment(customer.updated_at),
    "microsoft_id": lambda page, customer: f'<code class="mono">{customer.tenant_id}</code>',
    "tags": lambda page, customer: page.tags.get(customer.pk, ""),
    "contact": lambda page, customer: contact_name(customer),
    "registration_number": lambda page, customer: escape(customer.registration_number),
    "account_status": lambda page, customer: escape(AccountStatus(customer.account_status).label),
    "qualification": lambda page, customer: escape(Qualification(customer.qualification).label),
    "created": lambda page, customer: page.moment(customer.created_at),
}


def contact_name(customer: Customer) -> str:
    contact = customer.primary_contact
    return escape(f"{contact.first_name} {contact.last_name}") if contact else "–"


@lru_cache(maxsize=64)
def badge(where: Standing, language: str) -> str:
    """The standing with its icon and colour; language: the one that it is drawn in."""
    return render_to_string("components/status.html", {"tone": TONES[where], "word": STANDING_LABELS[where]}).strip()


@lru_cache(maxsize=1024)
def country_name(code: str, language: str) -> str:
    """The escaped name of the country; language: the one that it is told in."""
    return escape(countries.name(code))


def tags_of(membership: Membership, customers: Iterable[Customer]) -> dict[int, str]:
    """Customer -> its tags, drawn; the reader's own partner's alone."""
    own = CustomerTag.objects.filter(partner_id=membership.partner_id, customer__in=[each.pk for each in customers])
    tags: dict[int, list[str]] = {}
    for customer, name in own.order_by("tag__name_key").values_list("customer_id", "tag__name"):
        tags.setdefault(customer, []).append(f'<span class="tag">{escape(name)}</span>')
    return {customer: " ".join(drawn) for customer, drawn in tags.items()}
