"""The models and the migrations say the same."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.test.utils import isolate_apps

pytestmark = pytest.mark.django_db


def test_no_migration_is_missing() -> None:
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out, stderr=out)
    except SystemExit:
        pytest.fail(f"Run `manage.py makemigrations` and look at what it wrote:\n{out.getvalue()}")


def test_the_guard_complains(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("customers"):

        class Forgotten(models.Model):
            class Meta:
                app_label = "customers"

            def __str__(self) -> str:
                return "forgotten"

    config = apps.get_app_config("customers")
    monkeypatch.setitem(config.models, "forgotten", Forgotten)
    apps.clear_cache()
    try:
        with pytest.raises(SystemExit):
            call_command("makemigrations", check=True, dry_run=True, stdout=StringIO(), stderr=StringIO())
    finally:
        monkeypatch.undo()
        apps.clear_cache()
