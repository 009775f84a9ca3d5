"""What an export says for people: its records, and what was ordered on the strength of them.

A file leaves while it is written. What it says in words is therefore looked up before the first byte: later the
request's language is no longer in force.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.exports.rows import CHUNK, records
from agreements.exports.span import Span
from agreements.models import AgreementType, Attestation, AttestationPerson, EvidenceKind, Method, SupersedeReason
from customers.models import Customer
from orders.models import LicenceChange, Order
from portal.audit.models import ChainEntry
from portal.common.actor import DOOR_LABELS
from portal.common.tables import Cell

Words = str | Promise


class Seen(NamedTuple):
    """A record with its entry and the name that its customer has with the partner."""

    record: Attestation
    entry: ChainEntry | None
    company: str

    @property
    def person(self) -> AttestationPerson | None:
        found: AttestationPerson | None = getattr(self.record, "person", None)
        return found


RECORD_COLUMNS: dict[str, tuple[Words, Callable[[Seen], Cell]]] = {
    "reference": (_("Acceptance record"), lambda row: str(row.record.reference)),
    "company": (_("Customer"), lambda row: row.company),
    "domain": (_("Domain"), lambda row: row.record.tenant.domain),
    "microsoft_id": (_("Microsoft ID"), lambda row: str(row.record.tenant_id)),
    "type": (_("Agreement"), lambda row: row.record.agreement_type),
    "version": (_("Agreement version"), lambda row: row.record.document.template.version),
    "country": (_("Country of the text"), lambda row: str(row.record.document.country)),
    "language": (_("Language of the text"), lambda row: row.record.document.language),
    "document": (_("SHA-256 of the text"), lambda row: row.record.document.sha256),
    "method": (_("Acceptance method"), lambda row: row.record.method),
    "scenario": (_("Scenario"), lambda row: row.record.scenario),
    "agreed_on": (_("Agreement acceptance date"), lambda row: row.record.agreed_on),
    "first_name": (_("First name"), lambda row: row.person.first_name if row.person else None),
    "last_name": (_("Last name"), lambda row: row.person.last_name if row.person else None),
    "email": (_("Email address"), lambda row: row.person.email if row.person else None),
    "phone": (_("Phone number"), lambda row: row.person.details["phone"] if row.person else None),
    "authority": (_("Position"), lambda row: row.person.authority if row.person else None),
    "is_erased": (_("Person erased"), lambda row: "yes" if row.person is None else "no"),
    "evidence_kind": (_("How we know"), lambda row: row.record.evidence_kind),
    "evidence_note": (_("Note"), lambda row: row.person.evidence_note if row.person else None),
    "supersedes": (
        _("Replaces the record"),
        lambda row: str(row.record.supersedes.reference) if row.record.supersedes else None,
    ),
    "supersede_reason": (_("Why it was replaced"), lambda row: row.record.supersede_reason),
    "reason_note": (_("What was wrong"), lambda row: row.person.reason_note if row.person else None),
    "recorded_at": (_("Recorded at (UTC)"), lambda row: _utc(row.record.recorded_at)),
    "recorded_on": (_("Recorded on"), lambda row: row.record.recorded_on),
    "time_zone": (_("Time zone"), lambda row: row.record.time_zone),
    "recorded_by": (_("Recorded by"), lambda row: row.record.recorded_by),
    "roles": (_("Roles held"), lambda row: ", ".join(row.record.roles)),
    "door": (_("Recorded through"), lambda row: row.record.door),
    "approved_by": (_("Approved by"), lambda row: row.record.approver_name),
    "chain": (_("Chain"), lambda row: row.entry.chain if row.entry else None),
    "seq": (_("Number in the chain"), lambda row: row.entry.seq if row.entry else None),
    "digest": (_("Digest in the chain"), lambda row: row.entry.digest if row.entry else None),
}
ORDER_COLUMNS: tuple[Words, ...] = (
    _("Acceptance record"),
    _("What relied on it"),
    _("Order or subscription"),
    _("Customer"),
    _("Microsoft ID"),
    _("At (UTC)"),
    _("By"),
    _("Amount"),
    _("Currency"),
    _("Licences before"),
    _("Licences after"),
)


class RecordSheet:
    def __init__(self, span: Span) -> None:
        self._span = span
        self.header = [str(label) for label, _reader in RECORD_COLUMNS.values()]
        coded = {
            "type": AgreementType,
            "method": Method,
            "evidence_kind": EvidenceKind,
            "supersede_reason": SupersedeReason,
        }
        self._words = {name: {str(code): str(label) for code, label in kind.choices} for name, kind in coded.items()}
        self._words["door"] = {str(door): str(label) for door, label in DOOR_LABELS.items()}
        self._words["country"] = {str(code): str(name) for code, name in countries}

    def rows(self) -> Iterator[list[Cell]]:
        for chunk in _chunks(records(self._span)):
            names = _names(self._span, [record for record, _entry in chunk])
            for record, entry in chunk:
                seen = Seen(record, entry, names.get(str(record.tenant_id), ""))
                yield [self._said(name, reader(seen)) for name, (_label, reader) in RECORD_COLUMNS.items()]

    def _said(self, name: str, value: Cell) -> Cell:
        return self._words[name].get(str(value), value) if name in self._words else value


class OrderSheet:
    """Orders and licence changes that relied on the records, whenever they were made."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.header = [str(label) for label in ORDER_COLUMNS]
        self._order, self._change = str(_("Order")), str(_("Licence change"))

    def rows(self) -> Iterator[list[Cell]]:
        for chunk in _chunks(records(self._span)):
            ids = [record.pk for record, _entry in chunk]
            for order in self._relying(Order, ids):
                relied = self._relied(order)
                what = [self._order, order.number, *relied[1:], _utc(order.placed_at), order.placed_by_name]
                yield [relied[0], *what, order.total, order.currency, None, None]
            for change in self._relying(LicenceChange, ids, "subscription"):
                relied = self._relied(change)
                what = [self._change, str(change.subscription.pk), *relied[1:]]
                when = [_utc(change.changed_at), change.changed_by_name]
                yield [relied[0], *what, *when, None, None, change.from_quantity, change.to_quantity]

    def _relying(self, model: type[Model], ids: list[int], *also: str) -> Iterator[Order | LicenceChange]:
        found: QuerySet = model._default_manager.filter(partner_id=self._span.membership.partner_id)
        rows = found.filter(acceptance_id__in=ids).select_related("acceptance", "customer", *also)
        return rows.order_by("id").iterator(chunk_size=CHUNK)

    def _relied(self, row: Order | LicenceChange) -> list[Cell]:
        return [str(row.acceptance.reference), row.customer.company_name, str(row.tenant_id)]


def _chunks(
    rows: Iterator[tuple[Attestation, ChainEntry | None]],
) -> Iterator[list[tuple[Attestation, ChainEntry | None]]]:
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _names(span: Span, found: list[Attestation]) -> dict[str, str]:
    """Tenant -> what the partner calls the company."""
    own = Customer.objects.filter(
        partner_id=span.membership.partner_id, tenant_id__in={record.tenant_id for record in found}
    )
    return {str(tenant_id): name for tenant_id, name in own.values_list("tenant_id", "company_name")}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
