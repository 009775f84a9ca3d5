"""Which lines of the activity log are audit records, and what they are called there.

Only what every public client accepts: one knows 39 operations and 19 kinds of resource and stops at any other (wire
contract, section 4). What has no name there, such as a withdrawn acceptance, is not listed.
"""

from collections.abc import Collection

from portal.api.v1.wire import spelled

# Audit code -> (operationType, resourceType).
KINDS: dict[str, tuple[str, str]] = {
    "agreements.acceptance_recorded": ("create_agreement", "agreement"),
    "customers.customer_created": ("add_customer", "customer"),
    "customers.relationship_restored": ("add_customer", "customer"),
    "customers.customer_deleted": ("delete_customer", "customer"),
    "customers.relationship_removed": ("remove_partner_customer_relationship", "customer"),
    "customers.company_edited": ("update_customer_billing_profile", "customer"),
    "customers.bill_to_saved": ("update_customer_billing_profile", "customer"),
    "customers.bill_to_removed": ("update_customer_billing_profile", "customer"),
    "customers.qualification_asked": ("update_customer_qualification", "customer"),
    "customers.qualification_decided": ("update_customer_qualification", "customer"),
    "customers.qualification_cleared": ("update_customer_qualification", "customer"),
    "customers.admin_password_renewed": ("reset_customer_user_password", "customer_user"),
    "orders.order_placed": ("create_order", "order"),
    "orders.order_cancelled": ("update_order", "order"),
    **dict.fromkeys(
        (
            "orders.licence_count_changed",
            "orders.subscription_suspended",
            "orders.subscription_reactivated",
            "orders.subscription_renewed",
            "orders.subscription_cancelled",
            "orders.subscription_ended",
            "orders.subscription_renamed",
            "orders.auto_renew_changed",
        ),
        ("update_subscription", "subscription"),
    ),
    "partners.reseller_linked": ("create_partner_relationship", "partner_relationship"),
    "partners.member_added": ("create_partner_user", "partner_user"),
    "partners.member_changed": ("update_partner_user", "partner_user"),
    "tokens.client_created": ("register_application", "application"),
    "tokens.client_disabled": ("unregister_application", "application"),
    "tokens.secret_added": ("add_application_credential", "application_credential"),
    "tokens.secret_revoked": ("remove_application_credential", "application_credential"),
}
RESOURCES = frozenset(
    "undefined customer customer_user order subscription license third_party_add_on mpn_association transfer "
    "application application_credential partner_user partner_relationship referral software_key "
    "software_download_link credit_limit spending_limit invoice agreement".split()
)
_SPELLED = {spelled(name): name for name in RESOURCES}


def kind_of(code: str) -> tuple[str, str]:
    """Operation and resource of an audit code; "undefined" for what the wire has no name for."""
    return KINDS.get(code, ("undefined", "undefined"))


def resource_of(text: str) -> str | None:
    """The kind of resource that is meant, in whichever spelling; None for what is none."""
    return _SPELLED.get(spelled(text))


def codes_of(resource: str | None) -> Collection[str]:
    """The audit codes about this kind of resource, None for any."""
    return [code for code, (_operation, about) in KINDS.items() if resource in (None, about)]
