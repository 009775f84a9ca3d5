"""The address as it was probably meant: taken over into the draft on request."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers import addresses
from customers.forms import ADDRESS_FIELDS
from customers.models import OnboardingDraft
from customers.services import DraftChanged, Seen, save_draft
from customers.steps import COMPANY
from customers.views.onboarding import own_draft
from customers.views.pages import ACCOUNT
from portal.common.actor import Door
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_POST
def use_suggested_address(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    """Change the draft's address to the suggested one, and show Review again. To keep it, nothing is done."""
    page = draft.data.get(ACCOUNT, {})
    typed = {name: page.get(f"{COMPANY}-{name}", "") for name in ADDRESS_FIELDS}
    meant = addresses.suggestion(page.get(f"{COMPANY}-country", ""), typed)
    if meant is not None and draft.submitted_at is None:
        changed = {**page, **{f"{COMPANY}-{name}": value for name, value in meant.items()}}
        by, seen = actor_of(request, Door.WIZARD), Seen(draft.version)
        try:
            save_draft(by=by, draft=draft, page=ACCOUNT, typed=changed, seen=seen)
        except DraftChanged:
            messages.warning(request, _("The answers changed in another window. Check them, then choose again."))
        else:
            messages.success(request, _("The address is changed to the suggested one."))
    return redirect("customers:review", draft.pk)
