"""The people and objects of the access matrix: who asks, and for what."""

import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.contrib.auth.tokens import default_token_generator
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from agreements import evidence_store
from agreements.links import file_link, hosted_link, invitation_token, receipt_path
from agreements.models import AgreementDocument, Approval, EvidenceUpload
from agreements.tests.checkpoint_factories import CheckpointFactory
from agreements.tests.enhanced_factories import EnhancedAttestationFactory
from agreements.tests.factories import PDF, DocumentFactory, TemplateFactory, acceptance, confirmed, file_of
from agreements.tests.invitation_factories import ConfirmationRequestFactory, RequestInvitationFactory, disputed
from customers.models import Customer, SavedView, Tag
from customers.tests.factories import CustomerFactory, OnboardingDraftFactory
from customers.tests.import_factories import CustomerImportFactory
from orders.models import Cart, Order
from orders.tests.factories import filled_cart, placed
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import Membership, Partner, User
from portal.partners.tests.factories import MembershipFactory, PartnerFactory, PartnerLinkFactory, UserFactory
from portal.tokens.models import ApiClient
from portal.tokens.tests.factories import ApiClientFactory, ApiSecretFactory, ConsentFactory
from portal.webhooks.tests.factories import DeliveryFactory, WebhookKeyFactory

MAIL = "20260101-120000-1.log"
EVERY_ROLE = ["global_admin", "admin_agent", "sales_agent", "helpdesk_agent"]
# Who asks -> (roles, kind of partner).
ACTORS: dict[str, tuple[list[str], str]] = {
    "anonymous": ([], ""),
    "global admin": (["global_admin"], "own"),
    "admin agent": (["admin_agent"], "own"),
    "sales agent": (["sales_agent"], "own"),
    "helpdesk agent": (["helpdesk_agent"], "own"),
    "reseller's admin agent": (["admin_agent"], "reseller"),
    "government admin agent": (["admin_agent"], "government"),
    "stranger with all roles": (EVERY_ROLE, "stranger"),
    "staff without membership": ([], "staff"),
}


@dataclass
class World:
    """One person who asks, and one object of each kind that belongs to the partner asked about.

    kwargs: of every URL, by parameter name; special: for kinds of object whose parameters are others' names too.
    """

    who: str
    member: Membership | None = None
    user: User | None = None
    kwargs: dict[str, object] = field(default_factory=dict)
    special: dict[str, dict[str, object]] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        client = Client(raise_request_exception=False)
        if self.user is not None:
            client.force_login(self.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    def values(self, kind: str, *, is_missing: bool = False) -> dict[str, object]:
        """The parameters of a URL about this kind of object; is_missing: with ids that nothing has."""
        there = {**self.kwargs, **self.special.get(kind, {})}
        if not is_missing:
            return there
        return {
            name: uuid.uuid4() if isinstance(value, uuid.UUID) else "NOSUCHTHING" for name, value in there.items()
        }


def build(who: str) -> World:
    roles, relation = ACTORS[who]
    template = TemplateFactory()
    document = DocumentFactory(template=template, country="PL")
    DocumentFactory(template=template, country="US")
    document.file.storage.save(document.file.name, ContentFile(b"Sample"))
    owner = PartnerFactory(government=True) if relation == "government" else _owner(relation)
    customer = CustomerFactory(partner=owner, country="PL")
    member = _member(relation, roles, customer)
    user = UserFactory(is_staff=True) if relation == "staff" else member and member.user
    world = World(who, member, user)
    colleague = MembershipFactory(partner=_employer(relation, member, owner), roles=["admin_agent"])
    # Drafts and carts are their owner's alone: the asking person's, except for those who are to see nothing.
    holder = member if member is not None and relation != "stranger" else colleague
    draft = OnboardingDraftFactory(membership=holder)
    cart, order = _orders(customer, holder)
    world.kwargs = {
        "customer_id": customer.tenant_id,
        "contact_id": customer.contacts.get().public_id,
        "tag_id": Tag.objects.create(partner=owner, name="Gold", name_key="gold").public_id,
        "import_id": CustomerImportFactory(partner=owner, owner=colleague.user).pk,
        "draft_id": draft.pk,
        "view_id": SavedView.objects.create(partner=holder.partner, owner=holder.user, name="Mine").pk,
        "cart_id": cart.pk,
        "number": order.number,
        "subscription_id": order.lines.get().subscription.pk,
        "reference": _reference(customer),
        "document_id": AgreementDocument.objects.get(pk=document.pk).public_id,
        "membership_id": colleague.public_id,
        "user_id": colleague.user.public_id,
        "token": default_token_generator.make_token(colleague.user),
        "partner_id": owner.tenant_id,
        "tenant": str(owner.tenant_id),
        "name": MAIL,
        "delivery_id": DeliveryFactory(registration__partner=owner).public_id,
        "key_id": WebhookKeyFactory().key_id,
    }
    world.special = _asked(owner, member if relation == "reseller" else None)
    is_own = relation == "own"
    world.special["approval"] = world.special["approval file"] = _waiting(owner, colleague)
    world.special["sent approval"] = _waiting(owner, member if is_own and member else colleague)
    world.special["evidence file"] = {"public_id": _file(customer)}
    world.special["hosted link"] = {"token": _token_in(hosted_link(EnhancedAttestationFactory(partner=owner)))}
    world.special["file link"] = {"token": _token_in(file_link(AgreementDocument.objects.get(pk=document.pk)))}
    program = ApiClientFactory(partner=owner)
    world.kwargs["consent_id"] = ConsentFactory(client=program, user=user).public_id if user else uuid.uuid4()
    world.special["API client"] = _told_of(program, colleague)
    return world


def _told_of(program: ApiClient, colleague: Membership) -> dict[str, object]:
    """The program with a secret, and with a colleague for whom it acts."""
    return {
        "client_id": program.client_id,
        "secret_id": ApiSecretFactory(client=program).public_id,
        "consent_id": ConsentFactory(client=program, user=colleague.user).public_id,
    }


def _waiting(owner: Partner, asker: Membership) -> dict[str, object]:
    """A new record of the owner's that waits for a second person with a file, as if this member had asked."""
    if not owner.has_agreement:
        return {"public_id": uuid.uuid4(), "file_id": uuid.uuid4()}
    file = EvidenceUpload.objects.create(
        partner=owner,
        owner=asker.user,
        name="contract.pdf",
        sha256=evidence_store.store(owner.tenant_id, PDF),
        size=len(PDF),
        media_type="application/pdf",
    )
    said = asdict(acceptance()) | {"agreed_on": "2026-01-01", "evidence": [str(file.public_id)]}
    record = confirmed(CustomerFactory(partner=owner, country="PL"))
    approval = Approval.objects.create(
        partner=owner,
        customer=owner.customers.get(tenant_id=record.tenant_id),
        record=record,
        reason_code="new_signer",
        statement=said | {"scenario": None, "request": None},
        asked_by=asker.user,
        asked_by_name=asker.user.name,
        asked_door=Door.ACCOUNT_INFO,
    )
    return {"public_id": approval.public_id, "file_id": file.public_id}


def _token_in(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def _owner(relation: str) -> Partner:
    return PartnerFactory(provider=True) if relation == "reseller" else PartnerFactory()


def _member(relation: str, roles: list[str], customer: Customer) -> Membership | None:
    if relation in ("", "staff"):
        return None
    if relation == "stranger":
        return MembershipFactory(roles=roles)
    if relation == "reseller":
        link = PartnerLinkFactory(provider=customer.partner)
        customer.reseller = link.reseller
        customer.save()
        return MembershipFactory(partner=link.reseller, roles=roles)
    return MembershipFactory(partner=customer.partner, roles=roles)


def _employer(relation: str, member: Membership | None, owner: Partner) -> Partner:
    return member.partner if member is not None and relation != "stranger" else owner


def _orders(customer: Customer, holder: Membership) -> tuple[Cart, Order]:
    """An open cart of the holder, and an order; both stand on an acceptance where one is needed."""
    by = Actor(kind=ActorKind.JOB, name="Test", door=Door.JOB)
    if customer.partner.has_agreement:
        confirmed(customer, agreed_on=timezone.now().date())
    order = placed(filled_cart(customer, holder), by)
    return filled_cart(customer, holder), order


def _asked(owner: Partner, reseller: Membership | None) -> dict[str, dict[str, object]]:
    """Of the owner: an invitation (of a reseller: what it asked a company itself), a reseller's request to confirm,
    and a record whose person disputes it.
    """
    at = reseller.partner if reseller else None
    invitation = RequestInvitationFactory(partner=owner, request__reseller=at, request__asked_by=at or owner)
    resold = CustomerFactory(partner=owner, country="PL", reseller=at or PartnerFactory(reseller=True))
    request = ConfirmationRequestFactory(customer=resold)
    customer = CustomerFactory(partner=owner, country="PL")
    special: dict[str, dict[str, object]] = {
        "invitation": {"public_id": invitation.public_id},
        "invitation link": {"token": invitation_token(invitation)},
        "confirmation request": {"public_id": request.public_id},
        "sent request": {"public_id": request.public_id},
        "checkpoint": {"public_id": CheckpointFactory(partner=owner).public_id},
        "disputed record": {"customer_id": customer.tenant_id, "reference": uuid.uuid4()},
        "receipt link": {"token": "NOSUCHTHING"},
    }
    if owner.has_agreement:
        record = disputed(confirmed(customer, agreed_on=timezone.now().date()))
        special["disputed record"]["reference"] = record.reference
        special["receipt link"]["token"] = receipt_path(record.receipt).rstrip("/").rpartition("/")[2]
    return special


def _file(customer: Customer) -> uuid.UUID:
    """Of the customer's record, where there is one."""
    record = customer.tenant.attestations.first()
    return file_of(record).public_id if record else uuid.uuid4()


def _reference(customer: Customer) -> uuid.UUID:
    record = customer.tenant.attestations.first()
    return record.reference if record else uuid.uuid4()


def fill_mail_folder(folder: Path) -> None:
    """One message, in a file as Django names them."""
    folder.mkdir()
    (folder / MAIL).write_bytes(b"Subject: Sample\nTo: a@partner.example\n\nSample\n")
