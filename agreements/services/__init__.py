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
from agreements.services.adding_evidence import add_evidence
from agreements.services.approvals import (
    acceptance_of,
    approve,
    ask_approval,
    asker_membership,
    is_record_present,
    refuse_approval,
    take_approval_back,
)
from agreements.services.checkpoints import look_after_checkpoints, stamp_again, take_checkpoints
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
from agreements.services.enhanced import Signatory, ask_signatory, confirm_hosted, forget_unused_signatories
from agreements.services.erasing import check_may_erase, erase_person, same_person
from agreements.services.evidence import MOST_FILES, check_evidence, evidence_policy_of, forget_files
from agreements.services.evidence_export import begin_evidence_export
from agreements.services.evidence_policies import set_evidence_policy
from agreements.services.gate import Clearance, require_acceptance
from agreements.services.hosted import accept_hosted, decline_hosted, open_hosted
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
from agreements.services.records import Acceptance, ApprovalRequired, Person, with_stored_number
from agreements.services.reminders import look_after_invitations
from agreements.services.stale_export import log_stale_export
from agreements.services.standing import correct_standing, refresh_standing
from agreements.services.templates import (
    add_document,
    create_template,
    delete_document,
    delete_template,
    ensure_legacy_template,
)
from agreements.services.uploads import look_after_uploads, remove_unnamed_files, remove_unused_uploads, stage_upload

__all__ = [
    "MOST_FILES",
    "SAID_ANEW",
    "Acceptance",
    "Accepted",
    "ApprovalRequired",
    "AskedQualification",
    "Clearance",
    "ContactPartner",
    "Invited",
    "Invitee",
    "NewCustomer",
    "Onboarded",
    "Person",
    "Refused",
    "Signatory",
    "Statement",
    "accept_as_administrator",
    "accept_hosted",
    "accept_invitation",
    "acceptance_of",
    "add_document",
    "add_evidence",
    "approve",
    "ask_approval",
    "ask_partner_to_confirm",
    "ask_provider",
    "ask_signatory",
    "asker_membership",
    "attest_on_behalf",
    "begin_evidence_export",
    "check_evidence",
    "check_may_erase",
    "confirm_acceptance",
    "confirm_hosted",
    "confirm_request",
    "contact_scenario",
    "contact_scenarios",
    "correct_standing",
    "covering_directly",
    "create_template",
    "decline_hosted",
    "decline_invitation",
    "delete_document",
    "delete_template",
    "dispute_acceptance",
    "documents_for",
    "edit_message",
    "end_invitations",
    "ensure_legacy_template",
    "erase_person",
    "evidence_policy_of",
    "forget_files",
    "forget_unused_signatories",
    "invite_customer",
    "invite_customers",
    "is_own_disputed",
    "is_record_present",
    "keep_reviewing",
    "log_stale_export",
    "look_after_checkpoints",
    "look_after_invitations",
    "look_after_uploads",
    "onboard_customer",
    "open_hosted",
    "open_invitation",
    "permission_to_withdraw",
    "policy_of",
    "primary_invitee",
    "record_direct_acceptance",
    "record_imported",
    "refresh_standing",
    "refuse_approval",
    "refuse_request",
    "remove_unnamed_files",
    "remove_unused_uploads",
    "renew_invitation",
    "request_relationship",
    "require_acceptance",
    "resolve_dispute",
    "revoke_invitation",
    "same_person",
    "send_invitation",
    "set_evidence_policy",
    "set_policy",
    "stage_upload",
    "stamp_again",
    "take_approval_back",
    "take_checkpoints",
    "take_dispute_back",
    "take_request_back",
    "why_cannot_resolve",
    "with_stored_number",
    "withdraw_acceptance",
]
