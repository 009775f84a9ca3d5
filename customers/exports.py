"""The customers as a sheet: the columns of the list, and the agreement's record beside them.

A file leaves while it is written. What it says in words is therefore looked up before the first byte: later the
request's language and time zone are no longer in force.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.models import AgreementType, Attestation
from customers.listing import COLUMNS, Column
from customers.models import AccountStatus, Customer, CustomerTag, Qualification
from customers.querysets import CustomerQuerySet
from customers.rules import STANDING_LABELS, standing
from portal.common.tables import Cell
from portal.partners.models import Membership
from portal.partners.permissions import Permission

# Rows that are in memory at once.
CHUNK = 1000

ALWAYS = ("microsoft_id", "name", "domain")
# Column of the list -> columns of the sheet, where it is not one of the same name.
STANDING, AGREED_ON = "standing", "agreed_on"
SIGNER, VERSION, RECORDED_BY = "signer", "agreement_version", "recorded_by"
LABELS: dict[str, str | Promise] = {
    **{code: column.label for code, column in COLUMNS.items()},
    "microsoft_id": _("Microsoft ID"),
    STANDING: _("Agreement standing"),
    AGREED_ON: _("Agreement acceptance date"),
    SIGNER: _("Accepted by"),
    VERSION: _("Agreement version"),
    RECORDED_BY: _("Recorded by"),
}


FACTS = ("attested_on", "direct_on", "disputed_at", "invited_at")
# Column -> what it reads of the customer.
FIELDS: dict[str, tuple[str, ...]] = {
    "microsoft_id": ("tenant_id",),
    "name": ("company_name",),
    "domain": ("tenant__domain",),
    "country": ("country",),
    "reseller": ("reseller__name",),
    "subscriptions": ("subscription_count",),
    "updated": ("updated_at",),
    "tags": (),
    "contact": ("primary_contact__first_name", "primary_contact__last_name"),
    "registration_number": ("registration_number",),
    "account_status": ("account_status",),
    "qualification": ("qualification",),
    "created": ("created_at",),
    STANDING: FACTS,
    AGREED_ON: FACTS,
    SIGNER: (),
    VERSION: (),
    RECORDED_BY: (),
}


@dataclass(frozen=True)
class Row:
    """A customer with the record that its standing speaks of, if there is one."""

    customer: Customer
    record: Attestation | None


def codes_of(membership: Membership, shown: Sequence[Column]) -> list[str]:
    """The sheet's columns: what names the customer, what the list shows, and the agreement, whatever it shows.

    Who accepted and who recorded it is left out for those who may not see the records.
    """
    extra = [column.code for column in shown if column.code not in (*ALWAYS, "agreement")]
    record = [SIGNER, VERSION, RECORDED_BY] if membership.can(Permission.AGREEMENTS_VIEW_RECORDS) else []
    return [*ALWAYS, STANDING, AGREED_ON, *record, *extra]


class CustomerSheet:
    """A header and rows, made for one member's time zone and for the language of this moment."""

    def __init__(self, membership: Membership, codes: Sequence[str], *, stale_before: date | None) -> None:
        self.codes = list(codes)
        self.header = [str(LABELS[code]) for code in codes]
        self._membership, self._stale_before = membership, stale_before
        self._zone = membership.partner.zone
        self._standings = {where: str(label) for where, label in STANDING_LABELS.items()}
        self._countries = {code: str(name) for code, name in countries}
        self._statuses = {str(code): str(label) for code, label in AccountStatus.choices}
        self._qualifications = {str(code): str(label) for code, label in Qualification.choices}
        readers = self._readers()
        self._cells = [readers[code] for code in codes]

    def rows(self, customers: CustomerQuerySet) -> Iterator[list[Cell]]:
        """By name, read some at a time: nothing is held between two chunks, neither rows nor a transaction.

        Who is added or renamed meanwhile may be among them or not; of the others none is missed or comes twice.
        """
        found = self._with_what_is_shown(customers).order_by("name_key", "pk")
        after: Customer | None = None
        while True:
            chunk = list((found if after is None else found.filter(_behind(after)))[:CHUNK])
            records = self._records(chunk)
            for customer in chunk:
                row = Row(customer, records.get(customer.tenant_id))
                yield [cell(row) for cell in self._cells]
            if len(chunk) < CHUNK:
                return
            after = chunk[-1]

    def _with_what_is_shown(self, customers: CustomerQuerySet) -> CustomerQuerySet:
        fields = [field for code in self.codes for field in FIELDS[code]]
        joined = dict.fromkeys(field.split("__")[0] for field in fields if "__" in field)
        rows = customers.select_related(*joined).only("tenant_id", "name_key", *fields)
        if "tags" in self.codes:
            tagged = CustomerTag.objects.select_related("tag").order_by("tag__name_key")
            rows = rows.prefetch_related(Prefetch("customer_tags", queryset=tagged))
        return rows

    def _records(self, customers: Sequence[Customer]) -> dict[UUID, Attestation]:
        """Tenant -> the record that covers, else the last one that stands; the partner's own before a direct one."""
        if SIGNER not in self.codes:
            return {}
        seen = Attestation.objects.visible_to(self._membership).current().filter(agreement_type=AgreementType.MCA)
        about = seen.filter(tenant_id__in=[customer.tenant_id for customer in customers])
        records = about.select_related("person", "document__template").defer("roles")
        # The best one last, so that it stays.
        ranked = sorted(records, key=self._rank)
        return {record.tenant_id: record for record in ranked}

    def _rank(self, record: Attestation) -> tuple[bool, bool]:
        covers = self._stale_before is None or record.agreed_on >= self._stale_before
        return covers, record.partner_id is not None

    def _readers(self) -> dict[str, Callable[[Row], Cell]]:
        return {
            "microsoft_id": lambda row: str(row.customer.tenant_id),
            "name": lambda row: row.customer.company_name,
            "domain": lambda row: row.customer.tenant.domain,
            "country": lambda row: self._countries.get(str(row.customer.country), str(row.customer.country)),
            "reseller": lambda row: row.customer.reseller.name if row.customer.reseller else None,
            "subscriptions": lambda row: row.customer.subscription_count,
            "updated": lambda row: self._day(row.customer.updated_at),
            "tags": lambda row: ", ".join(each.tag.name for each in row.customer.customer_tags.all()),
            "contact": lambda row: row.customer.primary_contact.full_name if row.customer.primary_contact else None,
            "registration_number": lambda row: row.customer.registration_number,
            "account_status": lambda row: self._statuses.get(row.customer.account_status),
            "qualification": lambda row: self._qualifications.get(row.customer.qualification),
            "created": lambda row: self._day(row.customer.created_at),
            STANDING: self._standing,
            AGREED_ON: _agreed_on,
            SIGNER: _signer,
            VERSION: lambda row: row.record.document.template.version if row.record else None,
            RECORDED_BY: lambda row: row.record.recorded_by if row.record else None,
        }

    def _standing(self, row: Row) -> str:
        # Who may export is never a reseller, so the customers are the member's own partner's.
        has_agreement = self._membership.partner.has_agreement
        return self._standings[standing(row.customer, has_agreement=has_agreement, stale_before=self._stale_before)]

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


def _behind(customer: Customer) -> Q:
    """What comes after this row; its first part is redundant and lets both engines walk the index."""
    later = Q(name_key__gt=customer.name_key) | Q(name_key=customer.name_key, pk__gt=customer.pk)
    return Q(name_key__gte=customer.name_key) & later


def _agreed_on(row: Row) -> date | None:
    return row.record.agreed_on if row.record else row.customer.attested_on or row.customer.direct_on


def _signer(row: Row) -> str | None:
    # A person that was erased leaves the record without one.
    person = getattr(row.record, "person", None)
    return person.full_name if person else None
