from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Case, CharField, IntegerField, Q, Value, When

from customers.rules import Standing
from portal.common.folding import fold
from portal.common.ids import parse_uuid

if TYPE_CHECKING:
    from customers.models import Customer, CustomerImport, OnboardingDraft, RelationshipRequest, SavedView, Tag
    from portal.partners.models import Membership

# Shorter words say too little to look for in the middle of others: they are found at the beginning of names.
SHORTEST_WORD = 3
# What begins a word in nearly every customer's text, after the dots of domains and addresses.
EVERYWHERE = ("com", "onmicrosoft.com")


def every_word(text: str, *columns: str) -> Q:
    """Each word of the text stands somewhere in one of the columns; no words, no condition.

    At most eight words of the first 200 characters count; NUL, which PostgreSQL cannot compare, is dropped.
    """
    found = Q()
    for word in text[:200].replace("\x00", " ").split()[:8]:
        found &= Q(*((f"{column}__icontains", word) for column in columns), _connector=Q.OR)
    return found


def search_words(text: str) -> list[str]:
    """The words that count of what somebody searches for: eight at most, of the first 200 characters, folded."""
    return fold(text[:200]).split()[:8]


def decide_standing(stale_before: date | None) -> Case:
    """The decision of `rules.standing` in SQL, over a customer's row and its partner's cloud."""
    return Case(
        *(When(is_standing(standing, stale_before), then=Value(standing.value)) for standing in Standing),
        default=Value(Standing.MISSING.value),
        output_field=CharField(),
    )


def is_standing(standing: Standing, stale_before: date | None) -> Q:
    """The condition of one standing, spelled so that indexes on the facts can answer it."""
    public = Q(partner__cloud="public")
    return ~public if standing == Standing.NOT_APPLICABLE else public & agreement_stands(standing, stale_before)


def agreement_stands(standing: Standing, stale_before: date | None) -> Q:
    """The same for customers in the public cloud, where every standing is possible but "not applicable"."""
    agreed = Q(attested_on__isnull=False) | Q(direct_on__isnull=False)
    never = Q(attested_on__isnull=True, direct_on__isnull=True)
    fresh, not_fresh = agreed, never
    if stale_before is not None:
        fresh = Q(attested_on__gte=stale_before) | Q(direct_on__gte=stale_before)
        not_fresh = (Q(attested_on__isnull=True) | Q(attested_on__lt=stale_before)) & (
            Q(direct_on__isnull=True) | Q(direct_on__lt=stale_before)
        )
    undisputed = Q(disputed_at__isnull=True)
    conditions = {
        Standing.COVERED: fresh,
        Standing.DISPUTED: not_fresh & ~undisputed,
        Standing.STALE: agreed & not_fresh & undisputed,
        Standing.PENDING: never & undisputed & Q(invited_at__isnull=False),
        Standing.MISSING: never & undisputed & Q(invited_at__isnull=True),
    }
    return conditions[standing]


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, membership: "Membership") -> Self:
        """A partner's own customers; for an indirect reseller, those of its providers that it resells to.

        Who was deleted in the sandbox is gone; whose relationship was removed can still be looked up.
        """
        if membership.partner.is_reseller:
            return self.filter(reseller_id=membership.partner_id, deleted_at__isnull=True)
        return self.filter(partner_id=membership.partner_id, deleted_at__isnull=True)

    def active(self) -> Self:
        """Those whose reseller relationship holds."""
        return self.filter(removed_at__isnull=True)

    def with_account(self) -> Self:
        """With what a row of the list and the head of Account info show; without what only search reads."""
        return self.select_related("tenant", "partner", "reseller").defer("search_text", "pushed_words")

    def find(self, tenant_id: UUID) -> "Customer | None":
        """The one among these that pages call by this id, ready to be shown; None where there is none."""
        return self.with_account().filter(tenant_id=tenant_id).first()

    def with_standing(self, *, stale_before: date | None) -> Self:
        """Annotate `standing` (a Standing code); the same decision as `rules.standing`, in SQL."""
        return self.annotate(standing=decide_standing(stale_before))

    def of_standing(self, standing: Standing, *, stale_before: date | None) -> Self:
        return self.filter(is_standing(standing, stale_before))

    def count_by_standing(self, *, stale_before: date | None) -> dict[str, int]:
        """How many of these there are in each standing that occurs."""
        judged = self.order_by().values(standing=decide_standing(stale_before))
        rows = judged.annotate(number=models.Count("pk"))
        return {row["standing"]: row["number"] for row in rows}

    def awaiting_acceptance(self, *, stale_before: date | None) -> Self:
        """Those that nothing may be ordered for until an acceptance is confirmed."""
        waiting = Q()
        for standing in (Standing.DISPUTED, Standing.STALE, Standing.PENDING, Standing.MISSING):
            waiting |= is_standing(standing, stale_before)
        return self.active().with_standing(stale_before=stale_before).filter(waiting)

    def search(self, text: str) -> Self:
        """Every word somewhere in company, domain, contacts, registration number, order numbers; or the
        Microsoft ID. Words of one or two letters alone are looked for at the beginning of the company's name.
        """
        first, *others = self.search_tiers(text)
        return first if not others else self.filter(_found(search_words(text)))

    def search_tiers(self, text: str) -> list[Self]:
        """What `search` finds, in parts without a common row, the best matches first: the company's name begins
        with the text; every word begins a word somewhere; the rest.

        Each part can be walked along an index in the order of names, so a page costs the same however much
        is found.
        """
        if not text.strip():
            return [self]
        parts, rest = [], self
        for match in _matches(text):
            parts.append(rest.filter(match))
            rest = rest.exclude(match)
        return parts or [self.none()]

    def best_first(self, text: str) -> Self:
        """Sorted as the parts of `search_tiers` follow each other; for a few that a search found."""
        places = (When(match, then=Value(place)) for place, match in enumerate(_matches(text)))
        return self.order_by(Case(*places, output_field=IntegerField()), "name_key", "pk")


def _matches(text: str) -> list[Q]:
    """The ways in which a customer fits the text, the best first; the last one holds wherever another does."""
    words = search_words(text)
    if not words:
        return []
    microsoft_id = parse_uuid(text.strip())
    if microsoft_id is not None:
        return [Q(tenant_id=microsoft_id)]
    name_begins = Q(name_key__startswith=" ".join(words))
    if all(len(word) < SHORTEST_WORD for word in words):
        return [name_begins]
    if all(any(common.startswith(word) for common in EVERYWHERE) for word in words):
        # To tell in whose text a blank stands before such a word, every customer would have to be read.
        return [name_begins, _found(words)]
    words_begin = Q(*(Q(search_text__contains=f" {word}") for word in words))
    return [name_begins, words_begin, _found(words)]


def _found(words: Iterable[str]) -> Q:
    """Where a long word stands somewhere, and a short one at the beginning of a word."""
    return Q(*(Q(search_text__contains=word if len(word) >= SHORTEST_WORD else f" {word}") for word in words))


class OnboardingDraftQuerySet(models.QuerySet["OnboardingDraft"]):
    def visible_to(self, membership: "Membership") -> Self:
        """Only the owner's own, under the partner they were started for."""
        return self.filter(partner_id=membership.partner_id, owner_id=membership.user_id)

    def unfinished(self) -> Self:
        return self.filter(submitted_at__isnull=True).order_by("-updated_at")


class TagQuerySet(models.QuerySet["Tag"]):
    def visible_to(self, membership: "Membership") -> Self:
        return self.filter(partner_id=membership.partner_id)

    def of_customer(self, customer: "Customer") -> Self:
        return self.filter(customer_tags__customer=customer).order_by("name_key")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, membership: "Membership") -> Self:
        """Only the owner's own."""
        return self.filter(partner_id=membership.partner_id, owner_id=membership.user_id).order_by("name")


class CustomerImportQuerySet(models.QuerySet["CustomerImport"]):
    def visible_to(self, membership: "Membership") -> Self:
        """Every import of the partner: whoever may import answers for them together."""
        return self.filter(partner_id=membership.partner_id)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")


class RelationshipRequestQuerySet(models.QuerySet["RelationshipRequest"]):
    def visible_to(self, membership: "Membership") -> Self:
        """Those of the partner, and those that a reseller asked for or would sell through."""
        partner_id = membership.partner_id
        return self.filter(Q(partner_id=partner_id) | Q(reseller_id=partner_id))
