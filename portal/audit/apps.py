from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def install_triggers(using: str, **kwargs: Any) -> None:
    # Imported late: this module is loaded before the models are.
    from portal.audit import triggers

    triggers.install(connections[using])


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"

    def ready(self) -> None:
        # The sender is this app, so the step runs once per migrate, after all tables are in place.
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="audit.install_triggers")
