"""What every page of the project needs, said a second time and in one place: the access matrix walks it.

A new page is added here by hand, so that its access is a decision that somebody reads.
"""

from dataclasses import dataclass

from portal.partners.permissions import Permission
from portal.partners.permissions import Permission as P
from portal.tests.guards.world import ACTORS

PUBLIC, SIGNED_IN, STAFF = "public", "signed in", "staff"


@dataclass(frozen=True)
class Rule:
    """access: a permission, or one of the words above; on: the kind of object in the URL, "" for none (for a public
    page: what it shows only to whom it is for, so that it does not exist for anybody of the world's people).

    methods: that the page knows; to_post: the permission that writing needs, where it is another one;
    posts: the kind of object that a POST names in its body.
    """

    access: Permission | str
    on: str = ""
    methods: str = "GET"
    to_post: Permission | None = None
    posts: str = ""


BOTH, POST = "GET POST", "POST"

TABLE: dict[str, Rule] = {
    "dashboard:home": Rule(SIGNED_IN),
    "dashboard:activity": Rule(P.ACTIVITY_VIEW),
    "dashboard:search_activity": Rule(P.ACTIVITY_VIEW, methods=POST),
    "dashboard:export_activity": Rule(P.ACTIVITY_VIEW, methods=POST),
    "dashboard:mail": Rule(STAFF),
    "dashboard:mail_message": Rule(STAFF),
    "dashboard:healthz": Rule(PUBLIC),
    "dashboard:readyz": Rule(PUBLIC),
    "set_language": Rule(PUBLIC, methods=POST),
    "partners:profile": Rule(P.PARTNER_VIEW, methods=BOTH, to_post=P.PARTNER_EDIT_PROFILE),
    "partners:members": Rule(P.PARTNER_MANAGE_MEMBERS),
    "partners:invite": Rule(P.PARTNER_MANAGE_MEMBERS, methods=BOTH),
    "partners:member": Rule(P.PARTNER_MANAGE_MEMBERS, on="member", methods=BOTH),
    "partners:roles": Rule(P.PARTNER_VIEW),
    "webhooks:settings": Rule(P.PARTNER_MANAGE_API_CLIENTS, methods=BOTH),
    "webhooks:turn_off": Rule(P.PARTNER_MANAGE_API_CLIENTS, methods=POST),
    "webhooks:test": Rule(P.PARTNER_MANAGE_API_CLIENTS, methods=POST),
    "webhooks:try_again": Rule(P.PARTNER_MANAGE_API_CLIENTS, on="notice", methods=POST),
    "webhooks:certificate": Rule(PUBLIC),
    "partners:switch": Rule(SIGNED_IN, methods=POST, posts="employer"),
    "partners:password": Rule(PUBLIC, methods=BOTH),
    "api_clients:list": Rule(P.PARTNER_MANAGE_API_CLIENTS),
    "api_clients:new": Rule(P.PARTNER_MANAGE_API_CLIENTS, methods=BOTH),
    "api_clients:client": Rule(P.PARTNER_MANAGE_API_CLIENTS, on="API client"),
    "api_clients:edit": Rule(P.PARTNER_MANAGE_API_CLIENTS, on="API client", methods=BOTH),
    "api_clients:disable": Rule(P.PARTNER_MANAGE_API_CLIENTS, on="API client", methods=BOTH),
    "api_clients:enable": Rule(P.PARTNER_MANAGE_API_CLIENTS, on="API client", methods=POST),
    "api_clients:new_secret": Rule(P.PARTNER_MANAGE_API_CLIENTS, on="API client", methods=BOTH),
    "api_clients:revoke_secret": Rule(P.PARTNER_MANAGE_API_CLIENTS, on="API client", methods=BOTH),
    "api_clients:revoke_consent": Rule(P.PARTNER_MANAGE_API_CLIENTS, on="API client", methods=BOTH),
    # Token endpoints answer every method, and every refusal, in Azure's shape.
    "tokens:token_v1": Rule(PUBLIC, methods=BOTH),
    "tokens:token": Rule(PUBLIC, methods=BOTH),
    "tokens:generate_token": Rule(PUBLIC, methods=BOTH),
    "tokens:generate_token_camel": Rule(PUBLIC, methods=BOTH),
    "tokens:generate_token_v3": Rule(PUBLIC, methods=BOTH),
    "tokens:instance": Rule(PUBLIC),
    "tokens:common_keys": Rule(PUBLIC),
    "tokens:keys_v1": Rule(PUBLIC),
    "tokens:keys": Rule(PUBLIC),
    "tokens:configuration_v1": Rule(PUBLIC),
    "tokens:configuration": Rule(PUBLIC),
    "tokens:authorize_v1": Rule(SIGNED_IN, methods=BOTH),
    "tokens:authorize": Rule(SIGNED_IN, methods=BOTH),
    "api_clients:allowed": Rule(SIGNED_IN),
    # Asked for the own consent of whoever asks; somebody else's is told from none in its own test.
    "api_clients:take_back": Rule(SIGNED_IN, methods=BOTH),
    "customers:list": Rule(P.CUSTOMERS_VIEW),
    "customers:search": Rule(P.CUSTOMERS_VIEW, methods=POST),
    "customers:columns": Rule(P.CUSTOMERS_VIEW, methods=POST),
    "customers:save_view": Rule(P.CUSTOMERS_VIEW, methods=POST),
    "customers:view": Rule(P.CUSTOMERS_VIEW, on="saved view"),
    "customers:delete_view": Rule(P.CUSTOMERS_VIEW, on="saved view", methods=BOTH),
    "customers:new": Rule(P.CUSTOMERS_CREATE, methods=BOTH),
    "customers:draft": Rule(P.CUSTOMERS_CREATE, on="draft", methods=BOTH),
    "customers:duplicates": Rule(P.CUSTOMERS_CREATE, methods=POST),
    "customers:subscriptions": Rule(P.ORDERS_PLACE, on="draft", methods=BOTH),
    "customers:use_suggested_address": Rule(P.CUSTOMERS_CREATE, on="draft", methods=POST),
    "customers:review": Rule(P.CUSTOMERS_CREATE, on="draft", methods=BOTH),
    "customers:confirmation": Rule(P.CUSTOMERS_CREATE, on="draft"),
    "customers:new_password": Rule(P.CUSTOMERS_CREATE, on="draft", methods=POST),
    "customers:discard": Rule(P.CUSTOMERS_CREATE, on="draft", methods=BOTH),
    "customers:drafts": Rule(P.CUSTOMERS_CREATE),
    "customers:account": Rule(P.CUSTOMERS_VIEW, on="customer"),
    "customers:bulk": Rule(P.CUSTOMERS_EDIT, methods=POST, posts="customer"),
    "customers:bulk_invite": Rule(P.AGREEMENTS_INVITE, methods=POST, posts="customer"),
    "customers:request_relationship": Rule(P.CUSTOMERS_REQUEST_RELATIONSHIP, methods=BOTH),
    "customers:export": Rule(P.CUSTOMERS_EXPORT, methods=BOTH, posts="customer"),
    "customers:imports": Rule(P.CUSTOMERS_IMPORT, methods=BOTH),
    "customers:import_template": Rule(P.CUSTOMERS_IMPORT),
    "customers:import": Rule(P.CUSTOMERS_IMPORT, on="import"),
    "customers:import_mapping": Rule(P.CUSTOMERS_IMPORT, on="import", methods=BOTH),
    "customers:import_commit": Rule(P.CUSTOMERS_IMPORT, on="import", methods=POST),
    "customers:import_discard": Rule(P.CUSTOMERS_IMPORT, on="import", methods=POST),
    "customers:import_to_correct": Rule(P.CUSTOMERS_IMPORT, on="import"),
    "customers:tags": Rule(P.CUSTOMERS_EDIT),
    "customers:tag": Rule(P.CUSTOMERS_EDIT, on="tag", methods=BOTH),
    "customers:delete_tag": Rule(P.CUSTOMERS_EDIT, on="tag", methods=BOTH),
    "customers:edit_tags": Rule(P.CUSTOMERS_EDIT, on="customer", methods=BOTH),
    "customers:edit": Rule(P.CUSTOMERS_EDIT, on="customer", methods=BOTH),
    "customers:new_contact": Rule(P.CUSTOMERS_EDIT, on="customer", methods=BOTH),
    "customers:contact": Rule(P.CUSTOMERS_EDIT, on="customer", methods=BOTH),
    "customers:make_primary": Rule(P.CUSTOMERS_EDIT, on="customer", methods=POST),
    "customers:remove_contact": Rule(P.CUSTOMERS_EDIT, on="customer", methods=BOTH),
    "customers:bill_to": Rule(P.CUSTOMERS_EDIT, on="customer", methods=BOTH),
    "customers:qualification": Rule(P.CUSTOMERS_EDIT, on="customer", methods=BOTH),
    "customers:history": Rule(P.CUSTOMERS_EDIT, on="customer"),
    "customers:remove": Rule(P.CUSTOMERS_REMOVE, on="customer", methods=BOTH),
    "agreements:templates": Rule(P.AGREEMENTS_VIEW_TEMPLATES),
    "agreements:document": Rule(P.AGREEMENTS_VIEW_TEMPLATES, on="document"),
    "agreements:confirm": Rule(P.AGREEMENTS_CONFIRM, on="customer", methods=BOTH),
    "agreements:attest": Rule(P.AGREEMENTS_ATTEST, on="customer", methods=BOTH),
    "agreements:record": Rule(P.CUSTOMERS_VIEW, on="record"),
    "agreements:certificate": Rule(P.CUSTOMERS_VIEW, on="record"),
    "agreements:erase": Rule(P.AGREEMENTS_ERASE, on="record", methods=BOTH),
    "agreements:add_evidence": Rule(P.CUSTOMERS_VIEW, on="record", methods=BOTH, to_post=P.AGREEMENTS_CONFIRM),
    "agreements:evidence_file": Rule(P.CUSTOMERS_VIEW, on="evidence file"),
    "agreements:withdraw": Rule(P.CUSTOMERS_VIEW, on="record", methods=BOTH, to_post=P.AGREEMENTS_CONFIRM),
    "agreements:resolve_dispute": Rule(P.AGREEMENTS_RESOLVE, on="disputed record", methods=BOTH),
    "agreements:invitations": Rule(P.CUSTOMERS_VIEW),
    "agreements:invitation": Rule(P.CUSTOMERS_VIEW, on="invitation", methods=BOTH),
    "agreements:send_invitation": Rule(P.CUSTOMERS_VIEW, on="invitation", methods=POST),
    "agreements:renew_invitation": Rule(P.CUSTOMERS_VIEW, on="invitation", methods=POST),
    "agreements:revoke_invitation": Rule(P.CUSTOMERS_VIEW, on="invitation", methods=BOTH),
    "agreements:invite": Rule(P.AGREEMENTS_INVITE, on="customer", methods=BOTH),
    "agreements:evidence_policy": Rule(P.PARTNER_VIEW, methods=BOTH, to_post=P.PARTNER_EDIT_PROFILE),
    "agreements:policy": Rule(P.PARTNER_VIEW, methods=BOTH, to_post=P.PARTNER_EDIT_PROFILE),
    "agreements:ask_provider": Rule(P.AGREEMENTS_PREPARE, on="customer", methods=BOTH),
    "agreements:confirmation_requests": Rule(P.CUSTOMERS_VIEW),
    "agreements:confirmation_request": Rule(
        P.CUSTOMERS_VIEW, on="confirmation request", methods=BOTH, to_post=P.AGREEMENTS_CONFIRM
    ),
    "agreements:refuse_request": Rule(P.AGREEMENTS_CONFIRM, on="confirmation request", methods=BOTH),
    "agreements:take_request_back": Rule(P.AGREEMENTS_PREPARE, on="sent request", methods=POST),
    "agreements:evidence": Rule(P.AGREEMENTS_EXPORT),
    "agreements:export_evidence": Rule(P.AGREEMENTS_EXPORT, methods=BOTH),
    "agreements:take_checkpoint": Rule(P.AGREEMENTS_EXPORT, methods=POST),
    "agreements:checkpoint": Rule(P.AGREEMENTS_EXPORT, on="checkpoint"),
    "agreements:stamp_again": Rule(P.AGREEMENTS_EXPORT, on="checkpoint", methods=POST),
    "agreements:keys": Rule(PUBLIC),
    "agreements:verifier": Rule(PUBLIC),
    "agreements:approvals": Rule(P.CUSTOMERS_VIEW),
    "agreements:approval": Rule(P.CUSTOMERS_VIEW, on="approval"),
    "agreements:approval_file": Rule(P.CUSTOMERS_VIEW, on="approval file"),
    "agreements:approve": Rule(P.AGREEMENTS_APPROVE, on="approval", methods=POST),
    "agreements:refuse_approval": Rule(P.AGREEMENTS_APPROVE, on="approval", methods=BOTH),
    "agreements:take_approval_back": Rule(P.CUSTOMERS_VIEW, on="sent approval", methods=POST),
    "agreements:stale": Rule(P.AGREEMENTS_VIEW_RECORDS),
    "agreements:export_stale": Rule(P.AGREEMENTS_EXPORT, methods=POST),
    "agreements:standing_on": Rule(P.CUSTOMERS_VIEW, on="customer"),
    # The customer's own pages: who neither opened a link nor is signed in for a company is told to do so.
    "agreements:answers": Rule(PUBLIC),
    "agreements:answer": Rule(PUBLIC, methods=BOTH),
    "agreements:accept": Rule(PUBLIC, methods=BOTH),
    "agreements:decline": Rule(PUBLIC, methods=BOTH),
    "agreements:reviewing": Rule(PUBLIC, methods=POST),
    "agreements:answer_receipt": Rule(PUBLIC),
    "agreements:answer_certificate": Rule(PUBLIC),
    "agreements:answer_document": Rule(PUBLIC),
    "agreements:leave": Rule(PUBLIC, methods=POST),
    "agreements:open_link": Rule(PUBLIC, on="invitation link"),
    "agreements:receipt": Rule(PUBLIC, methods=BOTH),
    "agreements:receipt_certificate": Rule(PUBLIC),
    "agreements:open_receipt": Rule(PUBLIC, on="receipt link"),
    "agreements:hosted": Rule(PUBLIC, methods=BOTH),
    "agreements:hosted_agreement": Rule(PUBLIC, methods=BOTH),
    "agreements:hosted_decline": Rule(PUBLIC, methods=BOTH),
    "agreements:hosted_document": Rule(PUBLIC),
    "agreements:linked_file": Rule(PUBLIC, on="file link"),
    "agreements:open_hosted": Rule(PUBLIC, on="hosted link"),
    "orders:list": Rule(P.ORDERS_VIEW),
    "orders:search": Rule(P.ORDERS_VIEW, methods=POST),
    "orders:export": Rule(P.ORDERS_EXPORT, methods=BOTH),
    "orders:new": Rule(P.ORDERS_PLACE, methods=BOTH, posts="customer"),
    "orders:cart": Rule(P.ORDERS_PLACE, on="cart", methods=BOTH),
    "orders:discard": Rule(P.ORDERS_PLACE, on="cart", methods=POST),
    "orders:review": Rule(P.ORDERS_PLACE, on="cart", methods=BOTH),
    "orders:agreement": Rule(P.AGREEMENTS_CONFIRM, on="cart", methods=BOTH),
    "orders:order": Rule(P.ORDERS_VIEW, on="order"),
    "orders:cancel": Rule(P.ORDERS_PLACE, on="order", methods=BOTH),
    "orders:subscription": Rule(P.ORDERS_VIEW, on="subscription"),
    "orders:auto_renew": Rule(P.ORDERS_CHANGE_LICENCES, on="subscription", methods=POST),
    "orders:cancel_subscription": Rule(P.ORDERS_CHANGE_LICENCES, on="subscription", methods=BOTH),
    "orders:add_on": Rule(P.ORDERS_PLACE, on="subscription", methods=BOTH),
    "orders:licences": Rule(P.ORDERS_CHANGE_LICENCES, on="subscription", methods=BOTH),
    "orders:suspend": Rule(P.ORDERS_CHANGE_LICENCES, on="subscription", methods=BOTH),
    "orders:reactivate": Rule(P.ORDERS_CHANGE_LICENCES, on="subscription", methods=BOTH),
}

# Kind of object -> who sees the one in the world. A record that the partner confirmed is for those who may
# confirm; the agreement's documents are the same for every member of any partner.
OWN_TEAM = frozenset({"global admin", "admin agent", "sales agent", "helpdesk agent"})
COLLEAGUES = OWN_TEAM | {"reseller's admin agent", "government admin agent"}
SEEN_BY: dict[str, frozenset[str]] = {
    "customer": COLLEAGUES,
    "order": COLLEAGUES,
    "subscription": COLLEAGUES,
    "draft": COLLEAGUES,
    "saved view": COLLEAGUES,
    # A cart is of the customer's own partner, so a reseller never has one.
    "cart": COLLEAGUES - {"reseller's admin agent"},
    # Tags are their partner's own labels; a provider's reseller has nothing to do with them.
    "tag": COLLEAGUES - {"reseller's admin agent"},
    "import": COLLEAGUES - {"reseller's admin agent"},
    "member": COLLEAGUES,
    # A program is its own partner's; a provider's reseller has nothing to do with it.
    "API client": COLLEAGUES - {"reseller's admin agent"},
    "notice": COLLEAGUES - {"reseller's admin agent"},
    "record": frozenset({"admin agent", "sales agent"}),
    "disputed record": frozenset({"admin agent", "sales agent"}),
    "evidence file": frozenset({"admin agent", "sales agent"}),
    "approval": frozenset({"admin agent", "sales agent"}),
    "approval file": frozenset({"admin agent", "sales agent"}),
    # Who may only attest on the customer's behalf sees what they asked for themselves.
    "sent approval": OWN_TEAM,
    "invitation": frozenset({"admin agent", "sales agent", "reseller's admin agent"}),
    "confirmation request": frozenset({"admin agent", "sales agent", "reseller's admin agent"}),
    "sent request": frozenset({"reseller's admin agent"}),
    "checkpoint": COLLEAGUES - {"reseller's admin agent"},
    "invitation link": frozenset(ACTORS),
    "receipt link": frozenset(ACTORS),
    "hosted link": frozenset(ACTORS),
    "file link": frozenset(ACTORS),
    "employer": frozenset(ACTORS) - {"anonymous", "staff without membership"},
    "document": COLLEAGUES | {"stranger with all roles"},
}
