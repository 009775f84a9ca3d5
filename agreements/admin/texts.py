"""The agreement's texts, kept through the services."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agreements.languages import DEFAULT_LANGUAGE, LANGUAGES_OF, NOT_OFFERED, languages_for
from agreements.models import AgreementDocument, AgreementTemplate
from agreements.services import add_document, create_template, delete_document, delete_template
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.admin import ServiceAdmin, ServiceForm, staff_actor

LANGUAGES = sorted({DEFAULT_LANGUAGE, *(tag for tags in LANGUAGES_OF.values() for tag in tags)})
MAX_MEGABYTES = 10
SUFFIXES = ("docx", "pdf", "txt")


class AddOnlyAdmin(ServiceAdmin):
    """Added through a service, never changed, deleted only while nothing refers to it.

    Subclasses also say `is_unused(obj)` and `delete_by_service(by, obj)`.
    """

    def is_unused(self, obj: Any) -> bool:
        # Django's metaclass leaves no room for an abstract one; every subclass says its own.
        raise NotImplementedError

    def delete_by_service(self, by: Actor, obj: Any) -> None:
        # As above.
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Past ServiceAdmin, which lets nobody delete anything.
        is_allowed = admin.ModelAdmin.has_delete_permission(self, request, obj)
        return obj is not None and is_allowed and self.is_unused(obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A colleague may have added the same since the form was checked: a refusal then, not a fault."""
        try:
            with transaction.atomic():
                super().save_model(request, obj, form, change)
        except ValidationError as mistake:
            raise RuleViolation(" ".join(mistake.messages)) from None
        except IntegrityError:
            raise RuleViolation(_("This is there already. Look for it in the list.")) from None

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_by_service(staff_actor(request), obj)


class TemplateForm(ServiceForm):
    class Meta:
        model = AgreementTemplate
        fields = ("type", "template_id", "version", "effective_on", "renew_before", "renewal_enforced_on")


@admin.register(AgreementTemplate)
class AgreementTemplateAdmin(AddOnlyAdmin):
    form = TemplateForm
    list_display = ("version", "type", "template_id", "effective_on", "renew_before", "renewal_enforced_on")
    list_filter = ("type", "effective_on")
    search_fields = ("version", "template_id__iexact")

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> AgreementTemplate:
        return create_template(by=by, **said)

    def is_unused(self, obj: AgreementTemplate) -> bool:
        return not obj.documents.exists()

    def delete_by_service(self, by: Actor, obj: AgreementTemplate) -> None:
        delete_template(by=by, template=obj)


class DocumentForm(ServiceForm):
    language = forms.ChoiceField(label=_("Language"), choices=[(tag, tag) for tag in LANGUAGES])
    file = forms.FileField(
        label=_("File"), max_length=100, validators=[FileExtensionValidator(SUFFIXES)], allow_empty_file=False
    )

    class Meta:
        model = AgreementDocument
        fields = ("template", "country", "language", "file")

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"])
        if country in NOT_OFFERED:
            raise ValidationError(_("The agreement is not offered there. Choose another country or region."))
        return country

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_MEGABYTES * 1024 * 1024:
            raise ValidationError(_("Choose a file of at most %(size)d MB.") % {"size": MAX_MEGABYTES})
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        country, language = cleaned.get("country"), cleaned.get("language")
        if country and language and language not in languages_for(country):
            tags = ", ".join(languages_for(country))
            self.add_error("language", _("For this country, choose one of: %(tags)s.") % {"tags": tags})
        return cleaned


@admin.register(AgreementDocument)
class AgreementDocumentAdmin(AddOnlyAdmin):
    form = DocumentForm
    list_display = ("template", "country", "language", "sha256", "created_at")
    list_select_related = ("template",)
    list_filter = ("template", "language", "country")
    search_fields = ("sha256", "public_id__iexact", "language", "country", "template__version")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An existing one is described; its file is read on the portal's Agreements page, not from a folder."""
        if obj is None:
            return super().get_fields(request, obj)
        return ("template", "country", "language", "sha256", "public_id", "file_name", "created_at")

    @admin.display(description=_("file"))
    def file_name(self, document: AgreementDocument) -> str:
        return document.file.name or "-"

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> AgreementDocument:
        return add_document(
            by=by,
            template=said["template"],
            country=said["country"],
            language=said["language"],
            content=said["file"].read(),
            filename=said["file"].name,
        )

    def is_unused(self, obj: AgreementDocument) -> bool:
        return not obj.attestations.exists()

    def delete_by_service(self, by: Actor, obj: AgreementDocument) -> None:
        delete_document(by=by, document=obj)
