"""What staff see of programs: who has which, and nothing that anybody could use."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory
from portal.tokens.models import ApiClient, ApiSecret, AuthorizationCode, Consent, RefreshToken, TokenKey
from portal.tokens.services import agree, issue_access_token
from portal.tokens.tests.factories import ApiClientFactory, ApiSecretFactory


def test_staff_see_the_rows_and_no_secret(sales_agent: Membership, actor_for: Callable[..., Actor]) -> None:
    client = ApiClientFactory(partner=sales_agent.partner)
    ApiSecretFactory(client=client)
    issue_access_token(client=client)
    said = {"redirect_uri": "https://app.example/", "audience": "x", "nonce": "", "code_challenge": ""}
    _text, code = agree(by=actor_for(sales_agent), client=client, user=sales_agent.user, **said)
    RefreshToken.objects.create(
        consent=code.consent,
        digest="d" * 64,
        audience="x",
        password_hash=code.password_hash,
        expires_at=code.expires_at,
    )
    staff = Client()
    staff.force_login(UserFactory(is_staff=True), backend="allauth.account.auth_backends.AuthenticationBackend")
    secret, key = ApiSecret.objects.get(), TokenKey.objects.get()
    hidden = (secret.digest, key.private_sealed, code.digest, code.password_hash, "d" * 64)
    for model in (ApiClient, ApiSecret, TokenKey, Consent, AuthorizationCode, RefreshToken):
        name = model._meta.model_name
        listed = staff.get(reverse(f"admin:tokens_{name}_changelist"))
        shown = staff.get(reverse(f"admin:tokens_{name}_change", args=[model.objects.get().pk]))
        assert (listed.status_code, shown.status_code) == (200, 200), name
        assert not [text for text in hidden if text in listed.content.decode() + shown.content.decode()], name
        assert staff.get(reverse(f"admin:tokens_{name}_add")).status_code == 403
