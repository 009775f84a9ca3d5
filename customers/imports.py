"""Import, as its pages ask and show: the file, what its columns are, its rows, the sheet of rows to be corrected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from customers.models import CustomerImport, ImportRow, RowStatus
from customers.sheets.columns import (
    ACCEPTANCE,
    CONTACT,
    GROUPS,
    LABELS,
    PROBLEM_HEADER,
    Column,
    guess,
    named,
)
from portal.common.folding import fold
from portal.common.forms import PortalForm
from portal.common.table_uploads import TableUpload
from portal.partners.models import Partner, PartnerKind

REQUIRED = (Column.COMPANY_NAME, Column.DOMAIN)
# Whoever gives one part gives these.
WHOLE_CONTACT = (Column.FIRST_NAME, Column.LAST_NAME, Column.EMAIL)
WHOLE_ACCEPTANCE = (Column.AGREED_ON, Column.EVIDENCE_KIND)
TONES = {
    RowStatus.READ: "neutral",
    RowStatus.VALID: "ok",
    RowStatus.WRONG: "bad",
    RowStatus.CREATED: "ok",
    RowStatus.KNOWN: "info",
}


class UploadForm(TableUpload, PortalForm):
    """A sheet. After validation `header` and `first_rows` (number, cells) tell what it holds."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "A CSV file or an Excel workbook (.xlsx) of at most 30 MB and 100,000 rows, with the columns' names in "
            "the first row. The customer list that Partner Center exports can be used as it is."
        ),
        max_length=1000,
    )
    submit_label = gettext_lazy("Upload")
    too_large = gettext_lazy("The file is larger than 30 MB. Split it into several files.")
    no_rows = gettext_lazy("The file has no rows below the columns' names. Put the customers there.")


def columns_for(partner: Partner) -> list[Column]:
    """What a sheet of this partner can hold."""
    left_out = set() if partner.kind == PartnerKind.INDIRECT_PROVIDER else {Column.RESELLER}
    if not partner.has_agreement:
        left_out |= set(ACCEPTANCE)
    return [column for column in Column if column not in left_out]


class MappingForm(PortalForm):
    """One choice for each column of the sheet: what it is, or that it is not imported."""

    country = forms.ChoiceField(
        label=gettext_lazy("Country or region of rows that name none"),
    )
    submit_label = gettext_lazy("Check the rows")

    def __init__(self, *args: Any, header: Sequence[str], partner: Partner, **kwargs: Any) -> None:
        self.header = header
        allowed = columns_for(partner)
        guessed = whole(guess([name if fold(name) != fold(PROBLEM_HEADER) else "" for name in header], allowed))
        initial = {"country": str(partner.country), **{f"column_{n}": c for n, c in guessed.items()}}
        super().__init__(*args, **{**kwargs, "initial": {**initial, **(kwargs.get("initial") or {})}})
        self.fields["country"].choices = list(countries)
        choices = [("", _("Do not import")), *_grouped(allowed)]
        for number, name in enumerate(header):
            label = name or _("Column %(number)d") % {"number": number + 1}
            field = forms.ChoiceField(label=label, choices=choices, required=False)
            field.error_messages["invalid_choice"] = _("Choose one of the listed answers")
            self.fields[f"column_{number}"] = field

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column_{number}"] for number in range(len(self.header))]

    @property
    def mapping(self) -> dict[str, str]:
        """Number of the column, as text -> ours, for what is imported."""
        said = ((str(n), self.cleaned_data.get(f"column_{n}", "")) for n in range(len(self.header)))
        return {number: column for number, column in said if column}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first: dict[str, str] = {}
        for number, column in self.mapping.items():
            if column in first:
                message = _("Two columns are the %(name)s. Choose one of them.") % {"name": _lower(Column(column))}
                self.add_error(f"column_{number}", message)
            first.setdefault(column, number)
        for required in REQUIRED:
            if required not in first:
                self.add_error(None, _("Choose the column that is the %(name)s") % {"name": _lower(required)})
        for whole, parts, what in (
            (WHOLE_CONTACT, CONTACT, _("A primary contact")),
            (WHOLE_ACCEPTANCE, ACCEPTANCE, _("An acceptance")),
        ):
            missing = [part for part in whole if part not in first]
            if missing and any(part in first for part in parts):
                words = {"what": what, "name": _lower(missing[0])}
                self.add_error(None, _("%(what)s needs a column that is the %(name)s, too") % words)
        return cleaned


def whole(guessed: Mapping[str, str]) -> dict[str, str]:
    """Without the parts of a contact or an acceptance that a sheet has not in whole: the portal's own export tells
    the date of an acceptance, and not how we know.
    """
    left_out: set[str] = set()
    for needed, parts in ((WHOLE_CONTACT, CONTACT), (WHOLE_ACCEPTANCE, ACCEPTANCE)):
        if not set(needed) <= set(guessed.values()):
            left_out |= set(parts)
    return {number: column for number, column in guessed.items() if column not in left_out}


def _lower(column: Column) -> str:
    label = str(LABELS[column])
    return label if label.startswith("Microsoft") else label[:1].lower() + label[1:]


def _grouped(allowed: Sequence[Column]) -> Iterator[tuple[str | Promise, list[tuple[str, str | Promise]]]]:
    for title, columns in GROUPS:
        offered = [(column.value, LABELS[column]) for column in columns if column in allowed]
        if offered:
            yield title, offered


def known_columns(partner: Partner) -> list[tuple[str, list[str]]]:
    """(group, names of its columns) that this partner's sheets may have, as the columns' form words them."""
    return [(str(group), [str(label) for _code, label in named]) for group, named in _grouped(columns_for(partner))]


def as_mapped(sheet: CustomerImport) -> dict[str, str]:
    """Initial answers of the columns' form from what was said before."""
    if not sheet.mapping:
        return {}
    kept = {f"column_{number}": "" for number in range(len(sheet.header))}
    kept |= {f"column_{number}": column for number, column in sheet.mapping.items()}
    return {**kept, "country": str(sheet.country)}


@dataclass(frozen=True)
class ShownRow:
    """A line of the preview or of the result. problems: (name of the column or "", what to do)."""

    row: ImportRow
    company_name: str
    domain: str
    tone: str
    problems: list[tuple[str, str]]


def shown_rows(sheet: CustomerImport, rows: Sequence[ImportRow]) -> list[ShownRow]:
    titles = column_titles(sheet)
    return [
        ShownRow(
            row,
            said.get(Column.COMPANY_NAME, ""),
            said.get(Column.DOMAIN, ""),
            TONES[RowStatus(row.status)],
            [(titles.get(field, ""), message) for field, message in row.problems],
        )
        for row in rows
        for said in [named(row.cells, sheet.mapping)]
    ]


def column_titles(sheet: CustomerImport) -> Mapping[str, str]:
    """Our column -> how the sheet calls it; by our name where the sheet has no such column."""
    titles = {column.value: str(label) for column, label in LABELS.items()}
    return titles | {column: sheet.header[int(n)] for n, column in sheet.mapping.items() if sheet.header[int(n)]}


def rows_to_correct(sheet: CustomerImport) -> tuple[list[str], Iterator[list[str]]]:
    """Header and rows of a sheet to correct and upload again: the columns as they were, and what is wrong."""
    kept = [number for number, name in enumerate(sheet.header) if fold(name) != fold(PROBLEM_HEADER)]
    titles = column_titles(sheet)
    rows = sheet.rows.filter(status=RowStatus.WRONG).order_by("number").iterator(chunk_size=500)
    told = (
        [
            *(row.cells[number] if number < len(row.cells) else "" for number in kept),
            " ".join(
                f"{titles[field]}: {message}" if field in titles else message for field, message in row.problems
            ),
        ]
        for row in rows
    )
    return [*(sheet.header[number] for number in kept), PROBLEM_HEADER], told
