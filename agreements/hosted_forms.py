"""What the signatory says on the hosted page: which language it reads the agreement in, and that it accepts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.answer_forms import agreement_tick
from agreements.languages import language_label
from agreements.models import AgreementDocument
from portal.common.forms import Fragment, PortalForm, Section


class HostedForm(PortalForm):
    """Who accepts was named by the program and is not asked. texts: the documents to choose from."""

    language = forms.ChoiceField(label=_("Language of the agreement"))
    agrees = forms.BooleanField(label="")

    sections = (
        Section("text", _("The agreement"), ("language", Fragment("agreements/hosted/_text.html"))),
        Section("consent", _("Accept"), ("agrees",)),
    )
    submit_label = _("Accept")

    def __init__(self, *args: Any, texts: list[AgreementDocument], company_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [(text.language, language_label(text.language)) for text in texts]
        if len(texts) < 2:
            del self.fields["language"]
        self.fields["agrees"].label = agreement_tick(company_name)
        self.fields["agrees"].error_messages["required"] = _("Tick the box to accept, or decline instead")
