"""The bad rows of a price list, as a sheet to correct and import again."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from orders.models import PriceList
from orders.price_lists.columns import Column


def bad_rows_table(price_list: PriceList) -> tuple[list[str], Iterator[list[str]]]:
    """Header and rows: the line, the list's columns as they were, and what to correct. Read a chunk at a time."""
    rows = price_list.rows.filter(is_good=False).order_by("number").iterator(chunk_size=500)
    told = (
        [
            str(row.number),
            *(row.cells.get(column, "") for column in Column),
            " ".join(f"{column}: {message}" if column else message for column, message in row.problems),
        ]
        for row in rows
    )
    return [_("Line"), *Column, _("Problem")], told
