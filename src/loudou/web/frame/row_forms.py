"""A small table that is edited as a whole, in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.web.frame.pages import PageRequest


class RowsForm(forms.Form):
    """A small table that is edited as a whole: numbered fields per row, empty rows are left out.

    Subclasses make a row's fields in `row_fields`; `key` names the column without which a row counts as empty.
    """

    key = ""
    hint: str | Promise = ""
    """What one may leave out, said above the table."""
    spare = 1
    most = 100

    def __init__(
        self,
        data: QueryDict | None = None,
        files: Any = None,
        *,
        rows: Sequence[Mapping[str, Any]],
        request: PageRequest,
        initial: Any = None,
    ) -> None:
        super().__init__(data, files)
        self.request = request
        known = len(rows) if data is None else self._sent(data)
        self.count = min(known + (self.spare if data is None else 0), self.most)
        for number in range(self.count):
            for name, field in self.row_fields().items():
                self.fields[f"{name}_{number}"] = field
                if number < len(rows):
                    self.initial[f"{name}_{number}"] = rows[number].get(name)
        for name, field in self.row_fields().items():
            self.fields[f"{name}_new"] = field
            field.required = False

    def row_fields(self) -> dict[str, forms.Field]:
        """Fields of one row."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Complain about rows that are begun without their key."""
        cleaned = super().clean() or self.cleaned_data
        for number in range(self.count):
            texts = [self.data.get(f"{name}_{number}", "") for name in self.row_fields() if name != self.key]
            if not self.data.get(f"{self.key}_{number}") and any(text.strip() for text in texts):
                self.add_error(f"{self.key}_{number}", _("Choose one, or empty the row."))
        return cleaned

    def cleaned_rows(self) -> list[dict[str, Any]]:
        """The rows that were filled in, in order."""
        names = list(self.row_fields())
        found = [{name: self.cleaned_data.get(f"{name}_{number}") for name in names} for number in range(self.count)]
        return [row for row in found if row[self.key]]

    def table(self) -> list[list[forms.BoundField]]:
        """Bound fields, row by row."""
        return [[self[f"{name}_{number}"] for name in self.row_fields()] for number in range(self.count)]

    def blank(self) -> list[forms.BoundField]:
        """Bound fields of the row that the page copies for one more."""
        return [self[f"{name}_new"] for name in self.row_fields()]

    def headings(self) -> list[Any]:
        """Labels of the columns that are seen."""
        return [field.label for field in self.row_fields().values() if not field.widget.is_hidden]

    def _sent(self, data: QueryDict) -> int:
        prefix = f"{self.key}_"
        numbers = [
            int(name.removeprefix(prefix))
            for name in data
            if name.startswith(prefix) and name.removeprefix(prefix).isdecimal()
        ]
        return max(numbers, default=-1) + 1
