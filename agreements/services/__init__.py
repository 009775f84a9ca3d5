"""Every write to agreements: one module a subject, one import path for all."""

from agreements.services.accepting import (
    Accepted,
    ContactPartner,
    Statement,
    accept_as_administrator,
    accept_invitation,
    ask_partner_to_confirm,
    decline_invitation,
    keep_reviewing,
    open_invitation,
)
from agreements.services.confirmation_requests import (
    ask_provider,
    confirm_request,
    refuse_request,
    take_request_back,
)
from agreements.services.disputes import (
    SAID_ANEW,
    dispute_acceptance,
    resolve_dispute,
    take_dispute_back,
    why_cannot_resolve,
)
from agreements.services.gate import Clearance, require_acceptance
from agreements.services.importing import record_imported
from agreements.services.invitations import (
    Invited,
    Invitee,
    Refused,
    edit_message,
    end_invitations,
    invite_customer,
    invite_customers,
    primary_invitee,
    renew_invitation,
    request_relationship,
    revoke_invitation,
    send_invitation,
)
from agreements.services.offering import (
    contact_scenario,
    contact_scenarios,
    covering_directly,
    documents_for,
    is_own_disputed,
)
from agreements.services.onboarding import AskedQualification, NewCustomer, Onboarded, onboard_customer
from agreements.services.policies import policy_of, set_policy
from agreements.services.recording import (
    attest_on_behalf,
    confirm_acceptance,
    permission_to_withdraw,
    record_direct_acceptance,
    withdraw_acceptance,
)
from agreements.services.records import Acceptance, Person
from agreements.services.reminders import look_after_invitations
from agreements.services.standing import correct_standing, refresh_standing
from agreements.services.templates import add_document, create_template, delete_document, delete_template

__all__ = [
    "SAID_ANEW",
    "Acceptance",
    "Accepted",
    "AskedQualification",
    "Clearance",
    "ContactPartner",
    "Invited",
    "Invitee",
    "NewCustomer",
    "Onboarded",
    "Person",
    "Refused",
    "Statement",
    "accept_as_administrator",
    "accept_invitation",
    "add_document",
    "ask_partner_to_confirm",
    "ask_provider",
    "attest_on_behalf",
    "confirm_acceptance",
    "confirm_request",
    "contact_scenario",
    "contact_scenarios",
    "correct_standing",
    "covering_directly",
    "create_template",
    "decline_invitation",
    "delete_document",
    "delete_template",
    "dispute_acceptance",
    "documents_for",
    "edit_message",
    "end_invitations",
    "invite_customer",
    "invite_customers",
    "is_own_disputed",
    "keep_reviewing",
    "look_after_invitations",
    "onboard_customer",
    "open_invitation",
    "permission_to_withdraw",
    "policy_of",
    "primary_invitee",
    "record_direct_acceptance",
    "record_imported",
    "refresh_standing",
    "refuse_request",
    "renew_invitation",
    "request_relationship",
    "require_acceptance",
    "resolve_dispute",
    "revoke_invitation",
    "send_invitation",
    "set_policy",
    "take_dispute_back",
    "take_request_back",
    "why_cannot_resolve",
    "withdraw_acceptance",
]
