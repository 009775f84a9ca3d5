"""The agreement's texts, and the record of who accepted them."""

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
    "AgreementDocument",
    "AgreementTemplate",
    "AgreementType",
    "Attestation",
    "AttestationEvent",
    "AttestationPerson",
    "EventKind",
    "EvidenceKind",
    "Method",
    "Scenario",
    "SupersedeReason",
    "document_path",
]
