"""Telling the demo's story as of earlier days, so that lists and charts look as after a year of work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, tzinfo

from django.utils import timezone

# What the records of acceptances speak of has happened by then.
EARLIEST = date(2025, 10, 8)


def days_since_the_story_began() -> int:
    """A year and a month, less where that would be before its first day could be told."""
    return min(395, (datetime.now(UTC).date() - EARLIEST).days)


@contextmanager
def told(days_ago: float) -> Iterator[None]:
    """Inside, Django's clock shows that many days less. For one thread that loads an empty database, nothing else."""
    real = timezone.datetime  # type: ignore[attr-defined]  # the name that timezone.now() reads

    class Earlier(real):  # type: ignore[misc,valid-type]  # as above
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) - timedelta(days=days_ago)

    timezone.datetime = Earlier  # type: ignore[attr-defined]  # as above
    try:
        yield
    finally:
        timezone.datetime = real  # type: ignore[attr-defined]  # as above
