"""A row of a sheet as a whole: the customer, and who accepted, by the rules of the form that every door uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agreements import rules
from agreements.forms import CONTACT, PERSON_FIELDS, SOMEONE_ELSE, AcceptanceForm
from agreements.languages import DEFAULT_LANGUAGE
from agreements.models import AgreementDocument, AgreementTemplate, EvidenceKind
from agreements.services import Acceptance, Person, evidence_policy_of
from customers.models import CustomerImport
from customers.services import ContactDetails, ImportedCustomer
from customers.sheets.columns import ACCEPTANCE, Column, named
from customers.sheets.companies import CompanyReader, Problem, fill, problems_of
from portal.common.folding import fold
from portal.partners.models import Partner

SIGNER = {f"signer_{name}": name for name in PERSON_FIELDS}
_COLUMN_OF = {name: column for column, name in SIGNER.items()}


@dataclass(frozen=True)
class ReadRow:
    """customer: None where there are problems; acceptance: None where the row states none."""

    customer: ImportedCustomer | None
    acceptance: Acceptance | None
    problems: list[Problem]


class RowReader:
    """Reads the rows of one sheet as its mapping says. To be made anew for every few hundred rows."""

    def __init__(self, sheet: CustomerImport) -> None:
        self._mapping = sheet.mapping
        self._companies = CompanyReader(
            partner=sheet.partner, columns=sheet.mapping.values(), country=str(sheet.country)
        )
        self._acceptances = AcceptanceReader(sheet.partner)

    def read(self, number: int, cells: Sequence[str]) -> ReadRow:
        said = named(cells, self._mapping)
        customer, problems = self._companies.read(number, said)
        contact = customer.contact if customer else None
        country = self._companies.country_of(said)
        acceptance, wrong = self._acceptances.read(said, country, contact, is_contact_read=customer is not None)
        problems += wrong
        return ReadRow(None if problems else customer, acceptance, problems)


class AcceptanceReader:
    """What rows say of the acceptance; nothing in a cloud without the agreement."""

    def __init__(self, partner: Partner) -> None:
        self.partner, self.today = partner, partner.today
        self._forms: dict[str, AcceptanceForm] = {}
        self._texts: dict[tuple[int | None, str], bool] = {}
        self._versions = list(
            AgreementTemplate.objects.filter(type="MicrosoftCustomerAgreement").order_by("effective_on")
        )
        self._required_kinds = evidence_policy_of(partner).required_kinds
        self._stale_before = AgreementTemplate.objects.stale_before(today=self.today)
        self._kinds = {fold(word): str(kind) for kind, label in EvidenceKind.stated() for word in (kind, str(label))}

    def read(
        self, said: Mapping[str, str], country: str, contact: ContactDetails | None, *, is_contact_read: bool
    ) -> tuple[Acceptance | None, list[Problem]]:
        """The row's acceptance, or what is wrong with it; neither where it states none.

        is_contact_read: without a contact nobody has accepted, unless it is the contact that is wrong.
        """
        if not self.partner.has_agreement or not any(said.get(column) for column in ACCEPTANCE):
            return None, []
        form = self._form(country)
        is_other = any(said.get(column) for column in SIGNER)
        if not is_other and contact is None and is_contact_read:
            message = _("Say who accepted: name the primary contact, or the person who accepted")
            return None, [[Column.SIGNER_FIRST_NAME, message]]
        fill(form, self._answers(said, SOMEONE_ELSE if is_other else CONTACT))
        problems = [[_COLUMN_OF.get(name, name), message] for name, message in problems_of(form)]
        if problems or (contact is None and not is_other):
            return None, problems
        person = Person(**{name: getattr(contact, name) for name in PERSON_FIELDS}) if contact else None
        acceptance = form.acceptance(person or Person(first_name="", last_name="", email=""))
        problems = self._refusals(acceptance, country)
        return (None, problems) if problems else (acceptance, [])

    def _answers(self, said: Mapping[str, str], signer: str) -> dict[str, Any]:
        kind = said.get(Column.EVIDENCE_KIND, "")
        return {
            "signer": signer,
            "agreed_on": said.get(Column.AGREED_ON, ""),
            "evidence_kind": self._kinds.get(fold(kind), kind),
            "evidence_note": said.get(Column.EVIDENCE_NOTE, ""),
            "language": DEFAULT_LANGUAGE,
            **{name: said.get(column, "") for column, name in SIGNER.items()},
        }

    def _form(self, country: str) -> AcceptanceForm:
        if country not in self._forms:
            # Sheets full of countries that do not exist do not fill the memory.
            if len(self._forms) > 300:
                self._forms.clear()
            self._forms[country] = AcceptanceForm({}, today=self.today, contact_label="", country=country)
        return self._forms[country]

    def _refusals(self, acceptance: Acceptance, country: str) -> list[Problem]:
        """What the service that records it would refuse."""
        if rules.why_file_needed(kind=acceptance.evidence_kind, required_kinds=self._required_kinds, file_count=0):
            message = _(
                "Your company's policy asks for a file with this kind of evidence, and a sheet carries none. Leave "
                "the acceptance out here, and record it with its file under Account info."
            )
            return [[Column.EVIDENCE_KIND, message]]
        reason = rules.why_not_agreed_on(
            acceptance.agreed_on,
            today=self.today,
            effective_on=self._versions[0].effective_on if self._versions else None,
            stale_before=self._stale_before,
        )
        if reason is not None:
            return [[Column.AGREED_ON, str(reason)]]
        in_force = [version for version in self._versions if version.effective_on <= acceptance.agreed_on]
        if not self._has_text(in_force[-1], country):
            message = _("No document of the agreement is on file for this country. Ask the portal's staff to add it.")
            return [[Column.COUNTRY, message]]
        return []

    def _has_text(self, version: AgreementTemplate, country: str) -> bool:
        key = (version.pk, country)
        if key not in self._texts:
            texts = AgreementDocument.objects.for_customer(version, country)
            self._texts[key] = texts.filter(language=DEFAULT_LANGUAGE).exists()
        return self._texts[key]
