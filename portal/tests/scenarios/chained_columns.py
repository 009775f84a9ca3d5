"""Which columns the chain covers, and why the others need not be: what E1 flips bits in."""

from django.db import models

from agreements.models import (
    Attestation,
    AttestationEvent,
    AttestationEventDetail,
    AttestationPerson,
    Evidence,
)
from portal.audit.models import ChainEntry

CHAINED: dict[type[models.Model], tuple[str, ...]] = {
    ChainEntry: (
        *("chain", "seq", "at", "algorithm", "kind", "subject", "payload", "payload_digest", "prev", "digest"),
    ),
    Attestation: (
        *("reference", "tenant_id", "partner_id", "agreement_type", "document_id", "method", "scenario", "agreed_on"),
        *("evidence_kind", "person_digest", "supersedes_id", "supersede_reason", "recorded_at", "recorded_on"),
        *("time_zone", "actor_kind", "actor_user_id", "actor_name", "roles", "door", "approver_user_id"),
        "approver_name",
    ),
    AttestationPerson: (
        *("attestation_id", "first_name", "last_name", "email", "phone", "authority", "evidence_note"),
        *("reason_note", "recorded_by", "salt"),
    ),
    AttestationEvent: (
        *("attestation_id", "kind", "at", "actor_kind", "actor_user_id", "actor_name", "roles", "door"),
    ),
    AttestationEventDetail: ("event_id", "reason", "actor_name", "salt"),
    Evidence: ("public_id", "attestation_id", "sha256", "size", "media_type", "added_at", "roles", "door"),
}
INTERNAL = "Counts rows; what refers to it is covered by the reference of the record, and so by where it leads."
NOT_CHAINED: dict[type[models.Model], dict[str, str]] = {
    ChainEntry: {"id": INTERNAL},
    Attestation: {
        "id": INTERNAL,
        "scope": "Says again what partner_id says; a constraint holds them together.",
        "request_id": "Leads to lines of the server's log, which are no evidence.",
    },
    AttestationPerson: {"id": INTERNAL},
    AttestationEvent: {"id": INTERNAL},
    AttestationEventDetail: {"id": INTERNAL},
    Evidence: {
        "id": INTERNAL,
        "tenant_id": "Says again what the record says; a foreign key holds them together.",
        "partner_id": "Says again what the record says; a foreign key holds them together.",
        "name": "Personal, and only what the file was called; its content is covered.",
        "actor_kind": "In the activity log; the record's chain says when and through which door.",
        "actor_user_id": "In the activity log; the record's chain says when and through which door.",
        "actor_name": "In the activity log; the record's chain says when and through which door.",
    },
}
