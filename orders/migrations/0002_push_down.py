"""Let customers be found by the numbers of the orders that are there, and count their subscriptions."""

from django.db import migrations
from django.db.models import Count

from portal.common.folding import fold, search_text


def push(apps, schema_editor):
    Customer = apps.get_model("customers", "Customer")
    Order = apps.get_model("orders", "Order")
    with_orders = Customer.objects.filter(pk__in=Order.objects.values("customer_id"))
    for customer in with_orders.annotate(number=Count("subscriptions")).iterator(chunk_size=1000):
        numbers = Order.objects.filter(customer=customer).order_by("-placed_at").values_list("number", flat=True)
        customer.pushed_words = " ".join(fold(number) for number in numbers[:700])
        customer.search_text = search_text(customer.search_text, customer.pushed_words)
        customer.subscription_count = customer.number
        customer.save(update_fields=["pushed_words", "search_text", "subscription_count"])


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0004_primary_contact_held'),
        ('orders', '0001_initial'),
    ]

    operations = [migrations.RunPython(push, migrations.RunPython.noop, elidable=True)]
