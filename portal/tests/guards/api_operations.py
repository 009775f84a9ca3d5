"""The operations of the API, as its description has them, and tokens for the people of the access matrix."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from django.test import Client
from pydantic import BaseModel

from agreements.tests.factories import MCA_TEMPLATE_ID
from orders.models import Order
from portal.api.v1.api import api
from portal.api.v1.callers import Callers
from portal.api.v1.catalog.names import availability_id, catalog_item_id, offer_id
from portal.api.v1.docs import operations_needs
from portal.partners.permissions import Permission
from portal.tests.guards.world import World
from portal.tokens.models import ApiClient, Consent
from portal.tokens.services import issue_access_token
from portal.tokens.tests.factories import ApiClientFactory

METHODS = ("get", "head", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """path: with its parameters in braces, from the root; described: its part of the description."""

    key: str
    method: str
    path: str
    permission: Permission | None
    callers: Callers
    described: dict[str, Any]

    @property
    def area(self) -> str:
        """What the description groups it under."""
        return str(self.described["tags"][0])

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)


@cache
def schema() -> dict[str, Any]:
    """The description, in plain JSON."""
    return dict(json.loads(json.dumps(api.get_openapi_schema(path_prefix="/v1/"), default=str)))


@cache
def operations() -> dict[str, Operation]:
    """By operation id and, for HEAD beside GET, by method."""
    needs, found = operations_needs(), {}
    for path, methods in schema()["paths"].items():
        for method in METHODS:
            if method not in methods:
                continue
            key = methods[method]["operationId"]
            permission, callers = needs[key]
            found[key] = Operation(key, method.upper(), path, permission, callers, methods[method])
    return found


def token_of(world: World, callers: Callers) -> str:
    """A token of the world's person (App+User), or of a program that has the same roles (app-only)."""
    assert world.member is not None
    client: ApiClient = ApiClientFactory(
        partner=world.member.partner, allows_app_only=True, roles=list(world.member.roles)
    )
    if callers == Callers.APP:
        return issue_access_token(client=client)
    Consent.objects.get_or_create(client=client, user=world.member.user)
    return issue_access_token(client=client, user=world.member.user)


def address(operation: Operation, values: dict[str, object], query: str = "") -> str:
    """The operation's address with these values for its parameters."""
    path = re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), operation.path)
    return f"{path}?{query}" if query else path


def send(token: str, operation: Operation, url: str, body: Any, **headers: str) -> Any:
    """Answered by Django's test client. body: raw text or bytes, or what becomes JSON."""
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client(raise_request_exception=False).generic(
        operation.method,
        url,
        "" if operation.method in ("GET", "HEAD") else data,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", **headers},
    )


def values_of(world: World) -> dict[str, object]:
    """What stands in addresses and bodies: by the name of the parameter, of the world's own partner."""
    order = Order.objects.get(number=world.kwargs["number"])
    sku = order.lines.get().sku
    availability = sku.availabilities.first()
    assert availability is not None
    return {
        **world.kwargs,
        "order_id": order.number,
        "line_number": 0,
        "attachment_id": uuid.uuid4(),
        "attestation_id": uuid.uuid4(),
        "template_id": MCA_TEMPLATE_ID,
        "domain": "free1.onmicrosoft.com",
        "country": "PL",
        "product_id": sku.product.code,
        "sku_id": sku.code,
        "offer_id": offer_id(sku),
        "availability_id": availability_id(availability),
        "catalog_item_id": catalog_item_id(availability),
        "promotion_id": "NOSUCHTHING",
        "record_id": uuid.uuid4(),
        "invoice_id": "D0300055V5",
        "correlation_id": uuid.uuid4(),
    }


def filled(body: Any, values: dict[str, object]) -> Any:
    """The body with the world's values in place of their names."""
    if isinstance(body, str) and body.startswith("<") and body.endswith(">"):
        return str(values[body[1:-1]])
    if isinstance(body, dict):
        return {name: filled(each, values) for name, each in body.items()}
    return [filled(each, values) for each in body] if isinstance(body, list) else body


def bodies() -> Iterator[type[BaseModel]]:
    """Every class of a body that the description is made of, once."""
    seen: set[type[BaseModel]] = set()
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for operation in view.operations:
                kinds = [*operation.models, *(kind for kind in operation.response_models.values() if kind)]
                for kind in kinds:
                    yield from _parts(kind, seen)


def _parts(kind: Any, seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind not in seen:
            seen.add(kind)
            yield kind
            for field in kind.model_fields.values():
                yield from _parts(field.annotation, seen)
        return
    for part in get_args(kind):
        yield from _parts(part, seen)
