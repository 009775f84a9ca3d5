"""The form of a saved view."""

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import SavedView
from portal.common.forms import PortalForm


class SaveViewForm(PortalForm):
    """What to call the list as it is shown."""

    name = forms.CharField(label=_("Name of the view"), max_length=SavedView._meta.get_field("name").max_length)
    submit_label = _("Save view")
