"""Form controls dressed for the layout: classes, native date inputs, choosers with search."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.urls import reverse_lazy
from django.utils.safestring import SafeString

SEARCHABLE_FROM = 12
"""Choices from which on a select gets a search box."""


class LookupInput(forms.Select):
    """A chooser that asks the server while the user types; only the chosen row is in the page."""

    def __init__(self, url_name: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-lookup": reverse_lazy(url_name), **(attrs or {})})

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Draw the chosen rows alone, however many there are to choose from."""
        chosen = [key for key in value if str(key).isdecimal()]
        options: list[Any] = [] if self.allow_multiple_selected else [("", "")]
        choices: Any = self.choices
        queryset = getattr(choices, "queryset", None)
        if chosen and queryset is not None:
            field = choices.field
            options += [(row.pk, field.label_from_instance(row)) for row in queryset.filter(pk__in=chosen)]
        return [
            (None, [self.create_option(name, key, label, str(key) in chosen, index, attrs=attrs)], index)
            for index, (key, label) in enumerate(options)
        ]


class LookupMultipleInput(LookupInput, forms.SelectMultiple):
    """A chooser of several rows that asks the server while the user types."""


class LookupField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose one of many rows by typing. `url_name` is the address of a `LookupPage`."""

    def __init__(self, queryset: Any, *, url_name: str, **options: Any) -> None:
        super().__init__(queryset, widget=LookupInput(url_name), **options)


class LookupMultipleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Choose several of many rows by typing. `url_name` is the address of a `LookupPage`."""

    def __init__(self, queryset: Any, *, url_name: str, **options: Any) -> None:
        super().__init__(queryset, widget=LookupMultipleInput(url_name), **options)


def kind_of(bound: BoundField) -> str:
    """How a field is laid out: 'check' (label behind), 'group' (fieldset), 'hidden' or 'plain'."""
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    return "plain"


def dressed(bound: BoundField, *, css: str = "") -> SafeString:
    """Render a field's control with the classes of the layout."""
    widget = bound.field.widget
    if isinstance(widget, forms.MultiWidget):
        for part in widget.widgets:
            part.attrs["class"] = _css(part)
            _make_native(part)
        return bound.as_widget()
    _make_native(widget)
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        widget.attrs.setdefault("class", "form-check-input")  # each option is drawn by itself
    attrs: dict[str, str | bool] = {
        "class": " ".join(
            filter(None, (widget.attrs.get("class", ""), _css(widget), css, "is-invalid" if bound.errors else ""))
        )
    }
    if (
        isinstance(widget, forms.Select)
        and "data-lookup" not in widget.attrs
        and len(list(widget.choices)) > SEARCHABLE_FROM
    ):
        attrs["data-choose"] = ""
    return bound.as_widget(attrs=attrs)


def _css(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"


def _make_native(widget: forms.Widget) -> None:
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    elif isinstance(widget, forms.NumberInput):
        widget.attrs.setdefault("inputmode", "decimal")
    elif isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":
        widget.attrs["rows"] = "3"  # Django's own default is 10, more than a note needs
