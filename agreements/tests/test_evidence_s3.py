"""The same store in a bucket, over HTTP, and the settings that name it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from django.conf import settings as django_settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from moto.server import ThreadedMotoServer

from agreements import evidence_store
from agreements.services import forget_files, remove_unnamed_files
from agreements.tests.factories import PDF, confirmed, uploaded
from customers.models import Customer
from portal import env
from portal.common.actor import Actor
from portal.evidence_storage import LOCAL, evidence_storage
from portal.partners.models import Membership, Partner

pytestmark = pytest.mark.django_db
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "secret"}
NAMES = ("EVIDENCE_BUCKET", "EVIDENCE_S3_ENDPOINT", "EVIDENCE_S3_REGION", *KEYS)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def named(monkeypatch: pytest.MonkeyPatch, settings: Any, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = {**django_settings.STORAGES, "evidence": evidence_storage()}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _host, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Any]:
    made = boto3.resource(
        "s3",
        endpoint_url=endpoint,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="secret",
    ).Bucket("evidence")
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    where = {"EVIDENCE_BUCKET": "evidence", "EVIDENCE_S3_ENDPOINT": endpoint, "EVIDENCE_S3_REGION": "eu-central-1"}
    named(monkeypatch, settings, **where, **KEYS)
    yield made
    made.objects.delete()
    made.delete()


def test_a_bucket_holds_the_same(
    bucket: Any,
    partner: Partner,
    customer: Customer,
    sales_agent: Membership,
    actor_for: Callable[..., Actor],
    client_of: Callable[..., Any],
) -> None:
    by = actor_for(sales_agent)
    upload = uploaded(by, partner)
    uploaded(by, partner)
    path = evidence_store.stored_path(partner.tenant_id, upload.sha256)
    assert [each.key for each in bucket.objects.all()] == [path]
    bucket.Object(path).put(Body=b"damaged")
    uploaded(by, partner)
    assert bucket.Object(path).get()["Body"].read() == PDF

    record = confirmed(customer, by, evidence=(upload.public_id,))
    url = reverse("agreements:evidence_file", args=[customer.tenant_id, record.reference, upload.public_id])
    answer = client_of(sales_agent).get(url)
    assert b"".join(answer.streaming_content) == PDF
    assert "Location" not in answer
    bucket.Object(path).delete()
    assert client_of(sales_agent).get(url).status_code == 404
    forget_files(partner.tenant_id, [upload.sha256])


def test_the_clock_walks_a_bucket(bucket: Any, partner: Partner) -> None:
    lost = evidence_store.store(partner.tenant_id, b"nobody's")
    assert remove_unnamed_files(now=timezone.now(), prefix=lost[:2]) == 0
    assert remove_unnamed_files(now=timezone.now() + timedelta(days=2), prefix=lost[:2]) == 1
    assert list(bucket.objects.all()) == []


def test_a_store_that_is_away_costs_no_typing(
    monkeypatch: pytest.MonkeyPatch, settings: Any, customer: Customer, sales_agent: Membership, client_of: Any
) -> None:
    """Refused connections; what was typed comes back, and the file can be sent later."""
    named(monkeypatch, settings, EVIDENCE_BUCKET="b", EVIDENCE_S3_ENDPOINT="http://127.0.0.1:9", **KEYS)
    settings.STORAGES["evidence"]["OPTIONS"]["client_config"] = None
    url = reverse("agreements:confirm", args=[customer.tenant_id])
    typed = {"evidence_note": "Re: MCA", "files-evidence": SimpleUploadedFile("contract.pdf", PDF)}
    answer = client_of(sales_agent).post(url, typed)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "The store of files cannot be reached at present" in page
    assert 'value="Re: MCA"' in page


@pytest.mark.parametrize(
    ("values", "mistaken"),
    [
        ({"EVIDENCE_S3_REGION": "eu-central-1"}, "EVIDENCE_BUCKET"),
        ({"EVIDENCE_S3_ENDPOINT": "http://s3.example"}, "EVIDENCE_BUCKET"),
        ({"EVIDENCE_BUCKET": "b"}, "EVIDENCE_S3_REGION"),
        ({"EVIDENCE_BUCKET": "b", "EVIDENCE_S3_ENDPOINT": "s3.example"}, "EVIDENCE_S3_ENDPOINT"),
        ({"EVIDENCE_BUCKET": "b", "EVIDENCE_S3_REGION": "r", "AWS_ACCESS_KEY_ID": "k"}, "AWS_SECRET_ACCESS_KEY"),
        ({"EVIDENCE_BUCKET": "b", "EVIDENCE_S3_REGION": "r", "AWS_SECRET_ACCESS_KEY": "s"}, "AWS_ACCESS_KEY_ID"),
    ],
    ids=range(6),
)
def test_half_a_bucket_is_no_bucket(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], mistaken: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(env.EnvironmentMistake, match=f"^{mistaken}: "):
        evidence_storage()


def test_without_a_bucket_it_is_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    # Keys that serve something else are nobody's business here.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "other")
    assert evidence_storage() == LOCAL


def test_no_address_is_handed_out(bucket: Any, partner: Partner) -> None:
    digest = evidence_store.store(partner.tenant_id, PDF)
    assert "Signature" not in storages["evidence"].url(evidence_store.stored_path(partner.tenant_id, digest))
