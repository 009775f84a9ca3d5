"""Public ids as they come back from browsers."""

from uuid import UUID


def parse_uuid(text: str) -> UUID | None:
    """None for what is no UUID, as somebody may have typed or cut it."""
    try:
        return UUID(text)
    except ValueError:
        return None
