"""Fill what 0002 added from what is there: the primary contact, and the folded columns."""

from django.db import migrations

from portal.common.folding import fold, search_text


def fill(apps, schema_editor):
    Customer = apps.get_model("customers", "Customer")
    Contact = apps.get_model("customers", "Contact")
    for customer in Customer.objects.select_related("tenant").iterator(chunk_size=1000):
        people = list(Contact.objects.filter(customer=customer).order_by("-is_primary", "pk"))
        customer.primary_contact_id = people[0].public_id if people else None
        customer.name_key = fold(customer.company_name)[:200]
        words = [word for person in people for word in (person.first_name, person.last_name, person.email)]
        customer.search_text = search_text(
            customer.company_name, customer.tenant.domain, customer.registration_number, *words
        )
        customer.save(update_fields=["primary_contact", "name_key", "search_text"])


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0002_customers_in_depth'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
