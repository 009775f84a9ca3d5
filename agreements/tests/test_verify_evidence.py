"""manage.py verify_evidence: honest histories are whole by both ways, and damage is told in sentences."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from agreements.evidence_store import delete_stored
from agreements.models import Evidence
from agreements.proving import verify
from agreements.proving.in_sql import verify_in_sql
from agreements.tests.exporting import filled
from portal.audit import triggers
from portal.audit.checkpoints import checkpoint_facts, take_checkpoint
from portal.audit.models import ChainEntry, ChainHead
from portal.common.actor import Actor
from portal.partners.models import Membership

IS_POSTGRES = connection.vendor == "postgresql"


@pytest.fixture
def chain(admin_agent: Membership, actor_for: Callable[..., Actor], template: object) -> str:
    """Everything that services write: corrections, withdrawals, disputes, files, an erased person, direct records."""
    with transaction.atomic():
        filled(admin_agent.partner, actor_for(admin_agent))
    return f"partner:{admin_agent.partner.tenant_id}"


def told(**options: Any) -> tuple[str, str]:
    """What the command says, and its error."""
    out = StringIO()
    try:
        call_command("verify_evidence", stdout=out, **options)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_what_the_services_write_is_whole(chain: str) -> None:
    take_checkpoint(chain=chain)
    said, error = told(files=True, readers=0)
    assert (said.splitlines()[-1], error) == ("Nothing is wrong.", "")
    entries = ChainEntry.objects.count()
    assert f"Looked at 2 chains, {entries} entries, " in said
    assert ", 1 checkpoints." in said
    assert f"Looked at 1 chains, {entries - 1} entries, " in told(chain=chain, readers=0)[0]
    if IS_POSTGRES:
        assert not verify_in_sql().findings
        assert "Nothing is wrong." in told(sql=True)[0]


def test_entries_of_before_are_whole(chain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that was recorded after its person was erased had nothing to hide its reason behind."""
    entry = ChainEntry.objects.filter(kind="attestation.erased").get()
    with triggers.lifted(connection), connection.cursor() as cursor:
        payload = json.dumps(json.loads(entry.payload) | {"reason": None}, sort_keys=True, separators=(",", ":"))
        cursor.execute("UPDATE audit_chainentry SET payload = %s WHERE id = %s", [payload, entry.pk])
    findings = [(finding.code, finding.seq) for finding in verify().findings]
    assert findings == [("altered", entry.seq), ("event_altered", entry.seq)]
    if IS_POSTGRES:
        assert {(finding.code, finding.seq) for finding in verify_in_sql().findings} == set(findings)


def test_damage_is_told_in_sentences(chain: str) -> None:
    entry = ChainEntry.objects.filter(chain=chain, kind="attestation").earliest("seq")
    with triggers.lifted(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE agreements_attestation SET door = 'api' WHERE agreed_on IS NOT NULL")
    said, error = told(readers=0)
    assert f"{chain} #{entry.seq} ({entry.subject}): record_altered: The record is not what its entry says." in said
    assert error.endswith("findings: the evidence is not whole.")


def test_the_stored_bytes_are_read_only_when_asked(chain: str) -> None:
    file = Evidence.objects.select_related("partner").earliest("id")
    delete_stored(file.partner.tenant_id, file.sha256)
    assert told(readers=0)[1] == ""
    said, error = told(files=True, readers=0)
    assert f"({file.attestation.reference}): file_missing:" in said
    assert error.startswith("1 findings")


def test_a_checkpoint_kept_elsewhere_shows_what_was_cut_off(chain: str, tmp_path: Path) -> None:
    checkpoint = take_checkpoint(chain=chain)
    assert checkpoint is not None
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps({"checkpoints": [checkpoint_facts(checkpoint)]}))
    assert told(checkpoint=[kept], readers=0)[1] == ""
    with triggers.lifted(connection):
        ChainHead.objects.filter(chain=chain).update(seq=0)
    said = told(checkpoint=[kept], readers=0)[0]
    assert f"{chain} #1: added:" in said
    kept.write_text("{}")
    assert "cannot be used as a file of checkpoints" in told(checkpoint=[kept])[1]


@pytest.mark.parametrize("options", [{"chain": "portal"}, {"files": True}], ids=["one chain", "files"])
def test_sql_looks_at_everything_that_is_in_the_database(db: None, options: dict[str, Any]) -> None:
    assert "leave --chain and --files out" in told(sql=True, **options)[1]


@pytest.mark.skipif(IS_POSTGRES, reason="PostgreSQL has it.")
def test_sql_needs_postgres(db: None) -> None:
    assert told(sql=True)[1] == "--sql is for PostgreSQL."


@pytest.mark.skipif(not IS_POSTGRES, reason="Another process sees another database in memory.")
@pytest.mark.django_db(transaction=True)
def test_readers_beside_it_find_the_same(chain: str) -> None:
    with triggers.lifted(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE agreements_attestationperson SET last_name = 'Else' WHERE last_name = 'Nowak-0'")
    alone, beside = verify(), verify(readers=2)
    assert alone.findings == beside.findings
    assert alone.counts == beside.counts
    assert [finding.code for finding in alone.findings] == ["person_altered"]


@pytest.mark.skipif(not IS_POSTGRES, reason="Only PostgreSQL has roles.")
def test_sql_needs_no_right_but_to_read(chain: str) -> None:
    with connection.cursor() as cursor:
        role = connection.ops.quote_name(f"reader_{connection.settings_dict['NAME']}")
        # Rows that wait to be checked at the commit are their writer's.
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; CREATE ROLE {role}")
        cursor.execute(
            f"GRANT USAGE ON SCHEMA public TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
        )
        cursor.execute(f"SET LOCAL ROLE {role}")
        verdict = verify_in_sql()
        cursor.execute("RESET ROLE")
    assert not verdict.findings
    assert verdict.counts["entries"] > 10
