"""What staff look at: pages of the staff administration that show people leave a line in the activity log."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse

from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind, Door

# Where a row leads to the customer that it is about; followed until there is one.
WAYS = ("customer", "attestation", "invitation", "event", "order", "subscription", "cart", "membership")
WAYS += ("consent", "client")
DEEPEST = 3


class PersonalDataAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # a piece of the admin of any model
    """For models that hold personal data: opening a row, the list or a search in it is logged.

    The log of a partner says it where the row is about that partner or one of its customers. What was searched for
    is not kept: it may be the very thing that should be erased.
    """

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if request.method == "GET" and response.status_code == 200:
            record_event(
                by=_viewer(request),
                code="audit.personal_data_viewed",
                partner_id=None,
                facts={**self._what(), "is_list": True, "is_search": bool(request.GET.get("q"))},
            )
        return response

    def changeform_view(self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().changeform_view(request, object_id, *args, **kwargs)
        if request.method == "GET" and object_id is not None and response.status_code == 200:
            shown = self.get_object(request, object_id)
            if shown is not None:
                partner_id, customer_id = concerned(shown)
                record_event(
                    by=_viewer(request),
                    code="audit.personal_data_viewed",
                    partner_id=partner_id,
                    customer_id=customer_id,
                    subject=public_name(shown),
                    facts=self._what(),
                )
        return response

    def _what(self) -> dict[str, object]:
        options = self.model._meta
        return {"model": options.label, "what": str(options.verbose_name)}


def concerned(row: models.Model) -> tuple[int | None, uuid.UUID | None]:
    """The partner and the company that a row is about, as far as it says so: (partner's key, tenant id)."""
    partner_id, customer_id = None, None
    for each in _on_the_way(row, DEEPEST):
        partner_id = partner_id or _own_key(each, "partner_id", int)
        customer_id = customer_id or _own_key(each, "tenant_id", uuid.UUID)
        # The log itself names the company by its public id, in a column that other rows use for their customer's key.
        customer_id = customer_id or _own_key(each, "customer_id", uuid.UUID)
    return partner_id, customer_id


def public_name(row: models.Model) -> str:
    """What the log calls a row: its public id, else model and key."""
    for name in ("public_id", "reference", "event_id", "number"):
        value = getattr(row, name, None)
        if isinstance(value, uuid.UUID | str) and value:
            return str(value)
    return f"{row._meta.model_name}:{row.pk}"


def _on_the_way(row: models.Model, depth: int) -> Iterator[models.Model]:
    yield row
    for name in WAYS if depth else ():
        further = getattr(row, name, None)
        if isinstance(further, models.Model):
            yield from _on_the_way(further, depth - 1)


def _own_key(row: models.Model, name: str, kind: type) -> Any:
    value = getattr(row, name, None)
    return value if isinstance(value, kind) else None


def _viewer(request: HttpRequest) -> Actor:
    user: Any = request.user
    return Actor(
        kind=ActorKind.STAFF,
        name=user.name,
        user_id=user.pk,
        door=Door.ADMIN_SITE,
        request_id=getattr(request, "request_id", ""),
    )
