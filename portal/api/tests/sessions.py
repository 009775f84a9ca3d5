"""A client of the API with a real token: of a member through a program, or of a program by itself."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from django.test import Client

from portal.partners.models import Membership, Partner
from portal.tokens.models import ApiClient, Consent, TokenKey
from portal.tokens.services import issue_access_token
from portal.tokens.services.keys import new_key
from portal.tokens.tests.factories import ApiClientFactory


class Session:
    """Calls below /v1. Bodies are dicts, lists or raw text; headers by their names with underscores."""

    def __init__(self, client: ApiClient, member: Membership | None) -> None:
        self.client, self.member, self.http = client, member, Client()
        self.token = issue_access_token(client=client, user=member.user if member else None)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, str | bytes) else "" if body is None else json.dumps(body)
        return self.http.generic(
            method,
            f"/v1{path}",
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}", **sent},
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def head(self, path: str, **headers: str) -> Any:
        return self.call("HEAD", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, **headers)


@cache
def prepared_key() -> dict[str, Any]:
    """One signing key for all tests of a process: making one takes a while."""
    key = new_key()
    return {"kid": key.kid, "private_sealed": key.private_sealed, "public_jwk": key.public_jwk}


@pytest.fixture
def api(db: None) -> Callable[..., Session]:
    """`api(member)` is App+User, `api(partner=…, roles=(…))` app-only."""
    TokenKey.objects.get_or_create(**prepared_key())

    def connect(
        member: Membership | None = None, *, partner: Partner | None = None, roles: tuple[str, ...] = ("admin_agent",)
    ) -> Session:
        owner = partner or (member.partner if member else None)
        client = ApiClientFactory(partner=owner, allows_app_only=True, roles=list(roles))
        if member is not None:
            Consent.objects.get_or_create(client=client, user=member.user)
        return Session(client, member)

    return connect
