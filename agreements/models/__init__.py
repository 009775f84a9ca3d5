"""The agreement's texts, the record of who accepted them, and how customers are asked to accept."""

from agreements.models.invitations import (
    MOST_REMINDERS,
    Audience,
    ConfirmationOutcome,
    ConfirmationRequest,
    Invitation,
    InvitationPolicy,
    InvitationReminder,
    InvitationState,
    Outcome,
    Place,
    Receipt,
)
from agreements.models.records import (
    DIRECT_SCOPE,
    Attestation,
    AttestationEvent,
    AttestationPerson,
    EventKind,
    EvidenceKind,
    Method,
    Scenario,
    SupersedeReason,
)
from agreements.models.texts import (
    AgreementDocument,
    AgreementTemplate,
    AgreementType,
    document_path,
)

__all__ = [
    "DIRECT_SCOPE",
    "MOST_REMINDERS",
    "AgreementDocument",
    "AgreementTemplate",
    "AgreementType",
    "Attestation",
    "AttestationEvent",
    "AttestationPerson",
    "Audience",
    "ConfirmationOutcome",
    "ConfirmationRequest",
    "EventKind",
    "EvidenceKind",
    "Invitation",
    "InvitationPolicy",
    "InvitationReminder",
    "InvitationState",
    "Method",
    "Outcome",
    "Place",
    "Receipt",
    "Scenario",
    "SupersedeReason",
    "document_path",
]
