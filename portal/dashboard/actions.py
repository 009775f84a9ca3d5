"""What can be filtered by in the activity log: every audit code under its heading, as people call it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

# Heading -> audit code -> what happened. A code that a service writes stands here, or a test complains.
GROUPS: dict[Words, dict[str, Words]] = {
    _("Agreements"): {
        "agreements.acceptance_recorded": _("Acceptance recorded"),
        "agreements.acceptance_withdrawn": _("Acceptance withdrawn"),
        "agreements.acceptance_disputed": _("Acceptance disputed"),
        "agreements.dispute_retracted": _("Dispute taken back"),
        "agreements.dispute_rejected": _("Dispute resolved: the record is right"),
        "agreements.dispute_upheld": _("Dispute resolved: the record is wrong"),
        "agreements.evidence_added": _("Evidence added to a record"),
        "agreements.person_erased": _("Person of a record erased"),
        "agreements.approval_asked": _("Second person asked to approve"),
        "agreements.approval_granted": _("Approved by a second person"),
        "agreements.approval_refused": _("Approval refused"),
        "agreements.approval_revoked": _("Request to approve taken back"),
        "agreements.checkpoint_taken": _("Checkpoint of the evidence signed"),
        "agreements.time_stamp_asked": _("Time stamp asked for"),
        "agreements.partner_confirmation_needed": _("Customer asked its partner to confirm"),
        "agreements.confirmation_asked": _("Provider asked to confirm"),
        "agreements.confirmation_granted": _("Confirmation granted"),
        "agreements.confirmation_refused": _("Confirmation refused"),
        "agreements.confirmation_request_revoked": _("Request to confirm taken back"),
    },
    _("Invitations"): {
        "agreements.customer_invited": _("Invitation made"),
        "agreements.invitation_sent": _("Invitation sent"),
        "agreements.invitation_opened": _("Invitation opened"),
        "agreements.invitation_reviewed": _("Customer still reviewing"),
        "agreements.invitation_accepted": _("Invitation accepted"),
        "agreements.invitation_declined": _("Invitation declined"),
        "agreements.invitation_expired": _("Invitation expired"),
        "agreements.invitation_renewed": _("Invitation renewed"),
        "agreements.invitation_revoked": _("Invitation revoked"),
        "agreements.invitation_settled": _("Invitation settled"),
        "agreements.invitation_edited": _("Invitation’s message changed"),
        "agreements.reminder_sent": _("Reminder sent"),
    },
    _("Customers"): {
        "customers.customer_created": _("Customer created"),
        "customers.customer_deleted": _("Customer deleted"),
        "customers.company_edited": _("Company details changed"),
        "customers.contact_saved": _("Contact saved"),
        "customers.contact_removed": _("Contact removed"),
        "customers.primary_contact_chosen": _("Primary contact chosen"),
        "customers.bill_to_saved": _("Bill-to information saved"),
        "customers.bill_to_removed": _("Bill-to information removed"),
        "customers.admin_password_renewed": _("Administrator’s password renewed"),
        "customers.account_status_changed": _("Account status changed"),
        "customers.qualification_asked": _("Qualification asked for"),
        "customers.qualification_decided": _("Qualification decided"),
        "customers.qualification_cleared": _("Qualification cleared"),
        "customers.reseller_changed": _("Reseller changed"),
        "customers.relationship_requested": _("Relationship requested"),
        "customers.relationship_accepted": _("Relationship accepted"),
        "customers.relationship_removed": _("Relationship removed"),
        "customers.relationship_restored": _("Relationship restored"),
        "customers.tags_changed": _("Tags changed"),
        "customers.tag_renamed": _("Tag renamed"),
        "customers.tag_deleted": _("Tag deleted"),
    },
    _("Orders and subscriptions"): {
        "orders.order_placed": _("Order placed"),
        "orders.order_cancelled": _("Order cancelled"),
        "orders.licence_count_changed": _("Licence count changed"),
        "orders.subscription_suspended": _("Subscription suspended"),
        "orders.subscription_reactivated": _("Subscription reactivated"),
        "orders.subscription_renewed": _("Subscription renewed"),
        "orders.subscription_cancelled": _("Subscription cancelled"),
        "orders.subscription_ended": _("Subscription ended"),
        "orders.auto_renew_changed": _("Auto-renew changed"),
    },
    _("Import and export"): {
        "customers.import_uploaded": _("File of customers uploaded"),
        "customers.import_committed": _("Import of customers begun"),
        "customers.import_finished": _("Import of customers finished"),
        "customers.import_discarded": _("Import of customers discarded"),
        "customers.customers_exported": _("Customers exported"),
        "orders.orders_exported": _("Orders exported"),
        "agreements.evidence_exported": _("Evidence of a period exported"),
        "agreements.stale_records_exported": _("List of stale records exported"),
        "audit.activity_exported": _("Activity log exported"),
    },
    _("Company and members"): {
        "partners.session_started": _("Sign-in"),
        "partners.member_added": _("Member added"),
        "partners.member_changed": _("Member changed"),
        "partners.profile_edited": _("Company profile changed"),
        "partners.partner_created": _("Company added to the portal"),
        "partners.reseller_linked": _("Reseller linked"),
        "agreements.policy_changed": _("Policy of invitations changed"),
        "agreements.evidence_policy_changed": _("Policy of evidence changed"),
    },
    _("Refusals"): {
        "partners.access_refused": _("Refused: a right was missing"),
        "partners.action_refused": _("Refused by a rule"),
    },
    _("The portal’s staff"): {
        "audit.personal_data_viewed": _("Staff looked at personal data"),
    },
}
# What is done for nobody's company: it stands in no partner's log, so nobody can ask for it.
OF_THE_PORTAL: dict[str, Words] = {
    "partners.password_link_sent": _("Link to choose a password sent"),
    "partners.password_chosen": _("Password chosen"),
    "partners.user_created": _("Person added"),
    "partners.user_changed": _("Person changed"),
    "agreements.template_created": _("Version of the agreement added"),
    "agreements.template_deleted": _("Version of the agreement deleted"),
    "agreements.document_added": _("Text of the agreement added"),
    "agreements.document_deleted": _("Text of the agreement deleted"),
    "orders.product_saved": _("Product saved"),
    "orders.sku_saved": _("SKU saved"),
    "orders.availability_saved": _("Offer saved"),
    "orders.availability_withdrawn": _("Offer withdrawn"),
    "orders.price_saved": _("Price saved"),
    "orders.price_withdrawn": _("Price withdrawn"),
    "orders.price_list_uploaded": _("Price list uploaded"),
    "orders.price_list_applied": _("Price list imported"),
    "orders.price_list_refused": _("Price list refused"),
}
ACTIONS: dict[str, Words] = {code: label for codes in GROUPS.values() for code, label in codes.items()}


def label_of(code: str) -> Words:
    """What happened, in a few words; the code itself where the portal no longer knows it."""
    return ACTIONS.get(code) or OF_THE_PORTAL.get(code, code)
