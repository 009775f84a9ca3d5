"""Everything a person can be allowed to do, by stable code."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    PARTNER_VIEW = "partners.view"
    PARTNER_EDIT_PROFILE = "partners.edit_profile"
    PARTNER_MANAGE_MEMBERS = "partners.manage_members"
    PARTNER_MANAGE_API_CLIENTS = "partners.manage_api_clients"
    CUSTOMERS_VIEW = "customers.view"
    CUSTOMERS_CREATE = "customers.create"
    CUSTOMERS_EDIT = "customers.edit"
    CUSTOMERS_REMOVE = "customers.remove"
    CUSTOMERS_EXPORT = "customers.export"
    CUSTOMERS_IMPORT = "customers.import"
    CUSTOMERS_REQUEST_RELATIONSHIP = "customers.request_relationship"
    AGREEMENTS_VIEW_TEMPLATES = "agreements.view_templates"
    AGREEMENTS_VIEW_RECORDS = "agreements.view_records"
    AGREEMENTS_CONFIRM = "agreements.confirm"
    AGREEMENTS_INVITE = "agreements.invite"
    AGREEMENTS_ATTEST = "agreements.attest"
    AGREEMENTS_PREPARE = "agreements.prepare"
    AGREEMENTS_RESOLVE = "agreements.resolve_disputes"
    AGREEMENTS_APPROVE = "agreements.approve"
    AGREEMENTS_ERASE = "agreements.erase_person"
    AGREEMENTS_EXPORT = "agreements.export_evidence"
    ORDERS_VIEW = "orders.view"
    ORDERS_PLACE = "orders.place"
    ORDERS_CHANGE_LICENCES = "orders.change_licences"
    ORDERS_EXPORT = "orders.export"
    ACTIVITY_VIEW = "activity.view"


LABELS: dict[Permission, str | Promise] = {
    Permission.PARTNER_VIEW: _("See the company profile and the roles"),
    Permission.PARTNER_EDIT_PROFILE: _("Edit the company profile"),
    Permission.PARTNER_MANAGE_MEMBERS: _("Manage members"),
    Permission.PARTNER_MANAGE_API_CLIENTS: _("Manage API clients and webhooks"),
    Permission.CUSTOMERS_VIEW: _("See customers, their agreement standing and its date"),
    Permission.CUSTOMERS_CREATE: _("Create customers"),
    Permission.CUSTOMERS_EDIT: _("Edit customers"),
    Permission.CUSTOMERS_REMOVE: _("Remove a reseller relationship"),
    Permission.CUSTOMERS_EXPORT: _("Export customers"),
    Permission.CUSTOMERS_IMPORT: _("Import customers"),
    Permission.CUSTOMERS_REQUEST_RELATIONSHIP: _("Request a reseller relationship"),
    Permission.AGREEMENTS_VIEW_TEMPLATES: _("Read the agreement documents"),
    Permission.AGREEMENTS_VIEW_RECORDS: _("See who accepted, the evidence and the history"),
    Permission.AGREEMENTS_CONFIRM: _("Confirm a customer's acceptance"),
    Permission.AGREEMENTS_INVITE: _("Invite a customer to accept"),
    Permission.AGREEMENTS_ATTEST: _("Attest on the customer's behalf, and see the records so made"),
    Permission.AGREEMENTS_PREPARE: _("Ask the indirect provider to confirm a customer's acceptance"),
    Permission.AGREEMENTS_RESOLVE: _("Resolve a disputed acceptance"),
    Permission.AGREEMENTS_APPROVE: _("Approve, as a second person, that a record is replaced"),
    Permission.AGREEMENTS_ERASE: _("Erase the person named in a record"),
    Permission.AGREEMENTS_EXPORT: _("Export evidence and take checkpoints"),
    Permission.ORDERS_VIEW: _("See orders and subscriptions"),
    Permission.ORDERS_PLACE: _("Place orders"),
    Permission.ORDERS_CHANGE_LICENCES: _("Change licence counts"),
    Permission.ORDERS_EXPORT: _("Export orders"),
    Permission.ACTIVITY_VIEW: _("Read the activity log"),
}
