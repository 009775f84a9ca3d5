"""Settings > API clients, for the global admin: programs that work for the partner through the API."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.common.actor import Door
from portal.common.errors import PortalError
from portal.common.forms import show_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission
from portal.tokens import services
from portal.tokens.forms import FOR_MEMBERS, ON_ITS_OWN, ClientForm, SecretForm
from portal.tokens.models import ApiClient, ApiSecret, Consent
from portal.tokens.views.client_rows import (
    acts_for_members,
    addresses_of,
    clients_of,
    consents_to,
    example_for,
    row_of,
    secrets_of,
)
from portal.tokens.views.shown_once import forget_secret, make_secret

MANAGE = Permission.PARTNER_MANAGE_API_CLIENTS


def visible_client(membership: Membership, *, client_id: UUID) -> ApiClient | None:
    clients = ApiClient.objects.visible_to(membership).select_related("partner")
    return clients.filter(client_id=client_id).first()


def visible_secret(membership: Membership, *, client_id: UUID, secret_id: UUID) -> ApiSecret | None:
    client = visible_client(membership, client_id=client_id)
    return client and client.secrets.filter(public_id=secret_id).select_related("client__partner").first()


def visible_consent(membership: Membership, *, client_id: UUID, consent_id: UUID) -> Consent | None:
    client = visible_client(membership, client_id=client_id)
    found = Consent.objects.filter(client=client, public_id=consent_id).select_related("client__partner", "user")
    return client and found.first()


@requires(MANAGE)
@require_safe
def client_list(request: MemberRequest) -> HttpResponse:
    """The active ones first; whose secret runs out soon is marked."""
    return render(request, "tokens/clients/list.html", {"rows": clients_of(request.membership)})


@requires(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def client_new(request: MemberRequest) -> HttpResponse:
    """A new program; where it will need a secret, making one is the next page."""
    form = ClientForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            client = services.create_client(
                by=actor_of(request, Door.SETTINGS),
                partner=request.membership.partner,
                submit_key=request.POST.get("submit_key", ""),
                **form.cleaned_data,
            )
        except PortalError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("%(name)s is created.") % {"name": client.name})
            return redirect("api_clients:client" if client.is_public else "api_clients:new_secret", client.client_id)
    submit_key = request.POST.get("submit_key") or uuid4().hex
    return render(request, "tokens/clients/new.html", {"form": form, "submit_key": submit_key})


@requires(MANAGE, on=visible_client)
@require_safe
def client_page(request: MemberRequest, client: ApiClient) -> HttpResponse:
    """Everything about one program but its secrets, of which only the beginning is known."""
    forget_secret(request)
    secrets = secrets_of(client)
    context = {
        "row": row_of(client, [secret for secret, _standing in secrets if secret.is_usable]),
        "client": client,
        "addresses": addresses_of(client),
        "secrets": secrets,
        "consents": consents_to(client),
        "for_members": acts_for_members(client),
    }
    return render(request, "tokens/clients/client.html", context)


@requires(MANAGE, on=visible_client)
@require_http_methods(["GET", "HEAD", "POST"])
def client_edit(request: MemberRequest, client: ApiClient) -> HttpResponse:
    form = ClientForm(request.POST if request.method == "POST" else None, initial=_typed(client))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_client(by=actor_of(request, Door.SETTINGS), client=client, **form.cleaned_data)
        except PortalError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The changes to %(name)s are saved.") % {"name": form.cleaned_data["name"]})
            return redirect("api_clients:client", client.client_id)
    return render(request, "tokens/clients/edit.html", {"form": form, "client": client})


def _typed(client: ApiClient) -> dict[str, Any]:
    """The client as the form asks for it."""
    purposes = {ON_ITS_OWN: client.allows_app_only, FOR_MEMBERS: acts_for_members(client)}
    return {
        "name": client.name,
        "purposes": [code for code, is_so in purposes.items() if is_so],
        "roles": client.roles,
        "redirect_uris": "\n".join(client.redirect_uris),
        "is_public": client.is_public,
        "allows_password": client.allows_password,
    }


@requires(MANAGE, on=visible_client)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def secret_new(request: MemberRequest, client: ApiClient) -> HttpResponse:
    """The answer to the POST shows the secret; the same form sent again shows the same one again."""
    form = SecretForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "client": client, "addresses": addresses_of(client)}
    if request.method == "POST" and form.is_valid():
        key = request.POST.get("submit_key", "")
        try:
            by = actor_of(request, Door.SETTINGS)
            secret, text = make_secret(request, by=by, client=client, submit_key=key, **form.cleaned_data)
        except PortalError as refused:
            show_refusal(form, refused)
        else:
            shown = {"secret": secret, "text": text, "example": example_for(client, text)}
            return render(request, "tokens/clients/secret.html", context | shown)
    context["submit_key"] = request.POST.get("submit_key") or uuid4().hex
    return render(request, "tokens/clients/new_secret.html", context)


@requires(MANAGE, on=visible_secret)
@require_http_methods(["GET", "HEAD", "POST"])
def secret_revoke(request: MemberRequest, secret: ApiSecret) -> HttpResponse:
    """Asks first. One that is of no use any more needs no revoking."""
    client = secret.client
    if request.method == "POST":
        services.revoke_secret(by=actor_of(request, Door.SETTINGS), secret=secret)
        messages.success(request, _("The secret is revoked."))
    elif secret.is_usable:
        return render(request, "tokens/clients/revoke_secret.html", {"secret": secret, "client": client})
    return redirect("api_clients:client", client.client_id)


@requires(MANAGE, on=visible_client)
@require_http_methods(["GET", "HEAD", "POST"])
def client_disable(request: MemberRequest, client: ApiClient) -> HttpResponse:
    """Asks first, as a program stops working; it can be enabled again."""
    if request.method == "POST":
        services.disable_client(by=actor_of(request, Door.SETTINGS), client=client)
        messages.success(request, _("%(name)s is disabled.") % {"name": client.name})
    elif client.is_active:
        return render(request, "tokens/clients/disable.html", {"client": client})
    return redirect("api_clients:client", client.client_id)


@requires(MANAGE, on=visible_client)
@require_POST
def client_enable(request: MemberRequest, client: ApiClient) -> HttpResponse:
    services.enable_client(by=actor_of(request, Door.SETTINGS), client=client)
    messages.success(request, _("%(name)s is enabled.") % {"name": client.name})
    return redirect("api_clients:client", client.client_id)


@requires(MANAGE, on=visible_consent)
@require_http_methods(["GET", "HEAD", "POST"])
def consent_revoke(request: MemberRequest, consent: Consent) -> HttpResponse:
    """Asks first: the program cannot act for this member any more, until they allow it again."""
    client = consent.client
    if request.method == "POST":
        services.revoke_consent(by=actor_of(request, Door.SETTINGS), consent=consent)
        messages.success(request, _("%(name)s cannot act for them any more.") % {"name": client.name})
    elif consent.revoked_at is None:
        return render(request, "tokens/clients/revoke_consent.html", {"consent": consent, "client": client})
    return redirect("api_clients:client", client.client_id)
