"""Home: where everybody starts."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from customers.models import CustomerUser
from portal.dashboard.mailfolder import folder
from portal.dashboard.overview import overview_of
from portal.partners.access import signed_in
from portal.partners.http import PortalRequest


@signed_in(reason="Staff and customers' administrators sign in too; without a membership it says where to go.")
@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """What waits for this member, and how the partner's customers stand."""
    if request.membership is None and CustomerUser.objects.filter(user_id=request.user.pk).exists():
        return redirect("agreements:answers")
    if request.membership is None:
        return render(request, "dashboard/no_membership.html", {"has_mail_folder": settings.IS_LOCAL and folder()})
    return render(request, "dashboard/home.html", {"overview": overview_of(request.membership)})
