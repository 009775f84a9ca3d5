"""The page on which the agreement is read and accepted: its text, its forms, and what becomes of them when sent."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_countries import countries

from agreements.answer_forms import JoinForm, RelationshipForm, StatementForm, agreement_tick, relationship_tick
from agreements.languages import DEFAULT_LANGUAGE
from agreements.models import AgreementDocument, Attestation
from agreements.services import Statement, covering_directly, documents_for
from agreements.views.answers.cards import Card
from agreements.views.answers.visitors import Visitor
from customers.forms import ADDRESS_FIELDS
from customers.models import Customer
from customers.rules import needs_registration_number
from customers.services import CompanyDetails, JoiningCompany
from portal.common.forms import PortalForm
from portal.common.languages import FALLBACK, interface_language

PERSON, COMPANY = "person", "company"
# Buttons that only draw the page anew.
SHOW, COUNTRY = "show", "country"
# What is shown of a text on the page itself; the whole file can be downloaded.
MOST_SHOWN = 200_000
COMPANY_FIELDS = ("company_name", "country", *ADDRESS_FIELDS, "address_line2", "registration_number")


@dataclass
class AgreementPage:
    """covered: the company's own acceptance in force, for which only a relationship is accepted here; texts: what may
    be chosen from; shown: the one on the page; is_sent: sent to be accepted, rather than to be drawn anew; notice:
    why it has to be looked at once more, "" else.
    """

    card: Card
    covered: Attestation | None
    texts: list[AgreementDocument]
    shown: AgreementDocument | None
    statement: StatementForm
    company: JoinForm | None
    is_sent: bool = False
    notice: str = ""

    @property
    def forms(self) -> list[PortalForm]:
        return [self.statement] if self.company is None else [self.company, self.statement]

    @property
    def has_text(self) -> bool:
        """Whether there is something to accept; else staff has yet to add the country's text."""
        return self.shown is not None or is_only_relationship(self.card, self.covered)

    @property
    def text(self) -> str:
        """Of what is shown, in plain letters; "" where its file is of another kind."""
        return plain_text(self.shown)

    def is_ready(self) -> bool:
        """Whether it was sent to be accepted, with answers that are right. Each form says what is wrong in it."""
        return self.is_sent and all(form.is_valid() for form in self.forms)

    def said(self) -> Statement:
        invitation = self.card.invitation
        return Statement(
            person=self.statement.person(invitation.email if invitation is not None else ""),
            authority=self.statement.cleaned_data["authority"],
            document_id=self.shown.public_id if self.shown is not None else None,
        )

    def joining(self, visitor: Visitor) -> JoiningCompany | None:
        invitation, known = self.card.invitation, self.card.customer
        language = self.shown.language if self.shown is not None else invitation.language if invitation else ""
        if self.company is not None:
            return self.company.joining(language or DEFAULT_LANGUAGE)
        if known is None or visitor.tenant is None:
            return None
        return JoiningCompany(company=_details(known), tenant=visitor.tenant)


def plain_text(document: AgreementDocument | None) -> str:
    """The agreement as plain text, "" where its file is of another kind."""
    if document is None or not document.file.name.endswith(".txt"):
        return ""
    try:
        with document.file.open() as file:
            return str(file.read(MOST_SHOWN).decode("utf-8-sig", "replace"))
    except FileNotFoundError:
        return ""


def agreement_page(
    visitor: Visitor, card: Card, sent: QueryDict | None, *, language: str = "", is_replaced: bool = False
) -> AgreementPage:
    """The page as it is asked for, or with what was sent. language: as asked for in the address; is_replaced: the
    text was replaced after it was looked up here.
    """
    known = _known_company(visitor, card)
    country = _country(card, known, sent)
    tenant = card.customer.tenant if card.customer is not None else visitor.tenant
    covered = covering_directly(tenant=tenant) if tenant is not None else None
    is_only = is_only_relationship(card, covered)
    texts = [] if is_only else list(documents_for(country, partner=card.partner))
    shown = _chosen(texts, sent.get(f"{PERSON}-language", "") if sent is not None else language, card)
    notice = _why_again(texts, shown, sent, is_replaced=is_replaced)
    is_sent = sent is not None and not notice and sent.get("action") not in (SHOW, COUNTRY)
    asking = _Asking(visitor, card, known, country, sent, is_sent, is_only)
    return AgreementPage(
        card=card,
        covered=covered,
        texts=texts,
        shown=shown,
        statement=asking.statement(texts, shown),
        company=asking.company() if card.needs_company else None,
        is_sent=is_sent,
        notice=notice,
    )


def is_only_relationship(card: Card, covered: Attestation | None) -> bool:
    """Whether the agreement itself is not accepted here: it is already, or the partner has to confirm it."""
    return covered is not None or (card.scenario is not None and card.asks_relationship)


@dataclass(frozen=True)
class _Asking:
    """The forms of a page. known: the joining company as another partner of its knows it; sent: what was typed so
    far; is_sent: whether it is to be judged.
    """

    visitor: Visitor
    card: Card
    known: Customer | None
    country: str
    sent: QueryDict | None
    is_sent: bool
    is_only_relationship: bool

    def statement(self, texts: list[AgreementDocument], shown: AgreementDocument | None) -> StatementForm:
        card, invitation = self.card, self.card.invitation
        names = {"first_name": invitation.first_name, "last_name": invitation.last_name} if invitation else {}
        kind, tick = StatementForm, agreement_tick(self._company_name())
        if self.is_only_relationship:
            kind, tick = RelationshipForm, relationship_tick(self._company_name(), card.partner.name)
        return kind(
            self.sent if self.is_sent else None,
            prefix=PERSON,
            initial=self._typed(PERSON, {} if card.is_administrator else names)
            | {"language": shown.language if shown is not None else ""},
            texts=texts,
            agrees=tick,
            is_email_asked=card.is_administrator,
            country=self.country,
            is_phone_required=card.needs_company and needs_registration_number(self.country),
        )

    def company(self) -> JoinForm:
        known = self.known
        asked = {"company_name": self.card.company_name}
        initial = {name: str(getattr(known, name)) for name in COMPANY_FIELDS} if known is not None else asked
        return JoinForm(
            self.sent if self.is_sent else None,
            prefix=COMPANY,
            initial=self._typed(COMPANY, initial) | {"country": self.country},
            country=self.country,
            tenant=self.visitor.tenant,
        )

    def _typed(self, prefix: str, initial: dict[str, str]) -> dict[str, str]:
        """What the page comes back with when it is drawn anew; a tick is given anew."""
        if self.sent is None:
            return initial
        typed = {
            name.removeprefix(f"{prefix}-"): self.sent[name] for name in self.sent if name.startswith(f"{prefix}-")
        }
        typed.pop("agrees", None)
        return typed

    def _company_name(self) -> str:
        typed = self.sent.get(f"{COMPANY}-company_name", "").strip() if self.sent is not None else ""
        if typed and self.card.needs_company:
            return typed[:200]
        return self.known.company_name if self.known is not None else self.card.company_name


def _known_company(visitor: Visitor, card: Card) -> Customer | None:
    """Whose details a company that joins a further partner need not type again; its administrator is signed in."""
    if visitor.tenant is None or not card.needs_company:
        return None
    accepted = Customer.objects.active().filter(tenant=visitor.tenant, relationship_accepted_at__isnull=False)
    return accepted.order_by("id").first()


def _country(card: Card, known: Customer | None, sent: QueryDict | None) -> str:
    """Whose text applies: the company's country, as a partner knows it or as it was typed."""
    if card.customer is not None:
        return str(card.customer.country)
    typed = sent.get(f"{COMPANY}-country", "") if sent is not None else ""
    if typed in countries:
        return typed
    return str(known.country if known is not None else card.partner.country)


def _chosen(texts: list[AgreementDocument], language: str, card: Card) -> AgreementDocument | None:
    """The text in the language that was chosen, else in the one of the invitation or of the customer, else in the one
    in which the page is read, else any. English is what nobody chose: it comes after the reader's own language.
    """
    known = [each.language for each in (card.invitation, card.customer) if each is not None]
    own = [each for each in known if each != DEFAULT_LANGUAGE]
    spoken = get_language()
    read_in = [text.language for text in texts if spoken != FALLBACK and interface_language(text.language) == spoken]
    wanted = [language, *own, *read_in, DEFAULT_LANGUAGE]
    by_language = {text.language: text for text in reversed(texts)}
    found = next((by_language[each] for each in wanted if each in by_language), None)
    return found or (texts[0] if texts else None)


def _why_again(
    texts: list[AgreementDocument], shown: AgreementDocument | None, sent: QueryDict | None, *, is_replaced: bool
) -> str:
    """What is ticked is the text that stood on the page, and no other. "" where it is that one."""
    if is_replaced:
        return _("The agreement has a new text since you opened it. Read the new one, then accept.")
    if (
        sent is None
        or shown is None
        or sent.get("action") in (SHOW, COUNTRY)
        or sent.get("shown") == str(shown.public_id)
    ):
        return ""
    if any(sent.get("shown") == str(text.public_id) for text in texts):
        return _("You chose another language. Read the agreement in it, then accept.")
    return _("This is another text than the one that you opened. Read it, then accept.")


def _details(known: Customer) -> CompanyDetails:
    return CompanyDetails(language=known.language, **{name: str(getattr(known, name)) for name in COMPANY_FIELDS})
