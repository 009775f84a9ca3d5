from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def install_search_index(using: str, **kwargs: Any) -> None:
    # Imported late: this module is loaded before the models are.
    from customers import search_index

    search_index.install(connections[using])


class CustomersConfig(AppConfig):
    name = "customers"

    def ready(self) -> None:
        post_migrate.connect(install_search_index, sender=self, dispatch_uid="customers.install_search_index")
