"""The form base of the portal: sections, wording, accessible marks, the error list, inline validation.

A form is shape and messages only; views pass `cleaned_data` to services. Several forms may stand on one page
(each with its own `prefix`), so everything here works per form and is put together by the templates.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout, LayoutObject
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from portal.common.errors import PortalError
from portal.common.fields import PastDateField
from portal.common.refusals import note_refusal

#: Text fields that state no length of their own stop here, so that no request stores an endless text.
DEFAULT_MAX_LENGTH = 2000

#: Request header with the name of the one field a browser wants checked (see `validation_answer`).
VALIDATE_HEADER = "X-Validate-Field"

_CHOOSERS = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.FileInput)
_GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)
_TYPED = ("text", "email", "tel", "url")

Words = str | Promise


@dataclass(frozen=True)
class Section:
    """A titled group of fields; an inner tuple of `fields` stands side by side in one row, and a layout object
    stands for itself.

    `key` is unique in its form and names the element: `section-<key>`, or `section-<prefix>-<key>`.
    """

    key: str
    title: Words
    fields: tuple[str | tuple[str, ...] | LayoutObject, ...]
    hint: Words = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The field names of the section, rows flattened."""
        rows = (entry if isinstance(entry, tuple) else (entry,) for entry in self.fields)
        return tuple(name for row in rows for name in row if isinstance(name, str))


class Problem(NamedTuple):
    """One line of an error summary; `field_id` is "" when the message concerns the whole form."""

    field_id: str
    label: str
    message: str


class Fragment(LayoutObject):
    """A piece of the page between the fields of a section: a template, drawn with the page's context."""

    def __init__(self, template: str) -> None:
        self.template = template
        self.fields: list[Any] = []

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> str:
        """Return the piece's HTML."""
        return render_to_string(self.template, context.flatten())


class SectionLayout(LayoutObject):
    """Draws one `Section` as a fieldset through `components/section.html`."""

    def __init__(self, section: Section, element_id: str, *fields: Any) -> None:
        self.section = section
        self.element_id = element_id
        self.fields = list(fields)

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> str:
        """Return the fieldset's HTML."""
        inner = self.get_rendered_fields(form, context, template_pack, **kwargs)
        values = {"section": self.section, "element_id": self.element_id, "inner": inner}
        return render_to_string("components/section.html", values)


def input_id(field: forms.BoundField) -> str:
    """The id of the control that takes the focus for `field`: of a group, its first option."""
    if isinstance(field.field.widget, _GROUPS):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


def page_order(form: forms.BaseForm) -> list[str]:
    """The names of the form's fields as they stand on the page: section by section, then what is in none."""
    placed = [name for section in getattr(form, "sections", ()) for name in section.names if name in form.fields]
    return list(dict.fromkeys([*placed, *form.fields]))


def error_list(form: forms.BaseForm) -> list[Problem]:
    """Every problem of a bound form, fields first in page order, then those of the form as a whole."""
    problems = [
        Problem("" if field.is_hidden else input_id(field), str(field.label), str(message))
        for field in (form[name] for name in page_order(form))
        for message in field.errors
    ]
    problems += [Problem("", "", str(message)) for message in form.non_field_errors()]
    return problems


def validation_answer(request: HttpRequest, form: forms.BaseForm | Sequence[forms.BaseForm]) -> JsonResponse | None:
    """Answer a browser that asks about one field while the form is being filled in.

    Returns None for an ordinary submission. Otherwise `{"errors": [...], "warnings": [...]}` with the messages
    of the named field of the bound form (or of the one of several forms that has it). In a view, before it saves:
    `if answer := validation_answer(request, form): return answer`
    """
    asked = request.headers.get(VALIDATE_HEADER)
    if asked is None:
        return None
    every = [form] if isinstance(form, forms.BaseForm) else form
    asked_fields = [field for each in every for field in each if field.html_name == asked]
    errors = [str(message) for field in asked_fields for message in field.errors]
    warnings = [] if errors else [str(words) for field in asked_fields for words in warnings_of(field)]
    return JsonResponse({"errors": errors, "warnings": warnings}, headers={"Cache-Control": "no-store"})


def warnings_of(field: forms.BoundField) -> list[Words]:
    """What is odd about an answer that is accepted all the same."""
    form = field.form
    return list(form.warnings.get(field.name, ())) if isinstance(form, PortalForm) else []


def show_refusal(form: forms.BaseForm, refused: PortalError) -> None:
    """Put a service's refusal where the person sees it: at its field, else at the top of the form."""
    note_refusal(refused)
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, str(refused.message))


class PortalBoundField(forms.BoundField):
    """Marks its control when it is drawn, so that what a form decides late (a country's rules) counts too."""

    @property
    def warnings(self) -> list[Words]:
        """What to show beside an answer that is odd; an answer with an error has enough to say."""
        return [] if self.errors else warnings_of(self)

    @property
    def aria_describedby(self) -> str | None:
        """The ids of hint, error and warning."""
        known = super().aria_describedby
        ids = [known] if known else []
        if self.warnings and self.auto_id and not self.is_hidden:
            ids.append(f"{self.auto_id}_warning")
        return " ".join(ids) or None

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add the marks of a required answer, and keep the browser's own address book out."""
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        control = widget or self.field.widget
        if control.is_hidden or isinstance(control, _GROUPS):
            return built
        if self.field.required:
            built["aria-required"] = "true"
        # Agents type about other people; the browser's own address book would put the agent in.
        if getattr(control, "input_type", "") in _TYPED and "autocomplete" not in control.attrs:
            built.setdefault("autocomplete", "off")
        return built


def dress(form: forms.BaseForm, messages_required: Mapping[str, Words] | None = None) -> None:
    """Give a form's fields the house wording and the marks that assistive technology needs."""
    # The server decides: the browser's own bubbles would appear before our messages, in other words.
    form.use_required_attribute = False
    form.bound_field_class = PortalBoundField
    own_messages = messages_required or {}
    for name, field in form.fields.items():
        _dress_messages(name, field, own_messages)
        _dress_widget(field)


def _dress_messages(name: str, field: forms.Field, own_messages: Mapping[str, Words]) -> None:
    if name in own_messages:
        field.error_messages["required"] = own_messages[name]
    elif field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = _required_message(name, field)
    if isinstance(field, forms.CharField):
        field.error_messages["max_length"] = ngettext_lazy(
            "Use at most %(limit_value)d character (you typed %(show_value)d)",
            "Use at most %(limit_value)d characters (you typed %(show_value)d)",
            "limit_value",
        )
    if isinstance(field, forms.ChoiceField):
        field.error_messages["invalid_choice"] = gettext_lazy("Choose one of the listed answers")


def _required_message(name: str, field: forms.Field) -> str:
    label = str(field.label or name.replace("_", " "))
    # "Company name" -> "company name", but "MPN ID" keeps its capitals.
    plain = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    if isinstance(field.widget, forms.CheckboxInput):
        return _("Tick “%(label)s” to continue") % {"label": label}
    if isinstance(field.widget, _CHOOSERS):
        return _("Choose the %(label)s") % {"label": plain}
    return _("Enter the %(label)s") % {"label": plain}


def _dress_widget(field: forms.Field) -> None:
    widget = field.widget
    # A length limit in the browser cuts pasted text without a word; the server refuses it with one instead.
    widget.attrs.pop("maxlength", None)
    if widget.is_hidden:
        return
    if isinstance(widget, _GROUPS):
        widget.attrs["class"] = "form-check-input"


def _without_nul(data: Any) -> Any:
    """Drop NUL characters, which no person types and PostgreSQL cannot store; all else stays as sent."""
    if isinstance(data, MultiValueDict):
        clean = data.copy()
        for key, values in data.lists():
            clean.setlist(key, [_plain(value) for value in values])
        return clean
    if isinstance(data, Mapping):
        return {key: _plain(value) for key, value in data.items()}
    return data


def _plain(value: Any) -> Any:
    return value.replace("\x00", "") if isinstance(value, str) else value


class PortalForm(forms.Form):
    """Base of every form of the portal.

    `sections` order the fields into fieldsets (empty: all fields, one below the other). `messages_required`
    replaces "Enter the <label>" / "Choose the <label>" where those words do not fit. `today` is the current
    date in the partner's time zone, needed by forms with a `PastDateField`.
    """

    sections: ClassVar[tuple[Section, ...]] = ()
    submit_label: ClassVar[Words] = gettext_lazy("Save and continue")
    messages_required: ClassVar[Mapping[str, Words]] = {}

    def __init__(self, data: Any = None, *args: Any, today: datetime.date | None = None, **kwargs: Any) -> None:
        super().__init__(_without_nul(data), *args, **kwargs)
        self.today = today
        self.warnings: dict[str, list[Words]] = {}
        for field in self.fields.values():
            if isinstance(field, PastDateField) and today is not None:
                field.set_today(today)
            if type(field) is forms.CharField and field.max_length is None:
                field.max_length = DEFAULT_MAX_LENGTH
                field.validators.append(MaxLengthValidator(DEFAULT_MAX_LENGTH))
        dress(self, self.messages_required)

    @property
    def helper(self) -> FormHelper:
        """The crispy layout of the fieldsets; `components/form.html` adds form element, token and buttons."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = True
        helper.field_template = "components/field.html"
        helper.layout = Layout(*self._layout())
        helper.render_hidden_fields = True
        return helper

    def _layout(self) -> Iterator[Any]:
        visible = [name for name, field in self.fields.items() if not field.widget.is_hidden]
        if not self.sections:
            yield from visible
            return
        placed = {name for section in self.sections for name in section.names}
        if left_out := [name for name in visible if name not in placed]:
            raise ImproperlyConfigured(
                f"{type(self).__name__}: put {', '.join(left_out)} into a section, or nobody can fill it in"
            )
        for section in self.sections:
            rows = [row for entry in section.fields if (row := self._row(entry)) is not None]
            if rows:
                yield SectionLayout(section, self.section_id(section.key), *rows)

    def _row(self, entry: str | tuple[str, ...] | LayoutObject) -> Any:
        if isinstance(entry, LayoutObject):
            return entry
        # A form may drop fields (a country without postal codes), so a section may name absent ones.
        names = [name for name in ((entry,) if isinstance(entry, str) else entry) if name in self.fields]
        if not names:
            return None
        return names[0] if isinstance(entry, str) else Div(*names, css_class="field-row")

    def add_warning(self, name: str, words: Words) -> None:
        """Say, while cleaning, that the answer of the field `name` is odd. It is accepted all the same."""
        self.warnings.setdefault(name, []).append(words)

    def full_clean(self) -> None:
        """Validate; what was odd about earlier answers is forgotten."""
        self.warnings = {}
        super().full_clean()

    def section_id(self, key: str) -> str:
        """The element id of the section `key` on this form's page."""
        return f"section-{self.prefix}-{key}" if self.prefix else f"section-{key}"

    def error_list(self) -> list[Problem]:
        """(field id, label, message) for each problem, in page order."""
        return error_list(self)
