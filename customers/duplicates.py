"""Customers that a partner may have already, and domains that are free: reads while a new one is typed.

Three queries at most, each along an index; nothing is scanned.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers import registration, rules
from customers.models import Customer, Tenant
from customers.querysets import CustomerQuerySet
from portal.common.folding import fold
from portal.partners.models import Membership

SHOWN = 3
# Shorter beginnings of names say nothing yet; in scripts of syllables and ideographs two signs are a name.
SHORTEST_BEGINNING, SHORTEST_DENSE = 4, 2
# Sorts behind every text that begins in the same way, on both engines: name_key is compared byte by byte.
LAST = "\U0010ffff"

# Ends of names that say what kind of company it is, besides those that are no name by themselves.
KINDS_OF_COMPANY = rules.LEGAL_FORMS | frozenset(
    "ab ag as asa aps bv nv oy oyj sa sas sasu srl spa snc sc spzoo spolkazoo spj spk psa sro spolsro doo dd ad eood "
    "ead ev eg ek ug kg ohg cokg gmbhcokg se sl slu ltda eireli sapi sadecv sarldecv оао зао пао тов тоо jsc pjsc "
    "ojsc cjsc bhd tbk kk fze fzco fzllc dmcc ltdsti nyrt bt uab sia "
    "株式会社 有限公司 有限责任公司 유한회사 주식회사".split()
)


class Why(StrEnum):
    """What a known customer has in common with the one being typed, the strongest first."""

    REGISTRATION = "registration"
    DOMAIN = "domain"
    NAME = "name"
    SIMILAR_NAME = "similar_name"


WHY_LABELS: dict[Why, str | Promise] = {
    Why.REGISTRATION: _("Same registration number"),
    Why.DOMAIN: _("Same domain"),
    Why.NAME: _("Same name"),
    Why.SIMILAR_NAME: _("Similar name"),
}


@dataclass(frozen=True)
class Duplicate:
    """One of the partner's customers, removed ones included, and why it is shown."""

    customer: Customer
    why: Why

    @property
    def label(self) -> str | Promise:
        return WHY_LABELS[self.why]


def bare_name(name: str) -> str:
    """The folded name without the kind of company at its end: "Contoso Ltd." and "CONTOSO GmbH" are "contoso"."""
    words = fold(name).split()
    while len(words) > 1:
        # "sp. z o.o." and "gmbh & co. kg" are several words.
        ends = (count for count in (4, 3, 2, 1) if count < len(words) and _is_kind(words[-count:]))
        count = next(ends, 0)
        if not count:
            break
        words = words[:-count]
    return " ".join(words).rstrip(" ,.;&-(")


def _is_kind(words: Iterable[str]) -> bool:
    return "".join(ch for ch in "".join(words) if ch.isalnum()) in KINDS_OF_COMPANY


def find(
    membership: Membership, *, country: str, company_name: str, domain_prefix: str, registration_number: str
) -> list[Duplicate]:
    """Up to three of the partner's own customers that are probably this one, the likeliest first.

    Everything as typed, "" for what is not typed yet. Other partners' customers are never among them.
    """
    own = Customer.objects.visible_to(membership).select_related("tenant").defer("search_text", "pushed_words")
    found: dict[int, Duplicate] = {}
    for customer in _with_number(own, country, registration_number):
        found.setdefault(customer.pk, Duplicate(customer, Why.REGISTRATION))
    for customer in _with_domain(own, domain_prefix):
        found.setdefault(customer.pk, Duplicate(customer, Why.DOMAIN))
    name = bare_name(company_name[:200])
    for customer in _with_name(own, name):
        why = Why.NAME if bare_name(customer.company_name) == name else Why.SIMILAR_NAME
        found.setdefault(customer.pk, Duplicate(customer, why))
    order = list(Why)
    return sorted(found.values(), key=lambda each: (order.index(each.why), each.customer.name_key))[:SHOWN]


def _with_number(own: CustomerQuerySet, country: str, typed: str) -> Iterable[Customer]:
    number = typed.strip()[:60]
    if registration.kind_of(country) is None or len(number) < 3:
        return []
    # Older rows hold the number as it was typed.
    return own.filter(registration_number__in={number, registration.compact(country, number)})[:SHOWN]


def _with_domain(own: CustomerQuerySet, typed: str) -> Iterable[Customer]:
    prefix = typed.strip().lower().removesuffix(rules.DOMAIN_SUFFIX)
    if rules.why_not_a_domain_prefix(prefix) is not None:
        return []
    return own.filter(tenant__domain=prefix + rules.DOMAIN_SUFFIX)


def _with_name(own: CustomerQuerySet, name: str) -> Iterable[Customer]:
    """Those whose name begins with these words; the shortest names, the likeliest ones, sort first."""
    shortest = SHORTEST_BEGINNING if name.isascii() else SHORTEST_DENSE
    if len(name) < SHORTEST_DENSE:
        return []
    # A short name is looked for as a whole word: "!" sorts right behind the blank.
    behind = name + (LAST if len(name) >= shortest else "!")
    return own.filter(name_key__gte=name, name_key__lt=behind).order_by("name_key", "id")[:SHOWN]


def free_prefixes(prefix: str, country: str) -> list[str] | None:
    """None while the domain is free; else up to three like it that are. prefix: valid. One query."""
    stem = prefix[:24].rstrip("-")
    wanted = [f"{stem}-{country.lower()}"] if len(country) == 2 and country.isascii() and country.isalpha() else []
    wanted += [f"{stem}{number}" for number in range(1, 6)]
    possible = [each for each in wanted if each != prefix and rules.why_not_a_domain_prefix(each) is None]
    domains = {each + rules.DOMAIN_SUFFIX for each in (prefix, *possible)}
    taken = set(Tenant.objects.filter(domain__in=domains).values_list("domain", flat=True))
    if prefix + rules.DOMAIN_SUFFIX not in taken:
        return None
    return [each for each in possible if each + rules.DOMAIN_SUFFIX not in taken][:3]
