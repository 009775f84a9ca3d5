from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client


def test_alive_asks_no_database(client: Client, db: None, django_assert_num_queries: Callable[..., object]) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


def test_ready_when_everything_is_there(client: Client, db: None) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_not_ready_with_a_migration_missing(client: Client) -> None:
    MigrationRecorder(connection).migration_qs.filter(app="orders").delete()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["reason"]) == (503, "migrations_missing")


@pytest.mark.django_db
def test_not_ready_without_a_database_yet_alive(client: Client) -> None:
    with patch("portal.dashboard.views.health.MigrationExecutor", side_effect=DatabaseError("no route to host db7")):
        response = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "reason": "database_unreachable"}


@pytest.mark.django_db
def test_not_ready_without_the_table_that_throttles_rely_on(client: Client) -> None:
    with patch("portal.dashboard.views.health.cache.get", side_effect=DatabaseError("no such table")):
        response = client.get("/readyz")
    assert (response.status_code, response.json()["reason"]) == (503, "cache_table_missing")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_they_are_only_looked_at(path: str, client: Client, db: None) -> None:
    assert client.post(path).status_code == 405
