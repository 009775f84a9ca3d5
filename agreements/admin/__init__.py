"""Staff keep the agreement's texts here, through the services. Records are to be looked at, never touched."""

from agreements.admin import asked, evidence, records, texts

__all__ = ["asked", "evidence", "records", "texts"]
