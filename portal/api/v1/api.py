"""The operations of /v1, put together."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic.alias_generators import to_camel

from portal.api.v1.agreements import operations as agreements
from portal.api.v1.auditing import operations as auditing
from portal.api.v1.billing import operations as billing
from portal.api.v1.callers import Caller
from portal.api.v1.carts import operations as carts
from portal.api.v1.catalog import offers
from portal.api.v1.catalog import operations as catalog
from portal.api.v1.customers import operations as customers
from portal.api.v1.faults import BAD_CHOICE, BAD_ID, INVALID, NOT_THERE, UNAUTHORIZED, Fault, answer_of, fault_of
from portal.api.v1.orders import details as order_details
from portal.api.v1.orders import operations as orders
from portal.api.v1.parsing import WireParser
from portal.api.v1.partners import operations as partners
from portal.api.v1.reference import operations as reference
from portal.api.v1.subscriptions import details as subscription_details
from portal.api.v1.subscriptions import operations as subscriptions
from portal.api.v1.webhooks import operations as webhooks
from portal.common.errors import PortalError
from portal.common.refusals import note_refusal


class Bearer(HttpBearer):
    """The token was read at the door (portal.api.middleware); this says so in the description."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        return getattr(request, "caller", None)


api = NinjaAPI(
    title="Partner portal",
    version="1",
    description=(
        "Partner Center's REST API in its own wire format. A program's own token (app-only): POST "
        "/{tenant}/oauth2/v2.0/token with grant_type=client_credentials, client_id, client_secret and "
        "scope=https://api.partnercenter.microsoft.com/.default. A member's (App+User): send the browser to "
        "/{tenant}/oauth2/v2.0/authorize with response_type=code, redirect_uri and PKCE, then redeem the code at the "
        "token address. Tenant: the partner's Microsoft ID. Clients are made in Settings > API clients."
    ),
    auth=Bearer(),
    parser=WireParser(),
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
)


@api.exception_handler(Fault)
def _fault(request: HttpRequest, fault: Any) -> HttpResponse:
    return answer_of(fault)


@api.exception_handler(PortalError)
def _refused(request: HttpRequest, refused: Any) -> HttpResponse:
    note_refusal(refused)
    return answer_of(fault_of(cast(PortalError, refused)))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, mistake: Any) -> HttpResponse:
    """One sentence with every member that is wrong; no value is repeated."""
    errors = mistake.errors
    told = "; ".join(f"{_place(each['loc'])}: {each['msg'].removeprefix('Value error, ')}" for each in errors[:20])
    is_path = any(each["loc"][0] == "path" for each in errors)
    is_choice = any("must be one of" in each["msg"] for each in errors)
    code = BAD_ID if is_path else BAD_CHOICE if is_choice else INVALID
    return answer_of(Fault(400, code, told, data=[_place(each["loc"]) for each in errors[:20]]))


def _place(loc: tuple[Any, ...]) -> str:
    """Where in the request, without the name of the parameter that holds a body."""
    if not loc or loc[0] != "body":
        return ".".join(str(part) for part in loc[1:]) or str(loc[0] if loc else "request")
    return ".".join(to_camel(str(part)) for part in loc[2:] or loc[1:]) or "body"


@api.exception_handler(Http404)
def _missing(request: HttpRequest, mistake: Any) -> HttpResponse:
    return answer_of(Fault(404, NOT_THERE, "There is no such thing."))


@api.exception_handler(HttpError)
def _wrong(request: HttpRequest, mistake: Any) -> HttpResponse:
    return answer_of(Fault(400, INVALID, str(mistake)))


@api.exception_handler(AuthenticationError)
def _nobody(request: HttpRequest, mistake: Any) -> HttpResponse:
    return answer_of(Fault(401, UNAUTHORIZED, "Send an access token."))


# The resources, in the order in which they are described.
ROUTERS: tuple[Router, ...] = (
    agreements.router,
    customers.router,
    reference.router,
    catalog.router,
    offers.router,
    carts.router,
    orders.router,
    order_details.router,
    subscriptions.router,
    subscription_details.router,
    partners.router,
    auditing.router,
    billing.router,
    webhooks.router,
)
for router in ROUTERS:
    api.add_router("", router)
for bound in api._get_bound_routers():
    for view in bound.path_operations.values():
        for operation in view.operations:
            # Described as `answer` writes them: in camelCase.
            operation.by_alias = True
