"""What every operation of the API needs, said a second time and in one place: the API's access guard walks it.

A new operation is added here by hand, so that its access is a decision that somebody reads.
"""

from dataclasses import dataclass, field
from typing import Any

from portal.api.v1.callers import Callers
from portal.partners.permissions import Permission as P

ANY, USER, APP = Callers.ANY, Callers.USER, Callers.APP


@dataclass(frozen=True)
class ApiRule:
    """permission: None where a valid token is enough; on: the kind of object in the address, which strangers do not
    see ("" for none); resellers, national: whether partners of that kind, or in a national cloud, may.

    query, body: what is right for the operation, "<name>" standing for a value of the world, so that what is
    answered is about access.
    """

    permission: P | None
    callers: Callers = ANY
    on: str = ""
    resellers: bool = True
    national: bool = True
    query: str = ""
    body: Any = field(default_factory=dict)


OURS, CUSTOMER = {"resellers": False}, {"on": "customer"}
OUR_CUSTOMER = OURS | CUSTOMER
AGREEMENT = OUR_CUSTOMER | {"national": False}
PERSON = {"firstName": "Ada", "lastName": "Vinter", "email": "ada@example.org", "phoneNumber": "4255550100"}
ADDRESS = {
    "country": "PL",
    "city": "Warszawa",
    "state": "",
    "addressLine1": "ul. Prosta 1",
    "postalCode": "00-001",
    "firstName": "Ada",
    "lastName": "Vinter",
    "phoneNumber": "+48221234567",
}
BILLING = {
    "email": "ada@example.org",
    "culture": "pl-PL",
    "language": "pl",
    "companyName": "Relecloud",
    "defaultAddress": ADDRESS,
}
CONFIRMED = {"primaryContact": PERSON, "templateId": "<template_id>", "dateAgreed": "2025-11-03T09:30:00Z"}
LINE = {"lineItemNumber": 0, "offerId": "<offer_id>", "friendlyName": "mine", "quantity": 5}
ORDER = {"billingCycle": "monthly", "lineItems": [LINE], "partnerOnRecordAttestationAccepted": True}
CART_LINE = {"id": 0, "catalogItemId": "<catalog_item_id>", "quantity": 5, "billingCycle": "monthly"}
SIGNATORY = {"signatoryFirstName": "Ada", "signatoryLastName": "Vinter", "signatoryEmail": "ada@example.org"}
WHERE = {"address": ADDRESS, "primaryContact": PERSON}
SUPPORT = {"email": "help@northwind.example", "telephone": "4255550100", "website": "northwind.example"}
WEBHOOK = {"WebhookUrl": "https://hooks.example/in", "WebhookEvents": ["customer-created", "agreement-recorded"]}

API_TABLE: dict[str, ApiRule] = {
    # Agreements
    "getAgreementMetadata": ApiRule(P.AGREEMENTS_VIEW_TEMPLATES, USER, national=False),
    "getAgreementDocument": ApiRule(
        P.AGREEMENTS_VIEW_TEMPLATES, USER, national=False, query="country=PL&language=en-US"
    ),
    "getCustomerAgreements": ApiRule(P.AGREEMENTS_VIEW_RECORDS, USER, **AGREEMENT),
    "createCustomerAgreement": ApiRule(
        P.AGREEMENTS_CONFIRM, USER, **AGREEMENT, body=CONFIRMED | {"type": "MicrosoftCustomerAgreement"}
    ),
    "getDirectSignedStatus": ApiRule(P.AGREEMENTS_VIEW_RECORDS, USER, **AGREEMENT),
    "getPartnerAgreementStatus": ApiRule(P.PARTNER_VIEW, USER, query="mpnId=4711"),
    "getCustomerAgreementRecords": ApiRule(P.AGREEMENTS_EXPORT, USER, **OURS, national=False),
    "createBulkReAttestation": ApiRule(
        P.CUSTOMERS_IMPORT,
        USER,
        **OURS,
        national=False,
        body=[{"partnerId": "<partner_id>", "customerId": "<customer_id>", "agreement": CONFIRMED}],
    ),
    "createEnhancedAttestation": ApiRule(
        P.AGREEMENTS_CONFIRM,
        APP,
        **OURS,
        national=False,
        body={"country": "PL", "language": "en-US", "companyName": "Relecloud", **SIGNATORY},
    ),
    "getEnhancedAttestation": ApiRule(P.AGREEMENTS_CONFIRM, APP, **OURS, national=False),
    # Customers
    "listCustomers": ApiRule(P.CUSTOMERS_VIEW),
    "createCustomer": ApiRule(
        P.CUSTOMERS_CREATE,
        **OURS,
        body={"companyProfile": {"domain": "relecloud.onmicrosoft.com"}, "billingProfile": BILLING},
    ),
    "getCustomer": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "removeRelationship": ApiRule(
        P.CUSTOMERS_REMOVE, USER, **OUR_CUSTOMER, body={"relationshipToPartner": "none", "attributes": {}}
    ),
    "deleteCustomer": ApiRule(P.CUSTOMERS_REMOVE, **OUR_CUSTOMER),
    "listValidationCodes": ApiRule(P.CUSTOMERS_VIEW),
    "getRelationshipRequest": ApiRule(P.CUSTOMERS_REQUEST_RELATIONSHIP, USER, national=False),
    "getCompanyProfile": ApiRule(P.CUSTOMERS_VIEW, USER, **CUSTOMER),
    "getBillingProfile": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "updateBillingProfile": ApiRule(P.CUSTOMERS_EDIT, **OUR_CUSTOMER, body=BILLING),
    "listCustomerRelationships": ApiRule(P.CUSTOMERS_VIEW, USER, **CUSTOMER),
    "getValidationStatus": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER, query="type=account"),
    "getOrganization": ApiRule(P.CUSTOMERS_VIEW, USER, **CUSTOMER),
    "listQualifications": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "createQualification": ApiRule(
        P.CUSTOMERS_EDIT,
        USER,
        **OUR_CUSTOMER,
        body={"qualification": "Education", "educationSegment": "K12", "website": "school.example"},
    ),
    "checkDomain": ApiRule(P.CUSTOMERS_CREATE, **OURS),
    "validateAddress": ApiRule(P.CUSTOMERS_VIEW, body=ADDRESS),
    "getCountryRules": ApiRule(P.CUSTOMERS_VIEW),
    # Orders
    "listOrders": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "createOrder": ApiRule(P.ORDERS_PLACE, **OUR_CUSTOMER, body=ORDER),
    "getOrder": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "updateOrder": ApiRule(P.ORDERS_PLACE, **OUR_CUSTOMER, body=ORDER | {"status": "cancelled"}),
    "getOrderProvisioning": ApiRule(P.ORDERS_VIEW, USER, **CUSTOMER),
    "listOrderActivationLinks": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "listLineActivationLinks": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "listAttachments": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "addAttachment": ApiRule(P.ORDERS_PLACE, **OUR_CUSTOMER),
    "getAttachment": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    # Subscriptions
    "listSubscriptions": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "getSubscription": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "updateSubscription": ApiRule(
        P.ORDERS_CHANGE_LICENCES,
        **OUR_CUSTOMER,
        body={"quantity": 6, "autoRenewEnabled": True, "friendlyName": "mine"},
    ),
    "listAddOns": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "getProvisioningStatus": ApiRule(P.ORDERS_VIEW, USER, **CUSTOMER),
    "getSupportContact": ApiRule(P.ORDERS_VIEW, USER, **CUSTOMER),
    "updateSupportContact": ApiRule(
        P.ORDERS_CHANGE_LICENCES,
        USER,
        **OUR_CUSTOMER,
        body={"supportTenantId": "<partner_id>", "supportMpnId": "4711"},
    ),
    "listUpgrades": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "listTransitions": ApiRule(P.ORDERS_VIEW, USER, **CUSTOMER),
    "listTransitionEligibilities": ApiRule(P.ORDERS_VIEW, USER, **CUSTOMER),
    "listConversions": ApiRule(P.ORDERS_VIEW, USER, **CUSTOMER),
    "listSubscriptionActivationLinks": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "registerSubscription": ApiRule(P.ORDERS_CHANGE_LICENCES, **OUR_CUSTOMER),
    "getRegistrationStatus": ApiRule(P.ORDERS_VIEW, **CUSTOMER),
    "listSubscribedSkus": ApiRule(P.ORDERS_VIEW, USER, **CUSTOMER),
    # Catalog: the same for everybody
    "listProducts": ApiRule(None, query="country=PL&targetView=OnlineServices"),
    "getProduct": ApiRule(None, query="country=PL"),
    "listSkus": ApiRule(None, query="country=PL"),
    "getSku": ApiRule(None, query="country=PL"),
    "listAvailabilities": ApiRule(None, query="country=PL"),
    "getAvailability": ApiRule(None, query="country=PL"),
    "listCustomerProducts": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER, query="targetView=OnlineServices"),
    "getCustomerProduct": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "listCustomerSkus": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "getCustomerSku": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "listCustomerAvailabilities": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "getCustomerAvailability": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "checkInventory": ApiRule(None, body={"targetItems": [{"productId": "<product_id>", "skuId": "<sku_id>"}]}),
    "listOffers": ApiRule(None, query="country=PL"),
    "getOffer": ApiRule(None, query="country=PL"),
    "listOfferAddOns": ApiRule(None, query="country=PL"),
    "listOfferCategories": ApiRule(None, query="country=PL"),
    "listCustomerOffers": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "listCustomerOfferCategories": ApiRule(P.CUSTOMERS_VIEW, **CUSTOMER),
    "listPromotions": ApiRule(None, query="country=PL&segment=Commercial"),
    "getPromotion": ApiRule(None, query="country=PL&segment=Commercial"),
    "createCart": ApiRule(P.ORDERS_PLACE, **OUR_CUSTOMER, body={"lineItems": [CART_LINE]}),
    "getCart": ApiRule(P.ORDERS_PLACE, **OUR_CUSTOMER),
    "updateCart": ApiRule(P.ORDERS_PLACE, **OUR_CUSTOMER, body={"lineItems": [CART_LINE]}),
    "checkOutCart": ApiRule(P.ORDERS_PLACE, **OUR_CUSTOMER),
    # The partner itself
    "getLegalBusinessProfile": ApiRule(P.PARTNER_VIEW),
    "changeLegalBusinessProfile": ApiRule(P.PARTNER_EDIT_PROFILE, USER, body={"companyName": "Northwind", **WHERE}),
    "getOrganizationProfile": ApiRule(P.PARTNER_VIEW, USER),
    "changeOrganizationProfile": ApiRule(
        P.PARTNER_EDIT_PROFILE,
        USER,
        body={"companyName": "Northwind", "defaultAddress": ADDRESS, "email": "a@b.example"},
    ),
    "getSupportProfile": ApiRule(P.PARTNER_VIEW, USER),
    "changeSupportProfile": ApiRule(P.PARTNER_EDIT_PROFILE, USER, body=SUPPORT),
    "changeSupportProfileToo": ApiRule(P.PARTNER_EDIT_PROFILE, USER, body=SUPPORT),
    "getMpnProfile": ApiRule(P.PARTNER_VIEW, USER),
    "getPartnerBillingProfile": ApiRule(P.PARTNER_VIEW, USER),
    "changePartnerBillingProfile": ApiRule(
        P.PARTNER_EDIT_PROFILE, USER, body={"companyName": "Northwind", "purchaseOrderNumber": "PO-1", **WHERE}
    ),
    "listPartnerRelationships": ApiRule(
        P.PARTNER_VIEW, USER, query="relationship_type=IsIndirectCloudSolutionProviderOf"
    ),
    "createSandboxReseller": ApiRule(P.PARTNER_VIEW, USER),
    "listAuditRecords": ApiRule(P.ACTIVITY_VIEW),
    "getAuditRecord": ApiRule(P.ACTIVITY_VIEW),
    "listInvoices": ApiRule(P.PARTNER_VIEW),
    "getInvoiceSummary": ApiRule(P.PARTNER_VIEW),
    "listInvoiceSummaries": ApiRule(P.PARTNER_VIEW),
    "getInvoice": ApiRule(P.PARTNER_VIEW),
    # Webhooks
    "getWebhook": ApiRule(P.PARTNER_MANAGE_API_CLIENTS),
    "registerWebhook": ApiRule(P.PARTNER_MANAGE_API_CLIENTS, body=WEBHOOK),
    "changeWebhook": ApiRule(P.PARTNER_MANAGE_API_CLIENTS, body=WEBHOOK),
    "removeWebhook": ApiRule(P.PARTNER_MANAGE_API_CLIENTS),
    "listWebhookEvents": ApiRule(None),
    "sendWebhookTest": ApiRule(P.PARTNER_MANAGE_API_CLIENTS),
    "getWebhookTest": ApiRule(P.PARTNER_MANAGE_API_CLIENTS),
}
