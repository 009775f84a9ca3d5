from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Case, CharField, Q, Value, When

from customers.rules import Standing

if TYPE_CHECKING:
    from customers.models import Customer, OnboardingDraft
    from portal.partners.models import Membership


def every_word(text: str, *columns: str) -> Q:
    """Each word of the text stands somewhere in one of the columns; no words, no condition.

    At most eight words of the first 200 characters count; NUL, which PostgreSQL cannot compare, is dropped.
    """
    found = Q()
    for word in text[:200].replace("\x00", " ").split()[:8]:
        found &= Q(*((f"{column}__icontains", word) for column in columns), _connector=Q.OR)
    return found


def decide_standing(stale_before: date | None) -> Case:
    """The decision of `rules.standing` in SQL, over a customer's row and its partner's cloud."""
    fresh = agreed = Q(attested_on__isnull=False) | Q(direct_on__isnull=False)
    if stale_before is not None:
        fresh = Q(attested_on__gte=stale_before) | Q(direct_on__gte=stale_before)
    return Case(
        When(~Q(partner__cloud="public"), then=Value(Standing.NOT_APPLICABLE.value)),
        When(fresh, then=Value(Standing.COVERED.value)),
        When(disputed_at__isnull=False, then=Value(Standing.DISPUTED.value)),
        When(agreed, then=Value(Standing.STALE.value)),
        When(invited_at__isnull=False, then=Value(Standing.PENDING.value)),
        default=Value(Standing.MISSING.value),
        output_field=CharField(),
    )


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, membership: "Membership") -> Self:
        """A partner's own customers; for an indirect reseller, those of its providers that it resells to."""
        if membership.partner.is_reseller:
            return self.filter(reseller_id=membership.partner_id)
        return self.filter(partner_id=membership.partner_id)

    def with_account(self) -> Self:
        """With everything that a row of the list or the head of Account info shows."""
        return self.select_related("tenant", "partner", "reseller")

    def find(self, tenant_id: UUID) -> "Customer | None":
        """The one among these that pages call by this id, ready to be shown; None where there is none."""
        return self.with_account().filter(tenant_id=tenant_id).first()

    def with_standing(self, *, stale_before: date | None) -> Self:
        """Annotate `standing` (a Standing code); the same decision as `rules.standing`, in SQL."""
        return self.annotate(standing=decide_standing(stale_before))

    def count_by_standing(self, *, stale_before: date | None) -> dict[str, int]:
        """How many of these there are in each standing that occurs."""
        judged = self.order_by().values(standing=decide_standing(stale_before))
        rows = judged.annotate(number=models.Count("pk"))
        return {row["standing"]: row["number"] for row in rows}

    def awaiting_acceptance(self, *, stale_before: date | None) -> Self:
        """Those that nothing may be ordered for until an acceptance is confirmed."""
        open_standings = [Standing.DISPUTED, Standing.STALE, Standing.PENDING, Standing.MISSING]
        return self.with_standing(stale_before=stale_before).filter(standing__in=open_standings)

    def search(self, text: str) -> Self:
        """Every word somewhere in the company name or the domain."""
        return self.filter(every_word(text, "company_name", "tenant__domain"))


class OnboardingDraftQuerySet(models.QuerySet["OnboardingDraft"]):
    def visible_to(self, membership: "Membership") -> Self:
        """Only the owner's own, under the partner they were started for."""
        return self.filter(partner_id=membership.partner_id, owner_id=membership.user_id)

    def unfinished(self) -> Self:
        return self.filter(submitted_at__isnull=True).order_by("-updated_at")
