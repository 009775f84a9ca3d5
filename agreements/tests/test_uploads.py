"""Files that were sent and are on no record yet."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agreements import evidence_store
from agreements.models import Attestation, Evidence, EvidenceUpload
from agreements.services import (
    confirm_acceptance,
    forget_files,
    look_after_uploads,
    remove_unnamed_files,
    remove_unused_uploads,
    stage_upload,
)
from agreements.tests.factories import PDF, acceptance, confirmed, file_of, uploaded
from customers.models import Customer
from customers.tests.factories import OnboardingDraftFactory
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
Act = Callable[..., Actor]


@pytest.fixture
def by(sales_agent: Membership, actor_for: Act) -> Actor:
    return actor_for(sales_agent)


def stored() -> list[Path]:
    return [path for path in (Path(settings.MEDIA_ROOT) / "evidence").rglob("*") if path.is_file()]


def bytes_of(upload: EvidenceUpload | Evidence) -> bytes:
    with evidence_store.open_stored(upload.partner.tenant_id, upload.sha256) as file:
        return bytes(file.read())


def test_a_file_is_kept_under_its_digest_once(by: Actor, partner: Partner) -> None:
    first = uploaded(by, partner, "../contract.pdf")
    second = uploaded(by, partner, "copy.pdf")
    assert (first.name, first.size, first.media_type) == ("contract.pdf", len(PDF), "application/pdf")
    assert first.public_id != second.public_id
    [path] = stored()
    assert path.relative_to(Path(settings.MEDIA_ROOT) / "evidence").as_posix() == evidence_store.stored_path(
        partner.tenant_id, first.sha256
    )
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (PDF, 0o600)


def test_a_damaged_copy_is_written_anew(by: Actor, partner: Partner) -> None:
    uploaded(by, partner)
    [path] = stored()
    path.write_bytes(b"%PDF-cut")
    assert bytes_of(uploaded(by, partner)) == PDF


@pytest.mark.scenario("S7")
@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.pdf", b"", "is empty"),
        ("big.pdf", PDF + b"\0" * (10 * 1024 * 1024), "larger than 10 MB"),
        ("run.exe", PDF, "not taken"),
        ("page.pdf", b"<script>alert(1)</script>", "does not hold what its name says"),
    ],
    ids=["empty", "big", "type", "content"],
)
def test_what_proves_nothing_is_refused(by: Actor, partner: Partner, name: str, data: bytes, said: str) -> None:
    with pytest.raises(RuleViolation, match=said) as refused:
        uploaded(by, partner, name, data)
    assert refused.value.field == "evidence"
    assert not EvidenceUpload.objects.exists()
    assert stored() == []


def test_who_states_nothing_sends_nothing(
    partner: Partner, reseller_agent: Membership, stranger: Membership, actor_for: Act
) -> None:
    for member, at in ((stranger, partner), (reseller_agent, partner), (reseller_agent, reseller_agent.partner)):
        with pytest.raises((NotPermitted, NotFound)):
            uploaded(actor_for(member), at)
    assert not EvidenceUpload.objects.exists()


def test_a_record_takes_its_files(by: Actor, partner: Partner, customer: Customer) -> None:
    one, same, other = uploaded(by, partner), uploaded(by, partner), uploaded(by, partner, "n.txt", b"Call at ten")
    ids = (one.public_id, same.public_id, other.public_id)
    record = confirmed(customer, by, evidence=ids)
    assert [(f.name, f.actor_name) for f in record.evidence.in_order()] == [
        ("contract.pdf", "Sam Sales"),
        ("n.txt", "Sam Sales"),
    ]
    assert not EvidenceUpload.objects.exists()


def test_nobody_uses_what_somebody_else_sent(
    by: Actor, partner: Partner, customer: Customer, stranger: Membership, actor_for: Act, admin_agent: Membership
) -> None:
    elsewhere = uploaded(actor_for(stranger), stranger.partner)
    colleagues = uploaded(actor_for(admin_agent), partner)
    assert by.membership is not None
    at_another = MembershipFactory(user=by.membership.user, roles=["admin_agent"])
    own_elsewhere = uploaded(actor_for(at_another), at_another.partner)
    for upload in (elsewhere, colleagues, own_elsewhere):
        with pytest.raises(RuleViolation, match="no longer here"):
            confirmed(customer, by, evidence=(upload.public_id,))
    assert not Attestation.objects.exists()
    assert EvidenceUpload.objects.count() == 3


def test_a_double_click_makes_one_record_with_one_file(by: Actor, partner: Partner, customer: Customer) -> None:
    """Each click stores its own copy first."""
    clicks = [uploaded(by, partner), uploaded(by, partner)]
    records = [
        confirm_acceptance(
            by=by, customer=customer, acceptance=acceptance(evidence=(click.public_id,)), submit_key="key"
        )
        for click in clicks
    ]
    assert records[0] == records[1]
    assert Evidence.objects.get().public_id == clicks[0].public_id


def test_a_file_goes_with_its_last_row(by: Actor, partner: Partner, customer: Customer) -> None:
    upload = uploaded(by, partner)
    file_of(confirmed(customer))
    digests = [upload.sha256, upload.sha256]
    upload.delete()
    forget_files(partner.tenant_id, digests)
    assert len(stored()) == 1
    other = uploaded(by, partner, "n.txt", b"Call at ten")
    other.delete()
    forget_files(partner.tenant_id, [other.sha256])
    forget_files(partner.tenant_id, [other.sha256])
    assert len(stored()) == 1


def test_the_clock_removes_what_nobody_used(by: Actor, partner: Partner, sales_agent: Membership) -> None:
    later = timezone.now() + timedelta(days=31)
    unused, drafted = uploaded(by, partner), uploaded(by, partner, "n.txt", b"Call at ten")
    draft = OnboardingDraftFactory(membership=sales_agent)
    draft.data = {"account": {"acceptance-evidence": str(drafted.public_id)}}
    draft.save()
    assert remove_unused_uploads(now=timezone.now()) == 0
    assert remove_unused_uploads(now=later) == 1
    assert list(EvidenceUpload.objects.all()) == [drafted]
    assert [path.name for path in stored()] == [drafted.sha256]
    assert unused.sha256 != drafted.sha256


def test_the_clock_removes_what_no_row_names(by: Actor, partner: Partner) -> None:
    upload = uploaded(by, partner)
    lost = evidence_store.store(partner.tenant_id, b"nobody's")
    folder = stored()[0].parent
    (folder / f"{folder.name}{'0' * 62}.1234abcd").write_bytes(b"half")
    (folder.parent.parent / "not a partner").mkdir()
    later = timezone.now() + timedelta(days=2)
    for prefix in (upload.sha256[:2], lost[:2], "zz"):
        assert remove_unnamed_files(now=timezone.now(), prefix=prefix) == 0
        remove_unnamed_files(now=later, prefix=prefix)
    assert [path.name for path in stored()] == [upload.sha256]


def test_every_part_of_the_store_has_its_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(now: datetime, prefix: str) -> int:
        seen.append(prefix)
        return 0

    monkeypatch.setattr("agreements.services.uploads.remove_unnamed_files", look)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for hour in range(256):
        look_after_uploads(now=start + timedelta(hours=hour))
        look_after_uploads(now=start + timedelta(hours=hour, minutes=1))
    assert sorted(seen) == [f"{n:02x}" for n in range(256)]


def test_a_file_let_go_while_it_is_sent_again_is_there(
    by: Actor, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: Any = evidence_store.store
    calls = []

    def let_go_after(tenant_id: Any, data: bytes) -> str:
        digest: str = store(tenant_id, data)
        if not calls:
            evidence_store.delete_stored(tenant_id, digest)
        calls.append(digest)
        return digest

    monkeypatch.setattr(evidence_store, "store", let_go_after)
    upload = stage_upload(by=by, partner=partner, file=SimpleUploadedFile("contract.pdf", PDF))
    assert bytes_of(upload) == PDF
