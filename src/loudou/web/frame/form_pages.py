"""Pages with a form: create, edit, edit many, edit one cell; and what happens when two people edit one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import InvalidInput, StaleWrite
from loudou.web.frame.actions import ActionPage, BulkOutcome, Done, SelectionMixin
from loudou.web.frame.columns import Column
from loudou.web.frame.filters import flat_choices
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import Page

if TYPE_CHECKING:
    AnyForm = forms.Form | forms.ModelForm[Any]

KEEP = "_keep-"
"""Prefix of the radio buttons by which a user settles a conflict field by field."""
DASHES = "---------"
"""What Django writes where nothing is chosen; ours is one short dash everywhere."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that two people changed: what this user typed and what is stored now, as words."""

    name: str
    label: str
    mine: str
    theirs: str


class FormPage(ActionPage):
    """A form in a page, a panel or a dialog. `save()` calls the service; its refusals land beside their fields.

    For editing, define `record()`; the form then carries the record's version, and when somebody else saved in
    between, the page shows both values of every field in question and lets the user choose.
    """

    http_method_names = ["get", "post", "options"]
    template = "frame/form.html"
    form_class: ClassVar[type[AnyForm]]
    submit_label: str | Promise = _("Save")
    warn_unsaved: ClassVar[bool] = True

    def record(self) -> models.Model | None:
        """Return the record that is edited, visible to the user; None when something new is made."""
        return None

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Values that the form begins with: the record's attributes, or those in the address for a new one."""
        if record is None:
            return {name: value for name, value in self.request.GET.items() if name in self.form_class.base_fields}
        return {name: getattr(record, name, None) for name in self.form_class.base_fields}

    def form_kwargs(self) -> dict[str, Any]:
        """More arguments for the form's constructor, such as the user."""
        return {}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Call the service with `form.cleaned_data` and return what to say."""
        raise NotImplementedError

    def make_form(self, record: models.Model | None, data: QueryDict | None = None) -> AnyForm:
        """Build the form, bound when `data` is given."""
        files = self.request.FILES if data is not None else None
        form = self.form_class(data, files, initial=self.initial(record), **self.form_kwargs())
        # A dialog may open over a page or panel with fields of the same names.
        form.auto_id = f"{self.shell.removeprefix('frame/').removesuffix('.html')}_%s"
        for field in form.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == DASHES:
                field.empty_label = "–"
        return form

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        record = self.record()
        return self.show(self.make_form(record), record)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save, or show the form again with what to mend."""
        record = self.record()
        data = self._settled(request.POST, record)
        self.form = self.make_form(record, data)
        self.version = _version(data)
        if not self.form.is_valid():
            return self.show(self.form, record, version=self.version, status=422)
        try:
            return self.finish(self.act_once())
        except InvalidInput as refusal:
            place_errors(self.form, refusal)
            return self.show(self.form, record, version=self.version, status=422)
        except StaleWrite as refusal:
            return self.show_conflict(data, refusal)

    def act(self) -> Done:
        """Save the bound form."""
        return self.save(self.form, version=self.version)

    def show(
        self,
        form: AnyForm,
        record: models.Model | None,
        *,
        version: int | None = None,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        """Render the form."""
        version = version if version is not None else getattr(record, "version", None)
        return self.render(status=status, form=form, record=record, version=version, **context)

    def show_conflict(self, data: QueryDict, refusal: StaleWrite) -> HttpResponse:
        """Show both values of every field that differs; the next save is based on the row as it is now."""
        record = self.record()
        mine, theirs = self.make_form(record, data), self.make_form(record)
        conflicts = []
        for name in self.form_class.base_fields:
            if mine[name].data is None and not isinstance(mine.fields[name], forms.BooleanField):
                continue
            typed, stored = words(mine, name), words(theirs, name)
            if typed != stored:
                conflicts.append(Conflict(name, str(mine[name].label), typed, stored))
        version = getattr(record, "version", None)
        return self.show(mine, record, version=version, status=409, conflicts=conflicts, refusal=refusal)

    def _settled(self, posted: QueryDict, record: models.Model | None) -> QueryDict:
        """Put the stored value back into the fields for which the user chose it."""
        chosen = [key.removeprefix(KEEP) for key, value in posted.items() if key.startswith(KEEP) and value == "theirs"]
        if not chosen:
            return posted
        data, stored = posted.copy(), self.make_form(record)
        for name in chosen:
            if name in self.form_class.base_fields:
                value = raw(stored, name)
                data.setlist(name, value) if isinstance(value, list) else data.__setitem__(name, value)
        return data


def raw(form: AnyForm, name: str) -> Any:
    """Return the value that a browser would send for an unbound form's field: text, or a list of texts."""
    field, value = form.fields[name], form[name].value()
    prepared = field.prepare_value(value)
    if isinstance(prepared, (list, tuple, models.QuerySet)):
        return [str(getattr(item, "pk", item)) for item in prepared]
    if isinstance(prepared, models.Model):
        prepared = prepared.pk
    formatted = field.widget.format_value(prepared) if hasattr(field.widget, "format_value") else prepared
    if isinstance(formatted, list):
        return formatted
    return "" if formatted is None or formatted is False else str(formatted)


def words(form: AnyForm, name: str) -> str:
    """Return a field's value as the reader sees it: labels of choices, not their keys."""
    field: Any = form.fields[name]
    if form.is_bound and isinstance(form.data, QueryDict):
        value = [str(part) for part in form.data.getlist(name)]
    else:
        sent = raw(form, name)
        value = sent if isinstance(sent, list) else [sent]
    if isinstance(field, forms.BooleanField):
        return str(_("Yes") if value and value[-1] not in ("", "False", "0") else _("No"))
    if isinstance(field, forms.ModelChoiceField):
        keys: list[str] = [key for key in value if key]
        rows: Any = field.queryset
        labels = [field.label_from_instance(row) for row in rows.filter(pk__in=keys)] if keys else []
        return ", ".join(labels)
    if isinstance(field, forms.ChoiceField):
        known = {str(key): str(label) for key, label in flat_choices(field.choices)}
        return ", ".join(known.get(key, key) for key in value if key)
    return ", ".join(str(part).strip() for part in value)


def place_errors(form: AnyForm, refusal: InvalidInput) -> None:
    """Put a refusal's sentences beside their fields; those of fields that the form lacks go on top."""
    for name, sentences in refusal.errors.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def _version(data: QueryDict) -> int | None:
    text = data.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004


class BulkPage(SelectionMixin, FormPage):
    """A form applied to all selected rows: says before how many, and afterwards what was and what was not done.

    `apply(ids, form)` calls the service row by row (or a bulk service) and returns the outcome.
    """

    template = "frame/bulk.html"
    form_class: ClassVar[type[AnyForm]] = forms.Form
    submit_label: str | Promise = _("Apply")
    warn_unsaved = False

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Do it and return what happened to each row."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for what the act needs."""
        return self.show(self.make_form(None), None, **self._selection(self.chosen_ids()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Apply to every selected row and show the summary."""
        ids = self.chosen_ids()
        form = self.make_form(None, request.POST)
        if not ids or len(ids) > self.most or not form.is_valid():
            return self.show(form, None, status=422, **self._selection(ids))
        try:
            outcome = self.apply(ids, form)
        except InvalidInput as refusal:
            place_errors(form, refusal)
            return self.show(form, None, status=422, **self._selection(ids))
        response = self.render(template="frame/bulk_outcome.html", outcome=outcome)
        response["HX-Trigger"] = "loudou:changed"
        return response

    def _selection(self, ids: list[int]) -> dict[str, Any]:
        return {
            "ids": ",".join(map(str, ids[: self.most])),
            "count": len(ids),
            "most": self.most,
            "too_many": len(ids) > self.most,
        }


class InlineEdit(Page):
    """One cell of a list, edited in place: GET gives the field, POST saves it and gives the cell back.

    Its address takes `pk` and `column`. `form_class` has one field per editable column; `record(pk)` returns the row as
    the list's selector does; `save(record, column, value, version)` calls the service.
    """

    http_method_names = ["get", "post", "options"]
    list_page: ClassVar[type[ListPage]]
    form_class: ClassVar[type[AnyForm]]
    template = "frame/cell_form.html"

    def record(self, pk: int) -> Any:
        """Return the row, visible to the user, with everything its columns show. Raises NotVisible."""
        raise NotImplementedError

    def save(self, record: Any, *, column: str, value: Any, version: int | None) -> None:
        """Call the service that changes the field."""
        raise NotImplementedError

    def form_kwargs(self) -> dict[str, Any]:
        """More arguments for the form's constructor."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the field, or the plain cell again after Esc (`?cell=1`)."""
        record, column = self.record(kwargs["pk"]), self._column()
        if request.GET.get("cell"):
            return self.cell(record, column)
        form = self._form(record, column)
        return self.render(template=self.template, record=record, column=column, form=form, field=form[column.name])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save the field and show the cell as it is now."""
        record, column = self.record(kwargs["pk"]), self._column()
        form = self._form(record, column, request.POST)
        if form.is_valid():
            try:
                value = form.cleaned_data[column.name]
                self.save(record, column=column.name, value=value, version=_version(request.POST))
                return self.cell(self.record(kwargs["pk"]), column)
            except InvalidInput as refusal:
                place_errors(form, refusal)
        return self.render(record=record, column=column, form=form, field=form[column.name], status=422)

    def cell(self, record: Any, column: Column) -> HttpResponse:
        """Answer with the drawn cell."""
        from loudou.web.templatetags.loudou import inline_cell

        opens = self.list_page.row_url_name if column is self.list_page.columns[0] else ""
        record_url = reverse(opens, args=[record.pk]) if opens else ""
        return HttpResponse(inline_cell(column, record, self.request.path, record_url=record_url))

    def _column(self) -> Column:
        name = self.kwargs["column"]
        for column in self.list_page.columns:
            if column.name == name and column.editable and name in self.form_class.base_fields:
                return column
        raise Http404

    def _form(self, record: Any, column: Column, data: QueryDict | None = None) -> AnyForm:
        initial = {column.name: getattr(record, column.name, None)}
        form = self.form_class(data, initial=initial, **self.form_kwargs())
        form.auto_id = "cell_%s"
        for name in set(form.fields) - {column.name}:
            del form.fields[name]
        return form
