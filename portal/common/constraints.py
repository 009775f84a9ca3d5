"""A foreign key over several columns, as a model constraint, on SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, Model


class CompositeForeignKey(BaseConstraint):
    """`fields` of this table must name an existing row of `to_table` by `to_columns`; a null field lifts it.

    The target is named by table and column, not by model, so that SQLite's remaking of a table finds it. On
    PostgreSQL the target's UNIQUE constraint must be made by an earlier migration.
    """

    def __init__(self, *, fields: Sequence[str], to_table: str, to_columns: Sequence[str], name: str) -> None:
        super().__init__(name=name)
        self.fields, self.to_table, self.to_columns = tuple(fields), to_table, tuple(to_columns)

    def constraint_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        quote = schema_editor.quote_name
        # A concrete field always has a column; the stubs allow for fields without.
        columns = ", ".join(quote(str(model._meta.get_field(field).column)) for field in self.fields)  # type: ignore[union-attr]  # a concrete field
        target = ", ".join(quote(column) for column in self.to_columns)
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({columns}) REFERENCES {quote(self.to_table)} "
            f"({target}) DEFERRABLE INITIALLY DEFERRED"
        )

    def create_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} DROP CONSTRAINT {schema_editor.quote_name(self.name)}"

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database is the judge: it sees rows that other transactions add."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return (
            path,
            args,
            {**kwargs, "fields": self.fields, "to_table": self.to_table, "to_columns": self.to_columns},
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompositeForeignKey):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__
