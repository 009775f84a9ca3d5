"""What the chain covers of records, events and files: written when they are made, rebuilt from their rows as proof.

Values are JSON's: ids as text, dates and times in ISO 8601 (times in UTC, microseconds only where there are any).
"""

from typing import Any, NamedTuple

from portal.audit.services import salted_digest

Actor = tuple[str, int | None, str]
"""Kind, user id and name of who acted."""


class RecordFacts(NamedTuple):
    """Every fact of a record that is no person's. person: its salted digest; document: SHA-256 of the text."""

    reference: str
    tenant: str
    partner: str | None
    type: str
    template: str
    version: str
    country: str
    language: str
    document: str
    method: str
    scenario: int | None
    person: str
    agreed_on: str
    evidence: str
    supersedes: str | None
    supersede_reason: str
    recorded_at: str
    recorded_on: str
    time_zone: str
    roles: list[str]
    door: str

    def chained(self, *, salt: str, actor: Actor, approver: tuple[int, str] | None) -> dict[str, Any]:
        """With digests of who recorded and who approved it (id and name), by the salt of the record's person."""
        facts = self._asdict() | {"recorded_by": salted_digest(salt, list(actor))}
        return facts if approver is None else facts | {"approved_by": salted_digest(salt, list(approver))}


class EventFacts(NamedTuple):
    """attestation: reference of the record that something happened to."""

    attestation: str
    at: str
    door: str
    roles: list[str]

    def chained(self, *, salt: str, reason: str, actor: Actor) -> dict[str, Any]:
        """With a digest of what was said and who said it, by the salt of the event's detail."""
        return self._asdict() | {"reason": salted_digest(salt, [reason, *actor])}


class FileFacts(NamedTuple):
    """attestation: reference of the file's record; file: its own public id; size: bytes; type: media type."""

    attestation: str
    file: str
    sha256: str
    size: int
    type: str
    added_at: str
    door: str
    roles: list[str]
