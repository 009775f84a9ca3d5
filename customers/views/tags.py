"""Tags: those of a partner, and those of one customer."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from customers import services
from customers.list_forms import TagForm, TagsForm
from customers.models import Customer, CustomerTag, Tag
from customers.views.accounts import visible_customer
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.common.keyset import keyset_page
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

# How many known tags a form offers while somebody types.
MOST_OFFERED = 200


def visible_tag(membership: Membership, tag_id: UUID) -> Tag | None:
    return Tag.objects.visible_to(membership).filter(public_id=tag_id).first()


def known_tags(membership: Membership) -> QuerySet[Tag]:
    """What forms offer while a tag is typed."""
    return Tag.objects.visible_to(membership).order_by("name_key")[:MOST_OFFERED]


def _counted(tags: QuerySet[Tag]) -> QuerySet[Tag]:
    """With `customer_count`: on how many customers of the list each is; asked only for the rows that are shown."""
    listed = CustomerTag.objects.filter(
        tag=OuterRef("pk"), customer__removed_at__isnull=True, customer__deleted_at__isnull=True
    )
    counts = listed.order_by().values("tag").annotate(number=Count("pk")).values("number")
    return tags.annotate(customer_count=Coalesce(Subquery(counts), 0))


@requires(Permission.CUSTOMERS_EDIT)
@require_safe
def tags(request: MemberRequest) -> HttpResponse:
    """Every tag of the partner, with how many customers have it."""
    found = _counted(Tag.objects.visible_to(request.membership))
    page = keyset_page(request, found, field="name_key", public="public_id")
    return render(request, "customers/tags.html", {"page": page})


@requires(Permission.CUSTOMERS_EDIT, on=visible_tag)
@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: MemberRequest, tag: Tag) -> HttpResponse:
    """Rename a tag."""
    form = TagForm(request.POST if request.method == "POST" else None, initial={"name": tag.name})
    if form.is_valid():
        try:
            services.rename_tag(by=actor_of(request, Door.SETTINGS), tag=tag, name=form.cleaned_data["name"])
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The tag is renamed."))
            return redirect("customers:tags")
    return render(request, "customers/tags_rename.html", {"form": form, "tag": tag})


@requires(Permission.CUSTOMERS_EDIT, on=visible_tag)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_tag(request: MemberRequest, tag: Tag) -> HttpResponse:
    """Delete a tag, after a page that says on how many customers it is."""
    if request.method == "POST":
        services.delete_tag(by=actor_of(request, Door.SETTINGS), tag=tag)
        messages.success(request, _("The tag “%(name)s” is deleted.") % {"name": tag.name})
        return redirect("customers:tags")
    count = CustomerTag.objects.filter(tag=tag).count()
    said = ngettext("It is on %(count)d customer.", "It is on %(count)d customers.", count) % {"count": count}
    context = {"tag": tag, "said": said if count else _("It is on no customer.")}
    return render(request, "customers/tags_delete.html", context)


@requires(Permission.CUSTOMERS_EDIT, on=visible_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_tags(request: MemberRequest, customer: Customer) -> HttpResponse:
    """The tags of one customer."""
    names = ", ".join(tag.name for tag in Tag.objects.of_customer(customer))
    form = TagsForm(request.POST if request.method == "POST" else None, initial={"tags": names})
    if form.is_valid():
        by = actor_of(request, Door.ACCOUNT_INFO)
        try:
            services.set_tags(by=by, customer=customer, names=form.cleaned_data["tags"])
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The tags are saved."))
            return redirect("customers:account", customer.tenant_id)
    context = {"form": form, "customer": customer, "known": known_tags(request.membership)}
    return render(request, "customers/tags_edit.html", context)
