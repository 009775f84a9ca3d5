"""Checkpoints of the demo's last days, each taken just after midnight as the clock takes them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from agreements.services import look_after_checkpoints
from portal.dashboard.demo.told import told

# How many days ago the portal began to take them.
FIRST = 6


def load_checkpoints(days_ago: Iterable[int]) -> None:
    for days in days_ago:
        now = datetime.now(UTC)
        since_midnight = now - now.replace(hour=0, minute=0, second=0, microsecond=0)
        with told(days + since_midnight / timedelta(days=1)):
            look_after_checkpoints()
