"""How an approval looks: its word and tone, and the record of now beside the one that waits."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.phonenumber import to_python

from agreements.languages import language_label
from agreements.models import Approval, ApprovalOutcome, Attestation, EvidenceKind, Method, Scenario
from agreements.services import acceptance_of

APPROVAL_WORDS: dict[str, str | Promise] = {
    "": gettext_lazy("Waiting for approval"),
    **dict(ApprovalOutcome.choices),
}
APPROVAL_TONES = {
    "": "info",
    ApprovalOutcome.APPROVED.value: "ok",
    ApprovalOutcome.REFUSED.value: "bad",
    ApprovalOutcome.TAKEN_BACK.value: "neutral",
}


@dataclass(frozen=True)
class Compared:
    """One fact of both records; old is None where the reader may not see the present record."""

    label: str
    old: str | date | None
    new: str | date

    @property
    def differs(self) -> bool:
        return self.old is not None and self.old != self.new


def compared(approval: Approval, *, sees_old: bool) -> list[Compared]:
    """Fact by fact, for one that is open."""
    said, record, scenario = acceptance_of(approval), approval.record, approval.statement["scenario"]
    new: list[tuple[str, str | date]] = [
        (_("First name"), said.person.first_name),
        (_("Last name"), said.person.last_name),
        (_("Email address"), said.person.email),
        (_("Phone number"), str(to_python(said.person.phone) or "")),
        (_("Agreement acceptance date"), said.agreed_on),
        (_("Method"), str((Method.CONFIRMED if scenario is None else Method.ON_BEHALF).label)),
        (_("Scenario"), str(Scenario(scenario).label) if scenario else ""),
        (_("How we know"), str(EvidenceKind(said.evidence_kind).label)),
        (_("Note"), said.evidence_note),
        (_("Language of the agreement"), language_label(said.language)),
    ]
    old = _of_record(record) if sees_old else [None] * len(new)
    return [Compared(label, before, after) for (label, after), before in zip(new, old, strict=True)]


def _of_record(record: Attestation) -> list[str | date | None]:
    """The same facts of the present record, in the same order."""
    person = getattr(record, "person", None)
    names = ("first_name", "last_name", "email", "phone")
    erased = _("Erased")
    return [
        *(str(getattr(person, name) or "") if person else erased for name in names),
        record.agreed_on,
        str(record.get_method_display()),
        str(record.get_scenario_display() or ""),
        str(record.get_evidence_kind_display()),
        person.evidence_note if person else erased,
        language_label(record.document.language),
    ]
