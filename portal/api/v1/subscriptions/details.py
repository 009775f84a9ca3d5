"""What belongs to one subscription beside itself, and what the portal has none of."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from ninja import Router

from orders.services import set_support_contact
from portal.api.v1.access import needs
from portal.api.v1.answers import answer, collection, out
from portal.api.v1.callers import ApiRequest, Callers
from portal.api.v1.faults import NO_SUCH_OPERATION, Fault
from portal.api.v1.fetching import customer_of
from portal.api.v1.subscriptions.fetching import subscription_of
from portal.api.v1.subscriptions.mapping import path_of, provisioning_out, support_contact_out
from portal.api.v1.subscriptions.operations import ONE
from portal.api.v1.subscriptions.schemas import (
    Nothing,
    ProvisioningOut,
    RegistrationOut,
    SubscribedSkuOut,
    SupportContactIn,
    SupportContactOut,
)
from portal.api.v1.subscriptions.skus import subscribed_skus
from portal.api.v1.wire import Collection
from portal.partners.models import Partner
from portal.partners.permissions import Permission

router = Router(tags=["Subscriptions"])

NO_PARTNER = 800015
NothingPage = Collection[Nothing]


@router.get(ONE + "/provisioningstatus", response=out(ProvisioningOut), operation_id="getProvisioningStatus")
@needs(Permission.ORDERS_VIEW, callers=Callers.USER)
def get_provisioning_status(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """Whether the licences are there; they are as soon as the order is placed."""
    row = subscription_of(request, customer_of(request, customer_id), subscription_id)
    return answer(provisioning_out(row))


@router.get(ONE + "/supportcontact", response=out(SupportContactOut), operation_id="getSupportContact")
@needs(Permission.ORDERS_VIEW, callers=Callers.USER)
def get_support_contact(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """The partner that supports a subscription: the one that sold it, unless another was named."""
    customer = customer_of(request, customer_id)
    return answer(support_contact_out(subscription_of(request, customer, subscription_id), customer))


@router.put(ONE + "/supportcontact", response=out(SupportContactOut), operation_id="updateSupportContact")
@needs(Permission.ORDERS_CHANGE_LICENCES, callers=Callers.USER)
def put_support_contact(
    request: ApiRequest, customer_id: UUID, subscription_id: UUID, body: SupportContactIn
) -> HttpResponse:
    """Name the partner that supports a subscription: your company or one of your indirect resellers."""
    customer = customer_of(request, customer_id)
    row = subscription_of(request, customer, subscription_id)
    partner = _supporter(request.caller.partner, body)
    changed = set_support_contact(by=request.caller.actor, subscription=row, partner=partner)
    return answer(support_contact_out(changed, customer))


def _supporter(own: Partner, body: SupportContactIn) -> Partner:
    """Raises Fault 404/800015. Which other partners there are is nobody's to find out: only known ones are found."""
    mpn_id = body.support_mpn_id.strip()
    known = Partner.objects.filter(Q(pk=own.pk) | Q(provider_links__provider=own)).order_by("pk")
    partners = known.none()
    if body.support_tenant_id is not None:
        partners = known.filter(tenant_id=body.support_tenant_id)
    elif mpn_id:
        partners = known.filter(mpn_id=mpn_id)
    found = partners.first()
    if found is None:
        raise Fault(404, NO_PARTNER, "Name the partner in supportTenantId or supportMpnId.", data=["supportTenantId"])
    return found


def _nothing(request: ApiRequest, customer_id: UUID, subscription_id: UUID, name: str) -> HttpResponse:
    subscription_of(request, customer_of(request, customer_id), subscription_id)
    return answer(collection([], self_uri=f"{path_of(customer_id, subscription_id)}/{name}"))


@router.get(ONE + "/upgrades", response=out(NothingPage), operation_id="listUpgrades")
@needs(Permission.ORDERS_VIEW)
def list_upgrades(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """Always empty: to move to another product, order it and end the old one."""
    return _nothing(request, customer_id, subscription_id, "upgrades")


@router.get(ONE + "/transitions", response=out(NothingPage), operation_id="listTransitions")
@needs(Permission.ORDERS_VIEW, callers=Callers.USER)
def list_transitions(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """Always empty, as upgrades are."""
    return _nothing(request, customer_id, subscription_id, "transitions")


@router.get(ONE + "/transitionEligibilities", response=out(NothingPage), operation_id="listTransitionEligibilities")
@needs(Permission.ORDERS_VIEW, callers=Callers.USER)
def list_transition_eligibilities(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """Always empty, as upgrades are."""
    return _nothing(request, customer_id, subscription_id, "transitionEligibilities")


@router.get(ONE + "/conversions", response=out(NothingPage), operation_id="listConversions")
@needs(Permission.ORDERS_VIEW, callers=Callers.USER)
def list_conversions(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """Always empty: a trial becomes a paid subscription by an order."""
    return _nothing(request, customer_id, subscription_id, "conversions")


@router.get(ONE + "/activationlinks", response=out(NothingPage), operation_id="listSubscriptionActivationLinks")
@needs(Permission.ORDERS_VIEW)
def list_activation_links(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """Always empty: nothing that is sold here is activated at a third party."""
    return _nothing(request, customer_id, subscription_id, "activationlinks")


@router.post(ONE + "/registrations", response=out(Nothing), operation_id="registerSubscription")
@needs(Permission.ORDERS_CHANGE_LICENCES)
def register_subscription(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """Never possible: only Azure subscriptions are registered, and none are sold here."""
    subscription_of(request, customer_of(request, customer_id), subscription_id)
    raise Fault(400, NO_SUCH_OPERATION, "This is not an Azure subscription; there is nothing to register.")


@router.get(ONE + "/registrationstatus", response=out(RegistrationOut), operation_id="getRegistrationStatus")
@needs(Permission.ORDERS_VIEW)
def get_registration_status(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """Always notregistered: only Azure subscriptions are registered."""
    row = subscription_of(request, customer_of(request, customer_id), subscription_id)
    return answer(RegistrationOut(subscription_id=row.pk, status="notregistered"))


@router.get(
    "/customers/{customer_id}/subscribedskus",
    response=out(Collection[SubscribedSkuOut]),
    operation_id="listSubscribedSkus",
)
@needs(Permission.ORDERS_VIEW, callers=Callers.USER)
def list_subscribed_skus(request: ApiRequest, customer_id: UUID) -> HttpResponse:
    """How many licences of each SKU the customer has. All are of group1; licenseGroupIds picks groups."""
    customer = customer_of(request, customer_id)
    groups = [each.lower() for each in request.GET.getlist("licenseGroupIds") if each]
    items = subscribed_skus(customer, request.caller.membership) if not groups or "group1" in groups else []
    return answer(collection(items, self_uri=f"/customers/{customer_id}/subscribedskus"))
