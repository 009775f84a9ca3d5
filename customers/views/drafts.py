"""My drafts: the New customers that a person has not finished yet."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from customers.models import OnboardingDraft
from customers.services import discard_draft
from customers.views.pages import own_draft
from portal.common.actor import Door
from portal.common.keyset import keyset_page
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.CUSTOMERS_CREATE)
@require_safe
def drafts(request: MemberRequest) -> HttpResponse:
    """The member's own, last saved first."""
    own = OnboardingDraft.objects.visible_to(request.membership).unfinished()
    page = keyset_page(request, own, field="updated_at", public="id", descending=True)
    return render(request, "customers/drafts.html", {"page": page})


@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    """Asks first; a draft that made a customer stays."""
    if draft.submitted_at is not None:
        return redirect("customers:confirmation", draft.pk)
    if request.method != "POST":
        return render(request, "customers/new/discard.html", {"draft": draft})
    discard_draft(by=actor_of(request, Door.WIZARD), draft=draft)
    messages.success(request, _("The draft is thrown away."))
    return redirect("customers:drafts")
