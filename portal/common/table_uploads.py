"""A form's field for a sheet that people upload: whether it is one is seen from its content, not from its name."""

import unicodedata
from itertools import islice
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.common.tables import MAX_ROWS, Table, TableRefused, open_table
from portal.common.uploads import MAX_UPLOAD

# So many rows are read with the header, for people to recognise the columns by.
SAMPLES = 5


class TableUpload(forms.Form):
    """Declares a field `file` beside; once that is clean, `header` and `first_rows` say how the sheet begins.

    is_too_large: the file was dropped while it came in. too_large, no_rows: what to say then, and of a bare header.
    """

    max_rows: ClassVar[int] = MAX_ROWS
    too_large: ClassVar[str | Promise]
    no_rows: ClassVar[str | Promise]

    def __init__(self, *args: Any, is_too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,.xlsx"
        if is_too_large:
            self.fields["file"].error_messages["required"] = self.too_large

    def clean_file(self) -> UploadedFile:
        """The file, or why it cannot be used."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_UPLOAD:
            raise forms.ValidationError(str(self.too_large))
        try:
            table = open_table(file, file.name or "", max_rows=self.max_rows)
            self.check_table(table)
            self.header, self.first_rows = table.header, list(islice(table.rows(), SAMPLES))
        except TableRefused as refused:
            raise forms.ValidationError(str(refused.message)) from refused
        if not self.first_rows:
            raise forms.ValidationError(str(self.no_rows))
        return file

    def check_table(self, table: Table) -> None:
        """Whatever else has to hold of the header. Raises TableRefused."""


def shown_name(file: UploadedFile) -> str:
    """The file's name for people to recognise it by; nothing is ever stored or served under it."""
    kept = "".join(ch for ch in file.name or "" if unicodedata.category(ch)[0] != "C")
    return kept.strip()[:200] or _("Sheet")
