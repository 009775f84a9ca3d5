"""Facts that higher rooms push down, in the transaction of their cause, so that lists need no joins."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from customers.models import Contact, Customer
from portal.common.folding import fold, search_text

# How much of the words that other rooms push is kept to search through: the newest 700 order numbers or so.
PUSHED_LENGTH = 8000


def keep_agreement_facts(
    *,
    tenant_id: uuid.UUID,
    partner_id: int,
    attested_on: date | None,
    direct_on: date | None,
    disputed_at: datetime | None,
) -> bool:
    """What `agreements` knows of this partner's customer; see Customer for the meaning of each fact.

    Answers whether anything was different before.
    """
    facts = {"attested_on": attested_on, "direct_on": direct_on, "disputed_at": disputed_at}
    rows = Customer.objects.filter(tenant_id=tenant_id, partner_id=partner_id)
    if rows.values(*facts).first() == facts:
        return False
    return rows.update(**facts) > 0


def keep_invitation(*, customer: Customer, invited_at: datetime | None) -> None:
    """When the customer was invited to accept by itself; None when there is no open invitation."""
    Customer.objects.filter(pk=customer.pk).update(invited_at=invited_at)
    customer.invited_at = invited_at


def keep_subscription_count(*, customer: Customer, count: int) -> None:
    """How many subscriptions `orders` knows of. The caller holds the tenant's lock."""
    Customer.objects.filter(pk=customer.pk).update(subscription_count=count)


def push_words(
    *,
    customer: Customer,
    words: Iterable[str],
    subscription_count: int | None = None,
    bought_at: datetime | None = None,
) -> None:
    """Let a customer be found by words of a higher room (order numbers), the newest first.

    Beyond PUSHED_LENGTH characters the oldest words drop out. customer: the row as it is now, locked by the caller.
    subscription_count and bought_at (of an order; the first one counts): to be kept in the same statement.
    """
    known = [*(fold(word) for word in words), *customer.pushed_words.split()]
    kept = " ".join(dict.fromkeys(word for word in known if word))[:PUSHED_LENGTH]
    customer.pushed_words = kept if len(kept) < PUSHED_LENGTH else kept.rpartition(" ")[0]
    if subscription_count is not None:
        customer.subscription_count = subscription_count
    customer.bought_at = customer.bought_at or bought_at
    refresh_search(customer, also=("pushed_words", "subscription_count", "bought_at"))


def refresh_search(customer: Customer, *, also: Iterable[str] = ()) -> None:
    """Keep what search looks through in step with the row, its contacts and its pushed words.

    also: further fields of the row that are written in the same statement.
    """
    people = Contact.objects.filter(customer=customer).order_by("pk")
    folded = searched(customer, people.values_list("first_name", "last_name", "email"), domain=customer.tenant.domain)
    Customer.objects.filter(pk=customer.pk).update(**folded, **{field: getattr(customer, field) for field in also})
    for field, value in folded.items():
        setattr(customer, field, value)


def searched(customer: Customer, people: Iterable[Iterable[str]], *, domain: str) -> dict[str, str]:
    """The folded columns of a customer's row. people: (first name, last name, e-mail address) of each contact."""
    words = [customer.company_name, domain, customer.registration_number, *(w for each in people for w in each)]
    return {
        "search_text": search_text(*words, customer.pushed_words),
        "name_key": fold(customer.company_name)[:200],
    }
