"""The question for files, wherever an acceptance is stated, and the policy of evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.evidence_types import ACCEPT, MOST_MEGABYTES, names_of_types
from agreements.models import CheckpointMail, EvidenceKind, EvidencePolicy, EvidenceUpload, SupersedeReason
from agreements.services import MOST_FILES
from portal.common.forms import PortalForm, Section
from portal.common.ids import parse_uuid
from portal.partners.models import Membership

# Beside the field that names the files already sent: those chosen now, and those that are not wanted any more. They
# begin so that New customer, which keeps what begins with a step's name, passes over them.
CHOSEN, REMOVED = "files-", "remove-"


def ids_in(text: str) -> list[UUID]:
    """What the hidden field names, as far as it can be read."""
    return [found for part in text.split(",") if (found := parse_uuid(part.strip())) is not None]


def sent_files(member: Membership, ids: Sequence[UUID]) -> list[EvidenceUpload]:
    """The member's own files among these ids that wait for a record, in this order."""
    if not ids:
        return []
    own = EvidenceUpload.objects.of_owner(partner_id=member.partner_id, owner_id=member.user_id)
    found = {upload.public_id: upload for upload in own.filter(public_id__in=ids)}
    return [found[public_id] for public_id in dict.fromkeys(ids) if public_id in found]


@dataclass(frozen=True)
class ChosenFiles:
    """Files sent for an acceptance; in words, their names. Whether they are there still is the service's to say."""

    ids: tuple[UUID, ...]
    member: Membership

    def __str__(self) -> str:
        return ", ".join(upload.name for upload in sent_files(self.member, self.ids))


class FilesWidget(forms.Widget):
    """The files sent already, each with a box to remove it, and the choice of more. Works without a script.

    A file that is here no longer is left out of what the page sends next, and said.
    """

    needs_multipart_form = True
    member: Membership

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        wanted = list(dict.fromkeys(ids_in(str(value or ""))))
        files = sent_files(self.member, wanted)
        context = {
            "name": name,
            "chosen_name": f"{CHOSEN}{name}",
            "removed_name": f"{REMOVED}{name}",
            "value": ",".join(str(upload.public_id) for upload in files),
            "files": files,
            "has_gone": len(files) < len(wanted),
            "attrs": self.build_attrs(self.attrs, attrs),
            "accept": ACCEPT,
        }
        return render_to_string("agreements/_files_control.html", context)


class FilesField(forms.Field):
    """Public ids of files that were sent, with commas between them; cleans to ChosenFiles."""

    widget = FilesWidget

    def ask(self, member: Membership, *, policy: EvidencePolicy | None = None) -> None:
        """Whose files count, and what the partner's policy says of them; until then the field cannot be drawn."""
        self.member = self.widget.member = member
        self.help_text = _files_hint(policy.required_kinds if policy else ())
        # Without a policy nobody is asked for a file.
        self.is_asked = policy is None or bool(policy.required_kinds)

    def to_python(self, value: Any) -> ChosenFiles:
        parts = [part for part in str(value or "").split(",") if part.strip()]
        ids = dict.fromkeys(ids_in(str(value or "")))
        if len(ids_in(",".join(parts))) < len(parts):
            raise ValidationError(_("A file could not be kept. Choose it again."))
        if len(ids) > MOST_FILES:
            raise ValidationError(_("A record holds at most %(most)s files.") % {"most": MOST_FILES})
        return ChosenFiles(tuple(ids), self.member)

    def in_words(self, value: str) -> str:
        """What a page kept under this field, for people to compare."""
        return str(ChosenFiles(tuple(ids_in(value)), self.member))


def _files_hint(required_kinds: Sequence[str]) -> str:
    taken = _("%(types)s; at most %(size)d MB each, %(count)d files.") % {
        "types": names_of_types(),
        "size": MOST_MEGABYTES,
        "count": MOST_FILES,
    }
    if not required_kinds:
        return taken
    labels = [str(label) for kind, label in EvidenceKind.stated() if kind in required_kinds]
    needed = _("Your company's policy asks for a file with: %(kinds)s.") % {"kinds": ", ".join(labels)}
    return format_html("<strong>{}</strong> {}", needed, taken)


class AddEvidenceForm(PortalForm):
    """More files for a record."""

    evidence = FilesField(label=gettext_lazy("Files"), required=False)
    submit_label = gettext_lazy("Add to the record")

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].ask(member)

    def clean_evidence(self) -> ChosenFiles:
        chosen: ChosenFiles = self.cleaned_data["evidence"]
        if not chosen.ids:
            raise ValidationError(_("Choose a file"), code="required")
        return chosen


class EvidencePolicyForm(PortalForm):
    """What the partner asks of its own people before a record counts."""

    required_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Ask for a file with"),
        choices=EvidenceKind.stated(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("An acceptance that is known in one of these ways is only recorded with a file."),
    )
    approved_reasons = forms.MultipleChoiceField(
        label=gettext_lazy("Ask a second person before a record is replaced by"),
        choices=SupersedeReason.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Another Admin agent approves the new record before it counts."),
    )
    checkpoint_mail = forms.ChoiceField(
        label=gettext_lazy("Mail checkpoints to the Admin agents"),
        choices=CheckpointMail.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "A checkpoint signs how far your chain of records has come. Kept outside of the portal, it proves later "
            "that nothing was taken away."
        ),
    )
    sections = (
        Section("files", gettext_lazy("Files"), ("required_kinds",)),
        Section("approval", gettext_lazy("Approval"), ("approved_reasons",)),
        Section("checkpoints", gettext_lazy("Checkpoints"), ("checkpoint_mail",)),
    )
    submit_label = gettext_lazy("Save")
    messages_required = {"checkpoint_mail": gettext_lazy("Choose when checkpoints are mailed")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # No box ticked is an answer, too.
        self.fields["required_kinds"].is_asked = self.fields["approved_reasons"].is_asked = True

    @classmethod
    def of(cls, policy: EvidencePolicy, data: Any = None) -> "EvidencePolicyForm":
        names = ("required_kinds", "approved_reasons", "checkpoint_mail")
        return cls(data, initial={name: getattr(policy, name) for name in names})
