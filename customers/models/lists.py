"""How a partner orders its many customers: tags, saved views, columns, counts."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.companies import Customer
from customers.querysets import SavedViewQuerySet, TagQuerySet
from portal.common.constraints import CompositeForeignKey
from portal.partners.models import Partner


class Tag(models.Model):
    """A partner's own label for customers (facts 7.2: at most 50 characters). name_key: folded, so that a
    partner has no two tags that differ only in case or accents.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="tags")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("tag"), max_length=50)
    name_key = models.CharField(max_length=100, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "name_key"], name="tag_once_per_partner"),
            # The target of the composite key below.
            models.UniqueConstraint(fields=["id", "partner"], name="tag_id_partner"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerTag(models.Model):
    """A tag on a customer, both of the same partner."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="customer_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="customer_tags")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag", "customer"], name="customer_tag_once"),
            CompositeForeignKey(
                fields=["customer", "partner"],
                to_table="customers_customer",
                to_columns=["id", "partner_id"],
                name="customer_tag_customer_of_partner",
            ),
            CompositeForeignKey(
                fields=["tag", "partner"],
                to_table="customers_tag",
                to_columns=["id", "partner_id"],
                name="customer_tag_tag_of_partner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag} on {self.customer}"


class SavedView(models.Model):
    """A member's named way to look at the list. filters: as the list's form has them (text, standing, country,
    reseller, tag, sort), columns: codes of the columns shown.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    filters = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "partner", "name"], name="saved_view_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ListColumns(models.Model):
    """The columns that a member chose for the list, in their order."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    columns = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "partner"], name="list_columns_once"),
        ]

    def __str__(self) -> str:
        return ", ".join(self.columns)


class CustomerCounts(models.Model):
    """How many of a partner's customers there are of each kind, counted in the background once there are too
    many to count while somebody waits. counts: facet -> value -> number.
    """

    partner = models.OneToOneField(Partner, on_delete=models.CASCADE, related_name="customer_counts")
    counted_at = models.DateTimeField()
    customer_count = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.customer_count)
