"""Choosing a password after following the link of an invitation or of a forgotten password."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal.partners import services
from portal.partners.access import acting_as, public
from portal.partners.http import PortalRequest
from portal.partners.models import User
from portal.partners.password_forms import PasswordForm

SESSION_KEY = "password_link"
# Stands in the address where the token stood, so that the token is in no history, log or Referer.
KEPT_ASIDE = "choose"


@public(reason="The link of the invitation or of the reset is the credential.")
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: PortalRequest, user_id: UUID, token: str) -> HttpResponse:
    """GET uses nothing up: it moves the token into the session. A good POST makes the link worthless."""
    user = User.objects.filter(public_id=user_id, is_active=True).first()
    kept = str(request.session.get(SESSION_KEY, "")) if token == KEPT_ASIDE else token
    if user is None or not default_token_generator.check_token(user, kept):
        return render(request, "partners/password_link_dead.html", status=410)
    if token != KEPT_ASIDE:
        request.session[SESSION_KEY] = token
        return redirect("partners:password", user_id=user_id, token=KEPT_ASIDE)
    form = PasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        by = acting_as(user, request_id=request.request_id)
        services.choose_password(by=by, user=user, password=form.cleaned_data["password1"])
        del request.session[SESSION_KEY]
        messages.success(request, _("Your password is saved. Sign in with it now."))
        return redirect("account_login")
    return render(request, "partners/password.html", {"form": form, "person": user})
