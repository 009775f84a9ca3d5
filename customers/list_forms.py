"""The forms of the work on many customers: tags, resellers, export."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import Tag
from customers.services.tags import tag_names
from portal.common.errors import RuleViolation
from portal.common.forms import PortalForm
from portal.partners.models import Partner

# The element that offers the tags known so far (customers/_known_tags.html).
KNOWN_TAGS = "known-tags"


class TagNameField(forms.CharField):
    """One tag. Length and signs are the service's rules: one wording for every door."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(max_length=200, **kwargs)

    def clean(self, value: object) -> str:
        typed = super().clean(value)
        names = _checked([typed])
        if not names:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return names[0]


class TagsForm(PortalForm):
    """Every tag of one customer, with commas between them."""

    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=10_000,
        help_text=_("Put a comma between tags. A tag that you do not have yet is made when you save."),
        widget=forms.TextInput(attrs={"list": KNOWN_TAGS, "data-many": "", "autocapitalize": "off"}),
    )
    submit_label = _("Save")

    def clean_tags(self) -> list[str]:
        return _checked(self.cleaned_data["tags"].replace("\n", ",").split(","))


class TagForm(PortalForm):
    """The name of a tag."""

    name = TagNameField(label=_("Tag"))
    submit_label = _("Save")


class AddTagForm(PortalForm):
    """The tag to put on many customers: one of those known so far, or a new one."""

    tag = TagNameField(
        label=_("Tag"),
        help_text=_("A tag that you do not have yet is made."),
        widget=forms.TextInput(attrs={"list": KNOWN_TAGS, "autocapitalize": "off"}),
    )
    submit_label = _("Add tag")


class RemoveTagForm(PortalForm):
    """One of the tags that the chosen customers have. tags: those."""

    tag = forms.ChoiceField(label=_("Tag"))
    submit_label = _("Remove tag")

    def __init__(self, *args: object, tags: Iterable[Tag], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.tags = {str(tag.public_id): tag for tag in tags}
        listed = [(public_id, tag.name) for public_id, tag in self.tags.items()]
        self.fields["tag"].choices = [("", _("Choose one")), *listed]

    @property
    def chosen(self) -> Tag:
        """The tag of a valid form."""
        return self.tags[self.cleaned_data["tag"]]


class ResellerForm(PortalForm):
    """One of the provider's indirect resellers, or none."""

    NONE = "none"

    reseller = forms.ChoiceField(label=_("Indirect reseller"))
    submit_label = _("Set indirect reseller")

    def __init__(self, *args: object, provider: Partner, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.resellers = {str(each.tenant_id): each for each in Partner.objects.resellers_of(provider)}
        listed = [(public_id, each.name) for public_id, each in self.resellers.items()]
        none = (self.NONE, _("None: you sell to them yourself"))
        self.fields["reseller"].choices = [("", _("Choose one")), *listed, none]

    @property
    def chosen(self) -> Partner | None:
        """The reseller of a valid form; None where the customers are to have none."""
        return self.resellers.get(self.cleaned_data["reseller"])


class ExportForm(PortalForm):
    """What kind of file to make."""

    CSV, XLSX = "csv", "xlsx"

    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(XLSX, _("Excel workbook (XLSX)")), (CSV, _("CSV, for other programs"))],
        widget=forms.RadioSelect,
    )
    submit_label = _("Export")


def _checked(names: list[str]) -> list[str]:
    try:
        return tag_names(names)
    except RuleViolation as refused:
        raise forms.ValidationError(str(refused.message)) from None
