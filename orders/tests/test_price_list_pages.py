"""Staff import a price list in Django admin: upload, progress, bad rows, decision, result."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult

from orders.models import Price, PriceList
from orders.price_lists.work import read_price_list
from orders.services import apply_price_list
from orders.tests.price_list_files import STAFF, applied, as_csv, checked, many, row, uploaded
from portal.partners.models import Membership, User
from portal.partners.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PAGES = "/admin/orders/pricelist/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def staff() -> Client:
    return signed_in(UserFactory(is_staff=True, is_superuser=True, name="Stefan Staff"))


def page(price_list: PriceList) -> str:
    return f"{PAGES}{price_list.pk}/change/"


def upload(client: Client, content: bytes, **said: Any) -> Any:
    file = SimpleUploadedFile("prices 2026.csv", content, "application/octet-stream")
    return client.post(f"{PAGES}add/", {"file": file, "submit_key": "k", **said})


def test_from_upload_to_result(staff: Client) -> None:
    answer = upload(staff, as_csv([row(), row(SkuId="0002", UnitPrice="free")]))
    price_list = PriceList.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page(price_list))
    assert (price_list.file_name, price_list.uploaded_by_name) == ("prices 2026.csv", "Stefan Staff")
    assert DBTaskResult.objects.count() == 1
    reading = staff.get(page(price_list)).content.decode()
    assert "Reading the rows" in reading
    assert 'hx-trigger="every 1s"' in reading
    assert "Show how far it is" in reading, "without JavaScript"
    read_price_list(price_list)
    shown = staff.get(page(price_list)).content.decode()
    assert "Import the good rows" in shown
    assert "Enter a number like 1234.50" in shown
    assert "hx-get" not in shown
    assert not Price.objects.exists()
    assert staff.post(page(price_list), {"decision": "import"}).status_code == 302
    assert "Writing the catalog" in staff.get(page(price_list)).content.decode()
    apply_price_list(by=STAFF, price_list_id=price_list.pk)
    result = staff.get(page(price_list)).content.decode()
    assert "New prices" in result
    assert Price.objects.count() == 1
    assert staff.get(PAGES, {"q": "prices"}).status_code == 200


def test_a_double_click_uploads_once(staff: Client) -> None:
    content = as_csv([row()])
    assert upload(staff, content)["Location"] == upload(staff, content)["Location"]
    assert PriceList.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"%PDF-1.4 prices.csv", "not a table"),
        (b"Name,Town\nAda,Warszawa\n", "not a price list"),
        (as_csv([row()]).replace(b"UnitPrice", b"Cost"), "the column UnitPrice is missing"),
        (as_csv([row()]).replace(b"UnitPrice", b"Cost").replace(b"Market", b"Land"), "Market, UnitPrice are"),
        (as_csv([]), "no rows"),
    ],
)
def test_what_is_no_price_list_is_refused_by_its_content(staff: Client, content: bytes, told: str) -> None:
    answer = upload(staff, content)
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert not PriceList.objects.exists()


def test_a_file_that_is_too_large_is_told_of(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.common.uploads.MAX_UPLOAD", 10)
    answer = upload(staff, as_csv(many(50)))
    assert "larger than 30 MB" in answer.content.decode()


def test_the_same_file_again_is_offered_not_done(staff: Client) -> None:
    content = as_csv([row()])
    applied(content)
    answer = upload(staff, content)
    assert "imported already" in answer.content.decode()
    assert PriceList.objects.count() == 1
    assert upload(staff, content, is_again="on", submit_key="k2").status_code == 302


def test_rows_that_come_twice_are_counted(staff: Client) -> None:
    shown = staff.get(page(checked(as_csv([row(), row(), row(SkuId="0002")]))))
    assert (shown.context["good_count"], shown.context["repeated_count"]) == (2, 1)
    assert "Said twice, taken once" in shown.content.decode()


def test_a_refused_file_changes_nothing(staff: Client) -> None:
    price_list = checked(as_csv([row()]))
    staff.post(page(price_list), {"decision": "refuse"})
    assert "Refused: nothing was imported" in staff.get(page(price_list)).content.decode()
    late = staff.post(page(price_list), {"decision": "import"}, follow=True)
    assert "cannot be imported now" in late.content.decode()
    assert not Price.objects.exists()


def test_bad_rows_are_paged_and_downloaded(staff: Client) -> None:
    price_list = checked(as_csv([{**said, "UnitPrice": "=free"} for said in many(120)]))
    first = staff.get(page(price_list))
    assert len(first.context["page"].rows) == 50
    assert "Import the good rows" not in first.content.decode(), "there is none"
    second = staff.get(page(price_list) + first.context["page"].next_url)
    assert [each.number for each in second.context["page"].rows][:2] == [52, 53]
    assert staff.get(page(price_list), {"after": "9" * 30}).status_code == 302
    answer = staff.get(page(price_list), {"as": "csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Line,ProductTitle,ProductId")
    assert lines[0].endswith("Problem")
    assert len(lines) == 121
    assert "'=free" in lines[1], "no spreadsheet runs it"


def test_pages_cost_the_same_for_any_number_of_rows(staff: Client, django_assert_max_num_queries: Any) -> None:
    price_list = checked(as_csv([row(), *({**said, "UnitPrice": "free"} for said in many(60))]))
    with django_assert_max_num_queries(8):
        staff.get(page(price_list))


def test_only_staff_with_the_permission_import(
    sales_agent: Membership, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    price_list = checked(as_csv([row()]))
    assert client_of(sales_agent).get(page(price_list)).status_code != 200
    client = signed_in(UserFactory(is_staff=True))
    allowed = {"orders.view_pricelist"}
    monkeypatch.setattr(User, "has_perm", lambda user, permission, obj=None: permission in allowed)
    shown = client.get(page(price_list))
    assert shown.status_code == 200
    assert "Import all rows" not in shown.content.decode()
    assert client.post(page(price_list), {"decision": "import"}).status_code == 403
    assert upload(client, as_csv([row()])).status_code == 403
    allowed.clear()
    assert client.get(page(price_list)).status_code == 403


def test_a_list_that_is_not_there_leads_to_the_start(staff: Client) -> None:
    assert staff.get(f"{PAGES}nonsense/change/").status_code == 302
    price_list = uploaded(as_csv([row()]))
    assert staff.post(f"{PAGES}{price_list.pk}/delete/", {"post": "yes"}).status_code == 403
