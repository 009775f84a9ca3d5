"""New customer: products for a customer that is being made, a page that may be left out."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from customers.models import OnboardingDraft
from customers.views.onboarding import draft_page, own_draft
from customers.views.pages import SUBSCRIPTIONS
from portal.common.kept_forms import shows_kept_form
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@shows_kept_form
@requires(Permission.ORDERS_PLACE, on=own_draft)
@require_http_methods(["GET", "HEAD", "POST"])
def subscriptions(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    """What is sold in the customer's country, each with a quantity; kept like every page of the draft."""
    return draft_page(request, draft, SUBSCRIPTIONS)
