"""The demo shows every state, and nothing in it is made up behind the services' back."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db.models import Count, Sum
from django.test import TestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from phonenumbers import is_valid_number

from agreements.languages import languages_for
from agreements.models import (
    AgreementDocument,
    AgreementTemplate,
    Attestation,
    AttestationEvent,
    ConfirmationRequest,
    Invitation,
    InvitationReminder,
    InvitationState,
    Method,
)
from agreements.proving import verify
from customers.addresses import mistakes, rules_for
from customers.models import Contact, Customer, OnboardingDraft, Tenant
from customers.rules import Standing, needs_registration_number
from orders.models import (
    Availability,
    Cart,
    LicenceChange,
    MonthTotal,
    Order,
    Price,
    PriceList,
    Segment,
    Sku,
    Subscription,
    SubscriptionEvent,
)
from orders.pricing import price_day
from portal.audit.models import AuditEvent, ChainHead
from portal.dashboard.demo.accounts import (
    CUSTOMER_ACCOUNTS,
    DEMO_ACCOUNTS,
    HARBOUR,
    MERIDIAN,
    POTOMAC,
    SANDBOX,
    VISTULA,
    DemoPartner,
)
from portal.dashboard.demo.letters import LATEST
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner, User

TODAY = date(2026, 1, 1)
# How long making the demo and the tests before may have taken.
MAKING = timedelta(minutes=15)


def membership(row: DemoPartner, role: str = "admin_agent") -> Membership:
    return Membership.objects.select_related("partner").filter(partner__name=row.name, roles=[role]).get()


def customers(row: DemoPartner) -> dict[str, Customer]:
    """Domain prefix -> customer, with its standing, as an agent of this partner sees them."""
    stale_before = AgreementTemplate.objects.stale_before(today=TODAY)
    found = Customer.objects.visible_to(membership(row)).with_account().with_standing(stale_before=stale_before)
    return {customer.tenant.domain.partition(".")[0]: customer for customer in found}


class DemoTests(TestCase):
    texts: ClassVar[dict[int, str]]

    @classmethod
    def setUpTestData(cls) -> None:
        with TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=Path(folder)):
            call_command("load_demo", once=True, stdout=StringIO())
            cls.texts = {document.pk: cls.read(document) for document in AgreementDocument.objects.all()}

    @staticmethod
    def read(document: AgreementDocument) -> str:
        with document.file.open() as file:
            return file.read().decode()

    def test_every_standing_is_there(self) -> None:
        of_direct_bill = {customer.standing for customer in customers(VISTULA).values()}
        assert of_direct_bill == set(Standing) - {Standing.NOT_APPLICABLE}
        assert {customer.standing for customer in customers(POTOMAC).values()} == {Standing.NOT_APPLICABLE}
        assert {Standing.COVERED, Standing.PENDING} <= {c.standing for c in customers(SANDBOX).values()}

    def test_there_are_many_customers_from_many_countries(self) -> None:
        assert Customer.objects.count() >= 60
        assert len(customers(VISTULA)) >= 45
        assert Customer.objects.values("country").distinct().count() >= 20

    def test_some_are_covered_by_the_partner_and_some_by_themselves(self) -> None:
        of_direct_bill = customers(VISTULA).values()
        assert any(c.attested_on and not c.direct_on for c in of_direct_bill)
        assert any(c.direct_on and not c.attested_on for c in of_direct_bill)

    def test_records_have_every_history(self) -> None:
        records = Attestation.objects.visible_to(membership(VISTULA)).with_details().with_state()
        assert {record.supersede_reason for record in records} == {"", "correction", "renewal", "new_signer"}
        assert {record.method for record in records} == set(Method.values)
        assert {record.scenario for record in records} == {None, 1, 2}
        assert all(r.person.reason_note for r in records if r.supersede_reason == "correction")
        assert [record.tenant.domain for record in records if record.is_withdrawn] == ["gouden-kraan.onmicrosoft.com"]
        assert AttestationEvent.objects.get(kind="withdrawn").reason
        assert customers(VISTULA)["gouden-kraan"].standing == Standing.MISSING

    def test_invitations_are_in_every_state_that_does_not_need_a_mail_server(self) -> None:
        found = {invitation.state for invitation in Invitation.objects.with_details()}
        later = {InvitationState.DELIVERED, InvitationState.SETTLED}
        assert found == set(InvitationState) - later
        told = Invitation.objects.filter(to_confirm_at__isnull=False).order_by("scenario")
        assert [(invitation.scenario, invitation.partner.name) for invitation in told] == [
            (1, VISTULA.name),
            (2, MERIDIAN.name),
        ]
        assert Invitation.objects.to_confirm(membership(VISTULA, "helpdesk_agent")).exists()

    def test_the_first_worker_finds_only_the_latest_letters(self) -> None:
        waiting = {task.args_kwargs["args"][0] for task in DBTaskResult.objects.filter(queue_name="mail")}
        # How many fall into the last day and a half depends on the hour; that none is older does not.
        assert waiting
        assert not Letter.objects.filter(pk__in=waiting, queued_at__lt=timezone.now() - LATEST - MAKING).exists()
        assert Letter.objects.exclude(pk__in=waiting).exists()
        assert waiting == set(Letter.objects.filter(sent_at=None).values_list("pk", flat=True))
        assert not any(letter.sent_at < letter.queued_at for letter in Letter.objects.exclude(sent_at=None))

    def test_reminders_went_out_on_their_day(self) -> None:
        reminded = InvitationReminder.objects.select_related("invitation")
        assert len({reminder.made_at.date() for reminder in reminded}) > 2
        for reminder in reminded:
            assert (reminder.made_at - reminder.invitation.renewed_at).days == reminder.days

    def test_customers_have_the_language_of_their_country(self) -> None:
        languages = {prefix: customer.language for prefix, customer in customers(VISTULA).items()}
        assert languages["zuraw-logistyka"] == languages["wisniowy-las"] == "pl-PL"
        assert languages["elaiones-aigaiou"] == "en-US"

    def test_companies_were_asked_and_one_has_joined(self) -> None:
        asked = Invitation.objects.filter(request__isnull=False).select_related("request")
        assert {(i.request.company_name, bool(i.request.customer_id)) for i in asked} == {
            ("Wiśniowy Las Pensjonat Sp. z o.o.", True),
            ("Nordfjell Badstue AS", False),
            ("Claddagh Weavers Ltd", False),
        }
        assert customers(VISTULA)["wisniowy-las"].standing == Standing.COVERED

    def test_a_reseller_has_asked_and_records_are_disputed(self) -> None:
        asked = ConfirmationRequest.objects.visible_to(membership(HARBOUR))
        assert set(asked.values_list("outcome", flat=True)) == {"", "refused"}
        kinds = list(AttestationEvent.objects.order_by("id").values_list("kind", flat=True))
        assert kinds == ["withdrawn", "disputed", "dispute_resolved", "disputed"]
        assert customers(VISTULA)["sodermalms-bageri"].standing == Standing.DISPUTED

    def test_customers_administrators_can_sign_in(self) -> None:
        for account in CUSTOMER_ACCOUNTS:
            user = authenticate(username=account.email, password=account.password)
            assert user is not None
            assert user.customer_user.tenant.domain == f"{account.prefix}.onmicrosoft.com"
            assert not user.must_change_password

    def test_a_helpdesk_agent_sees_what_was_attested_on_behalf(self) -> None:
        records = Attestation.objects.visible_to(membership(VISTULA, "helpdesk_agent"))
        assert {record.method for record in records} == {Method.ON_BEHALF}

    def test_stale_customers_have_live_subscriptions_that_were_ordered_when_covered(self) -> None:
        stale = [c for c in customers(VISTULA).values() if c.standing == Standing.STALE]
        live = Subscription.objects.filter(customer__in=stale, status="active").select_related(
            "order_line__order__acceptance"
        )
        assert len({subscription.customer_id for subscription in live}) >= 2
        for subscription in live:
            order = subscription.order_line.order
            assert order.acceptance.agreed_on < date(2023, 4, 1)
            assert order.acceptance.recorded_at < order.placed_at
            assert order.placed_at < AgreementTemplate.objects.get(version="2023-04").created_at

    def test_tenants_of_two_partners_stand_with_each_on_their_own(self) -> None:
        shared = Tenant.objects.annotate(partners=Count("customers")).filter(partners=2)
        assert len(shared) == 2
        one, other = customers(VISTULA), customers(MERIDIAN)
        assert one["bursztyn-software"].standing == Standing.COVERED
        assert other["bursztyn-software"].standing == Standing.PENDING
        assert other["librairie-oeil-ouvert"].standing == Standing.COVERED

    def test_the_reseller_sees_its_customers_and_the_provider_too(self) -> None:
        resold = customers(HARBOUR)
        assert len(resold) >= 5
        assert resold.keys() < customers(MERIDIAN).keys()
        assert Order.objects.visible_to(membership(HARBOUR)).exists()

    def test_the_national_cloud_orders_without_an_acceptance(self) -> None:
        orders = Order.objects.visible_to(membership(POTOMAC))
        assert orders
        assert all(order.acceptance is None and order.cloud == "us_government" for order in orders)

    def test_orders_rely_on_both_kinds_of_acceptance(self) -> None:
        orders = Order.objects.visible_to(membership(VISTULA)).select_related("acceptance")
        assert {order.acceptance.partner_id is None for order in orders} == {True, False}
        assert LicenceChange.objects.visible_to(membership(VISTULA)).exists()

    def test_a_year_of_orders_is_told_in_order(self) -> None:
        orders = Order.objects.visible_to(membership(VISTULA)).select_related("acceptance")
        assert len({order.placed_at.strftime("%Y-%m") for order in orders}) >= 12
        assert all(order.acceptance.recorded_at < order.placed_at for order in orders)
        events = SubscriptionEvent.objects.all()
        assert {"renewed", "suspended", "auto_renew_off"} <= set(events.values_list("kind", flat=True))
        assert not Subscription.objects.due(at=timezone.now()).exists()
        kept = MonthTotal.objects.aggregate(count=Sum("order_count"), amount=Sum("amount"))
        assert kept == Order.objects.aggregate(count=Count("pk"), amount=Sum("total"))

    def test_the_sales_agent_has_unfinished_work(self) -> None:
        sales_agent = membership(VISTULA, "sales_agent")
        drafts = OnboardingDraft.objects.visible_to(sales_agent).unfinished()
        assert {draft.title for draft in drafts} == {"Ängsblomma Honung AB", "Gęsi Puch Sp. j."}
        carts = Cart.objects.visible_to(sales_agent).unfinished()
        assert any(cart.customer.attested_on is None and cart.lines.exists() for cart in carts)

    def test_the_catalog_comes_from_the_price_list(self) -> None:
        applied = PriceList.objects.get()
        assert (applied.status, applied.bad_count) == ("applied", 0)
        assert applied.new_count == applied.read_count == Price.objects.count() > 1000
        assert Sku.objects.count() >= 40
        sold = Availability.objects.all()
        assert set(sold.values_list("segment", flat=True)) == set(Segment)
        assert set(sold.values_list("market", "currency")) == {
            ("PL", "PLN"),
            ("US", "USD"),
            ("DE", "EUR"),
            ("GB", "GBP"),
            ("SE", "SEK"),
        }
        county = Availability.objects.sold_to(customers(POTOMAC)["blue-hollow-county"], on=price_day())
        assert county.count() >= 120
        assert Sku.objects.filter(add_on_to__isnull=False).distinct().count() >= 5

    def test_the_catalog_has_tiers_and_prices_that_change(self) -> None:
        prices = Price.objects.all()
        assert prices.filter(tier_min__gt=1).exists()
        assert prices.filter(effective_until__isnull=False).exists()
        changed = prices.filter(effective_from__gt=date(2022, 3, 1)).values_list("effective_from", flat=True)
        assert {day < price_day() for day in changed} == {True, False}

    def test_every_sample_says_that_it_is_one(self) -> None:
        documents = AgreementDocument.objects.select_related("template")
        assert all("SAMPLE / " in text for text in self.texts.values())
        newest = documents.filter(template__version="2023-04")
        offered = {(str(document.country), document.language) for document in newest}
        countries = {country for country, _language in offered}
        assert len(countries) >= 12
        assert offered == {(country, language) for country in countries for language in languages_for(country)}

    def test_addresses_people_and_numbers_are_valid(self) -> None:
        for customer in Customer.objects.select_related("tenant"):
            country, address = str(customer.country), vars(customer)
            assert mistakes(country, address) == {}, customer
            states = dict(rules_for(country).states)
            assert not customer.state or not states or customer.state in states, customer
            assert bool(customer.registration_number) == needs_registration_number(country), customer
        for contact in Contact.objects.all():
            assert is_valid_number(contact.phone), contact
            assert contact.email.endswith(".example")

    def test_every_chain_is_whole(self) -> None:
        chains = list(ChainHead.objects.values_list("chain", flat=True))
        assert len(chains) == 4
        assert not verify().findings

    def test_everything_is_in_the_log_of_who_did_it(self) -> None:
        log = AuditEvent.objects.visible_to(membership(VISTULA))
        assert {"Ada Adamska", "Sam Sobczak", "Hela Helińska", "Gita Głowacka"} <= {e.actor_name for e in log}

    def test_accounts_are_as_announced(self) -> None:
        for account in DEMO_ACCOUNTS:
            user = User.objects.get(email=account.email)
            validate_password(account.password, user)
            assert authenticate(username=account.email, password=account.password) == user
            assert user.is_staff == user.is_superuser == (account.partner is None)
            assert account.email.endswith(".example")
            if account.partner is not None:
                member = Membership.objects.get(user=user, partner__name=account.partner.name)
                assert member.roles == sorted(account.roles)
        twice = Membership.objects.values("user").annotate(partners=Count("id")).filter(partners=2)
        assert len(twice) == 1

    def test_once_twice_changes_nothing(self) -> None:
        before = {model: model.objects.count() for model in apps.get_models()}
        call_command("load_demo", once=True, stdout=StringIO())
        assert {model: model.objects.count() for model in apps.get_models()} == before

    def test_it_does_not_mix_with_other_data(self) -> None:
        with pytest.raises(CommandError, match="partners already"):
            call_command("load_demo", stdout=StringIO())


@pytest.mark.django_db
def test_production_is_refused(settings: Any) -> None:
    settings.IS_LOCAL = False
    with pytest.raises(CommandError, match="PORTAL_MODE is production"):
        call_command("load_demo", once=True)
    assert not Partner.objects.exists()


def test_accounts_are_listed_with_their_passwords() -> None:
    printed = StringIO()
    call_command("demo_accounts", stdout=printed)
    for account in (*DEMO_ACCOUNTS, *CUSTOMER_ACCOUNTS):
        row = next(line for line in printed.getvalue().splitlines() if account.email in line)
        assert row.endswith(account.password)
    assert "Indirect reseller" in printed.getvalue()
    assert "US Government" in printed.getvalue()
