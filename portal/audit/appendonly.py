"""Rows that can be added and never changed, in Python; portal.audit.triggers holds the same in the database."""

from typing import Any, NoReturn

from django.db import models


class AppendOnlyError(RuntimeError):
    """Code tried to change or remove a row that is evidence."""


class ErasableQuerySet(models.QuerySet[Any]):
    """Rows that may be removed as a whole (a person's erasure) but never edited."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are never changed; add a new one.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are never changed; add a new one.")


class AppendOnlyQuerySet(ErasableQuerySet):
    def delete(self) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are never deleted.")

    def _raw_delete(self, using: str | None) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are never deleted.")


class ErasableModel(models.Model):
    """Insert and delete only. For personal data that a chained record covers by a salted digest."""

    objects = ErasableQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} rows are never changed; add a new one.")
        super().save(*args, **{**kwargs, "force_insert": True})


class AppendOnlyModel(ErasableModel):
    """Insert only."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{type(self).__name__} rows are never deleted.")
