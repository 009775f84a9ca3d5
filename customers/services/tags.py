"""A partner's own labels for its customers (facts 7.2). A name is one tag, whatever its case and accents."""

from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer, CustomerTag, Tag
from customers.services.editing import lock_customer, touch
from portal.audit.many import Line, record_events
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.common.folding import fold
from portal.common.text import why_not_a_name
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

LONGEST_NAME = 50
MOST_ON_A_CUSTOMER = 150
# Signs that fold into many letters (ﷺ) fill the column before the name is long.
LONGEST_KEY = 100
# How often a tag is made anew that somebody deletes at the same moment.
TRIES = 3


def tag_names(names: Iterable[str], *, field: str = "tags") -> list[str]:
    """The names as they are kept: single blanks between words, each tag once in its first spelling.

    Raises RuleViolation, at `field`, for what cannot name a tag, and for more tags than a customer can have.
    """
    kept: dict[str, str] = {}
    for name in (" ".join(typed.split()) for typed in names):
        if name:
            _check_name(name, field)
            kept.setdefault(fold(name), name)
    if len(kept) > MOST_ON_A_CUSTOMER:
        message = _("A customer can have %(most)d tags; these are %(count)d. Take some out.")
        raise RuleViolation(message % {"most": MOST_ON_A_CUSTOMER, "count": len(kept)}, field=field)
    return list(kept.values())


def _check_name(name: str, field: str) -> None:
    if len(name) > LONGEST_NAME or len(fold(name)) > LONGEST_KEY:
        message = _("Use at most %(most)d characters for a tag; “%(name)s” is longer")
        raise RuleViolation(message % {"most": LONGEST_NAME, "name": name[:LONGEST_NAME]}, field=field)
    if "," in name:
        raise RuleViolation(_("Leave out the comma: commas stand between tags"), field=field)
    reason = why_not_a_name(name)
    if reason is not None or not fold(name):
        message = _("Write every tag with at least one letter or digit and no control characters")
        raise RuleViolation(message, field=field)


@transaction.atomic
def set_tags(*, by: Actor, customer: Customer, names: Iterable[str]) -> list[Tag]:
    """Let the customer have exactly these tags; tags that the partner does not have yet are made.

    Raises NotPermitted, RelationshipEnded, RuleViolation (field "tags").
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    wanted = tag_names(names)
    customer = lock_customer(customer)
    before = {tag.pk: tag for tag in Tag.objects.of_customer(customer)}
    after = {tag.pk: tag for tag in _tags_named(customer.partner, wanted)}
    gone = [before[pk] for pk in before.keys() - after.keys()]
    new = [after[pk] for pk in after.keys() - before.keys()]
    if gone or new:
        CustomerTag.objects.filter(customer=customer, tag__in=gone).delete()
        CustomerTag.objects.bulk_create(
            [CustomerTag(partner_id=customer.partner_id, customer=customer, tag=tag) for tag in new]
        )
        touch(customer)
        line = _line(customer, gone=gone, new=new)
        record_event(
            by=by,
            code="customers.tags_changed",
            partner_id=customer.partner_id,
            customer_id=line.customer_id,
            facts=line.facts,
            changes=line.changes,
        )
    return list(after.values())


@transaction.atomic
def add_tag(*, by: Actor, partner: Partner, customers: Iterable[Customer], name: str) -> int:
    """Put a tag on each of the partner's customers that has it not yet; answers on how many.

    All or none: raises NotPermitted, and RuleViolation (field "tag") for a name that cannot be one or a customer
    that has as many tags as it can have. A customer whose relationship has ended stays as it is.
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_EDIT)
    names = tag_names([name], field="tag")
    if not names:
        raise RuleViolation(_("Enter the tag"), field="tag")
    rows = lock_customers(partner, customers)
    (tag,) = _tags_named(partner, names)
    tagged = set(CustomerTag.objects.filter(tag=tag, customer__in=rows).values_list("customer_id", flat=True))
    changed = [row for row in rows if row.pk not in tagged]
    _check_room(changed)
    CustomerTag.objects.bulk_create([CustomerTag(partner=partner, customer=row, tag=tag) for row in changed])
    _touch_all(changed)
    _record(by, partner, [_line(row, new=[tag]) for row in changed])
    return len(changed)


@transaction.atomic
def remove_tag(*, by: Actor, partner: Partner, customers: Iterable[Customer], tag: Tag) -> int:
    """Take a tag off each of the partner's customers that has it; answers off how many. Raises NotPermitted."""
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_EDIT)
    rows = lock_customers(partner, customers)
    found = CustomerTag.objects.filter(tag=tag, partner=partner, customer__in=rows)
    tagged = set(found.values_list("customer_id", flat=True))
    changed = [row for row in rows if row.pk in tagged]
    found.delete()
    _touch_all(changed)
    _record(by, partner, [_line(row, gone=[tag]) for row in changed])
    return len(changed)


@transaction.atomic
def rename_tag(*, by: Actor, tag: Tag, name: str) -> Tag:
    """Give a tag another name, on every customer that has it.

    Raises NotPermitted, NotFound when it was deleted meanwhile, RuleViolation (field "name") for a name that
    cannot be one or that another tag has.
    """
    ensure_may(by=by, partner=tag.partner, permission=Permission.CUSTOMERS_EDIT)
    names = tag_names([name], field="name")
    if not names:
        raise RuleViolation(_("Enter the tag"), field="name")
    tag = _lock_tag(tag)
    before, tag.name, tag.name_key = tag.name, names[0], fold(names[0])
    if tag.name == before:
        return tag
    try:
        with transaction.atomic():
            tag.save(update_fields=["name", "name_key"])
    except IntegrityError:
        raise RuleViolation(_("You have this tag already. Choose another name."), field="name") from None
    record_event(
        by=by,
        code="customers.tag_renamed",
        partner_id=tag.partner_id,
        subject=str(tag.public_id),
        changes={"name": (before, tag.name)},
    )
    return tag


@transaction.atomic
def delete_tag(*, by: Actor, tag: Tag) -> int:
    """Delete a tag and take it off every customer; answers off how many. The customers stay as they are.

    Raises NotPermitted, and NotFound when it was deleted meanwhile.
    """
    ensure_may(by=by, partner=tag.partner, permission=Permission.CUSTOMERS_EDIT)
    tag = _lock_tag(tag)
    count, _models = CustomerTag.objects.filter(tag=tag).delete()
    record_event(
        by=by,
        code="customers.tag_deleted",
        partner_id=tag.partner_id,
        subject=str(tag.public_id),
        facts={"customer_count": count},
        changes={"name": (tag.name, None)},
    )
    tag.delete()
    return count


def lock_customers(partner: Partner, customers: Iterable[Customer]) -> list[Customer]:
    """The partner's own among these whose relationship holds, as they are now, locked in one order for everybody."""
    rows = Customer.objects.active().filter(partner=partner, pk__in=[customer.pk for customer in customers])
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def _tags_named(partner: Partner, names: Sequence[str]) -> list[Tag]:
    """The partner's tags of these names, made where they are missing, held until the transaction ends."""
    keys = {fold(name): name for name in names}
    for _try in range(TRIES):
        known = set(Tag.objects.filter(partner=partner, name_key__in=keys).values_list("name_key", flat=True))
        # In one order: two who make the same tags wait for one another, never in a circle. Whoever comes second
        # makes nothing and finds the other's below.
        missing = [Tag(partner=partner, name=keys[key], name_key=key) for key in sorted(keys.keys() - known)]
        Tag.objects.bulk_create(missing, ignore_conflicts=True)
        held = Tag.objects.select_for_update(no_key=True).filter(partner=partner, name_key__in=keys)
        tags = list(held.order_by("name_key"))
        if len(tags) == len(keys):
            return tags
    raise RuleViolation(_("Somebody deletes this tag at this moment. Try again."), field="tags")


def _lock_tag(tag: Tag) -> Tag:
    found = Tag.objects.select_for_update().filter(pk=tag.pk).first()
    if found is None:
        raise NotFound(_("There is no such tag."))
    return found


def _check_room(customers: Sequence[Customer]) -> None:
    """Raise RuleViolation when one of these customers cannot have one more tag."""
    counted = CustomerTag.objects.filter(customer__in=customers).values("customer_id").annotate(number=Count("pk"))
    full = counted.filter(number__gte=MOST_ON_A_CUSTOMER).order_by("customer_id").first()
    if full is not None:
        name = next(row.company_name for row in customers if row.pk == full["customer_id"])
        message = _("%(name)s has %(most)d tags already, as many as it can have. Remove one there first.")
        raise RuleViolation(message % {"name": name, "most": MOST_ON_A_CUSTOMER}, field="tag")


def _touch_all(customers: Sequence[Customer]) -> None:
    Customer.objects.filter(pk__in=[row.pk for row in customers]).update(updated_at=timezone.now())


def _line(customer: Customer, *, gone: Sequence[Tag] = (), new: Sequence[Tag] = ()) -> Line:
    """changes: the names of the tags taken off, and of those put on."""
    return Line(
        customer_id=customer.tenant_id,
        facts={"added_count": len(new), "removed_count": len(gone)},
        changes={"tags": (sorted(tag.name for tag in gone), sorted(tag.name for tag in new))},
    )


def _record(by: Actor, partner: Partner, lines: Sequence[Line]) -> None:
    record_events(by=by, code="customers.tags_changed", partner_id=partner.pk, lines=lines)
