"""Whether the database still is what the chains say: every entry, record, person, event and file. Writes nothing."""

from agreements.proving.verdict import Verdict, verify

__all__ = ["Verdict", "verify"]
