from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


def install_triggers(using: str, **kwargs: Any) -> None:
    # Imported late: this module is loaded before the models are.
    from portal.audit import triggers

    triggers.install(connections[using])


def make_way(using: str, plan: list[Any], **kwargs: Any) -> None:
    from portal.audit import triggers

    if plan:
        triggers.make_way_for_migration(connections[using])


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"

    def ready(self) -> None:
        # Imported late, as above; it registers itself.
        from portal.audit import checks  # noqa: F401 - it registers itself

        # The sender is this app, so each step runs once per migrate: before any table changes, after all of them.
        pre_migrate.connect(make_way, sender=self, dispatch_uid="audit.make_way")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="audit.install_triggers")
