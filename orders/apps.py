from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def install_search_index(using: str, **kwargs: Any) -> None:
    # Imported late, as every module of the room is.
    from orders import search_index

    search_index.install(connections[using])


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        post_migrate.connect(install_search_index, sender=self, dispatch_uid="orders.install_search_index")
