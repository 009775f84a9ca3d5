"""The live servers of the scenarios: started once, stopped when the last scenario is through."""

from collections.abc import Iterator
from typing import Any

import pytest

from portal.tests.scenarios.live import Live, serving


@pytest.fixture(scope="package")
def live(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The portal as it is."""
    with django_db_blocker.unblock(), serving(tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.fixture(scope="package")
def faulty(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The portal as no negative control may pass with: keys count for nothing, carts forget, nobody waits."""
    folder = tmp_path_factory.mktemp("faulty")
    with django_db_blocker.unblock(), serving(folder, without="keys carts turns") as server:
        yield server
