"""Tags and filters of every template: icons, figures, fields, badges, the filter bar."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from babel.dates import get_day_names
from django import forms, template
from django.forms import BoundField
from django.http import QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from loudou import __version__
from loudou.core import clock
from loudou.core.phrases import labelled
from loudou.web.frame import formats, surroundings
from loudou.web.frame.columns import Column, Pen
from loudou.web.frame.fields import dressed, kind_of
from loudou.web.frame.filter_bar import MORE, FilterBar, Menu, chips
from loudou.web.frame.lists import ListPage, view_address
from loudou.web.frame.ready_views import tabs as ready_tabs

register = template.Library()

register.filter("number", formats.number)
register.filter("percent", formats.percent)
register.filter("rate", formats.rate)
register.filter("day", formats.date)
register.filter("moment", formats.moment)
register.filter("days", formats.days)
register.filter("yes_no", formats.yes_no)
register.filter("labelled", labelled)


@register.filter
def money(amount: Any, currency: str) -> str:
    """Write an amount in its currency, as the reader likes it."""
    return "" if amount in (None, "") else formats.money(amount, currency)


@register.filter
def whole_money(amount: Any, currency: str) -> str:
    """Write an amount without decimals: for sums that are compared, not paid."""
    return "" if amount in (None, "") else formats.money(amount, currency, whole=True)


@register.filter
def relative_day(day: dt.date | None) -> str:
    """How far a day lies from today, in words."""
    return formats.relative_days(day, today=clock.today())


@register.simple_tag
def today_in_words(day: dt.date) -> str:
    """A day with its weekday."""
    weekday = get_day_names("wide", "format", formats.locale())[day.weekday()]
    return f"{formats.date(day)} {weekday}" if formats.locale().language == "zh" else f"{weekday}, {formats.date(day)}"


@functools.lru_cache(maxsize=1024)
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """Draw an icon of the sprite; decorative unless `label` says what it means."""
    css = f"icon icon-{size}" if size else "icon"
    spoken = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    address = f"{static('vendor/icons.svg')}#tabler-{name}"
    return format_html('<svg class="{}" width="24" height="24"{}><use href="{}"></use></svg>', css, spoken, address)


register.simple_tag(icon)


@register.simple_tag
def once() -> SafeString:
    """Hidden field that makes the second click on a button harmless."""
    return format_html('<input type="hidden" name="_once" value="{}">', uuid.uuid4().hex)


@register.simple_tag
def version() -> str:
    """Version of Loudou."""
    return __version__


@register.simple_tag
def url_or_nothing(name: str, *args: Any) -> str:
    """Address of a URL name, '' when this installation does not have it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


BADGE_ICONS = {"green": "check", "red": "x", "orange": "alert-triangle", "yellow": "alert-triangle"}


@register.simple_tag
def badge(label: Any, colour: str = "secondary", icon: str = "") -> SafeString:
    """A state as a badge: words always, an icon where the colour means something, never colour alone."""
    drawn = draw_icon(icon or BADGE_ICONS.get(colour, "")) if icon or colour in BADGE_ICONS else ""
    return format_html('<span class="badge bg-{}-lt">{}{}</span>', colour, drawn, label)


def draw_icon(name: str) -> SafeString:
    """`icon` under a name that arguments do not hide."""
    return icon(name)


_AVATAR_COLOURS = ("blue", "azure", "indigo", "purple", "pink", "orange", "teal", "green", "cyan")


@register.simple_tag
def avatar(person: Any, size: str = "sm") -> SafeString:
    """Initials of a person in a circle, with the name for readers of screens and as a tooltip."""
    name = str(person or "")
    words = name.split()
    is_latin = bool(words) and name[0].isascii()
    initials = (
        "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)) if is_latin else name[-2:]
    )
    colour = _AVATAR_COLOURS[(getattr(person, "pk", None) or len(name)) % len(_AVATAR_COLOURS)]
    return format_html(
        '<span class="avatar avatar-{} rounded-circle bg-{}-lt" title="{}" role="img" aria-label="{}">{}</span>',
        size, colour, name, name, initials.upper(),
    )  # fmt: skip


@register.simple_tag
def figure(  # noqa: PLR0917 - a tag's arguments
    value: Any, url: str = "", formula: str = "", as_of: Any = None, sample: int | None = None, label: str = ""
) -> SafeString:
    """A number that opens exactly the rows behind it; formula, as-of time and sample size on hover and focus."""
    facts = [str(formula)] if formula else []
    if sample is not None:
        facts.append(_("From %(count)s rows.") % {"count": formats.number(sample)})
    if as_of is not None:
        facts.append(_("As of %(time)s.") % {"time": formats.moment(as_of)})
    tip = " ".join(facts)
    spoken = format_html(' aria-label="{}"', f"{labelled(label, value)}. {tip}".strip()) if label else ""
    if not url:
        return format_html('<span class="figure-value" title="{}"{}>{}</span>', tip, spoken, value)
    return format_html('<a class="figure-value" href="{}" title="{}"{}>{}</a>', url, tip, spoken, value)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The present address's query string with some parameters changed; None removes one."""
    kept: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        kept.pop(name, None)
        if value not in (None, ""):
            kept[name] = str(value)
    return f"?{kept.urlencode()}"


# Frame


register.simple_tag(surroundings.draw_head, name="page_head")
register.simple_tag(surroundings.draw_tail, name="page_tail")


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> SafeString:
    """The navigation of the signed-in user."""
    request = context["request"]
    section = getattr(context.get("page"), "section", "")
    return surroundings.draw_navigation(request.user.permissions, request.path, section)


@register.simple_tag(takes_context=True)
def new_menu(context: Context) -> SafeString:
    """The "+ New" menu of the signed-in user."""
    return surroundings.draw_new_menu(context["request"].user.permissions)


@register.simple_tag(takes_context=True)
def bell(context: Context) -> SafeString:
    """What tells the signed-in user that something happened."""
    may_read = context["request"].user.has_permission("people.own")
    return surroundings.draw_bell() if may_read else mark_safe("")


@register.simple_tag(takes_context=True)
def user_menu(context: Context) -> SafeString:
    """The menu of the signed-in user: profile, language, theme, help, leaving."""
    request = context["request"]
    person = request.user
    return surroundings.draw_user_menu(person.pk, str(person), person.title, request.theme)


@register.inclusion_tag("frame/_empty.html")
def empty(  # noqa: PLR0917 - a tag's arguments
    title: str, text: str = "", icon: str = "inbox", url: str = "", label: str = "", is_dialog: bool = False
) -> dict[str, Any]:
    """An empty state that teaches: what belongs here, and the one button to begin."""
    return {"title": title, "text": text, "icon": icon, "url": url, "label": label, "is_dialog": is_dialog}


# Forms


@register.inclusion_tag("frame/_field.html")
def field(bound: BoundField, label: str = "") -> dict[str, Any]:
    """A form field with label, help and errors tied to it."""
    return {"field": bound, "widget": dressed(bound), "kind": kind_of(bound), "label": label or bound.label}


@register.simple_tag
def widget(bound: BoundField, css: str = "") -> SafeString:
    """A field's control alone, dressed for the layout; the label is the caller's."""
    return dressed(bound, css=css)


@register.inclusion_tag("frame/_fields.html")
def fields(form: forms.Form) -> dict[str, Any]:
    """All visible fields of a form, one below the other."""
    return {"form": form}


# Lists


@register.simple_tag(takes_context=True)
def filter_bar(context: Context, page: ListPage) -> SafeString:
    """The compact bar of search box and filters of a list; nothing for a list without filters."""
    if page.filterset is None:
        return SafeString()
    bar = FilterBar(page, page.filterset)
    return render_to_string("frame/_filter_bar.html", {"list": page, "bar": bar}, context["request"])


@register.simple_tag
def filter_menus(bar: FilterBar) -> SafeString:
    """The menus of the bar."""
    return mark_safe("".join(_filter_menu(menu) for menu in bar.menus()))  # noqa: S308 - each part is escaped


def _filter_menu(menu: Menu) -> str:
    """One menu; how many values it is set to is marked when it is opened and changed."""
    label, is_more = escape(menu.label), menu.key == MORE
    css = "btn btn-sm is-set" if menu.given else "btn btn-sm"
    count = f' <span class="filter-count">{len(menu.given)}</span>' if menu.given else ""
    mark = icon("adjustments-horizontal") + label if is_more else label + icon("chevron-down", "", "sm")
    content = render_to_string("frame/_waiting_filters.html", {"menu": menu}) if menu.waits else menu.drawn()
    return (
        f'<details class="menu filter"{" open" if menu.is_open else ""}>'
        f'<summary class="{css}" data-filter-label="{label}">{mark}{count}</summary>'
        f'<div class="menu-body card{" menu-wide" if is_more else ""}">{content}</div></details>'
    )


@register.inclusion_tag("frame/_chips.html")
def filter_chips(page: ListPage) -> dict[str, Any]:
    """Filters that are set, each with a link that takes it away."""
    return {"list": page, "chips": chips(page)}


@register.inclusion_tag("frame/_saved_views.html", takes_context=True)
def saved_views(context: Context, page: ListPage) -> dict[str, Any]:
    """Ready and pinned views as tabs, and the menu of all saved views."""
    return {"list": page, "ready": ready_tabs(page), "request": context["request"], "user": context["request"].user}


register.simple_tag(view_address)


@register.simple_tag
def list_address(shown: ListPage, **changes: Any) -> str:
    """The list's address with some parameters changed (`page` among them); None removes one."""
    return shown.address(**changes)


@register.inclusion_tag("frame/_pagination.html")
def pagination(page: ListPage) -> dict[str, Any]:
    """Page numbers of a list."""
    return {"list": page, "rows_page": page.rows_page}


@register.simple_tag
def column_choices(page: ListPage) -> SafeString:
    """A tick for each column; the first one is always shown."""
    shown = {column.name for column in page.shown_columns}
    drawn = [
        f'<label class="form-check"><input type="checkbox" class="form-check-input" value="{column.name}"'
        f"{' checked' if column.name in shown else ''}{'' if place else ' disabled'}>"
        f'<span class="form-check-label">{escape(str(column.label))}</span></label>'
        for place, column in enumerate(page.columns)
    ]
    return mark_safe("".join(drawn))  # noqa: S308 - each part is escaped


@register.simple_tag
def column_heading(page: ListPage, column: Column) -> SafeString:
    """A column's heading, a link that sorts when the column can."""
    css, label = _cell_css(column), escape(str(column.label))
    if not column.sort_fields:
        return mark_safe(f'<th scope="col" class="{css}">{label}</th>')  # noqa: S308 - the label is escaped
    name, descending = page.sorting
    is_current = name == column.name
    target = column.name if not is_current or descending else f"-{column.name}"
    direction = ("descending" if descending else "ascending") if is_current else "none"
    mark = icon("chevron-down" if descending else "chevron-up", size="sm") if is_current else ""
    address = escape(page.address(sort=target, page=None))
    return mark_safe(  # noqa: S308 - address and label are escaped
        f'<th scope="col" class="{css}" aria-sort="{direction}"><a class="sort" href="{address}" hx-get="{address}"'
        f' hx-target="#list" hx-push-url="true">{label}{mark}</a></th>'
    )


@register.simple_tag
def table_rows(page: ListPage) -> SafeString:
    """The rows of a list, drawn in Python: a page of 200 rows costs little."""
    artist = _RowArtist(page)
    first = page.rows_page.first
    drawn = (artist.row(row, first + offset) for offset, row in enumerate(page.rows_page.rows))
    return mark_safe("\n".join(drawn))  # noqa: S308 - each part is escaped


class _RowArtist:
    """Draws rows of one page: words, classes and the fixed parts of addresses are prepared once for all rows."""

    def __init__(self, page: ListPage) -> None:
        self.query = f"?from={quote(page.address(), safe='')}&amp;at="
        self.record = _address_parts(page.row_address)
        self.selects = _("Select %(name)s") if page.usable_bulk_actions else ""
        self.cells = [self._cell(page, index, column) for index, column in enumerate(page.shown_columns)]

    def row(self, row: Any, place: int) -> str:
        """Draw one row; `place` is its number in the whole list."""
        pk = str(row.pk)
        start = ""
        if self.selects:
            name = escape(self.selects % {"name": str(row)})
            start = (
                f'<td class="w-1"><input type="checkbox" class="form-check-input" name="ids" value="{pk}"'
                f' aria-label="{name}" data-select></td>'
            )
        cells = "".join([f"{opening(pk, place)}{draw(row)}{end}" for draw, opening, end in self.cells])
        return f'<tr data-row="{pk}">{start}{cells}</tr>'

    def _cell(self, page: ListPage, index: int, column: Column) -> tuple[Pen, Callable[[str, int], str], str]:
        css, draw = _cell_css(column), column.pen()
        opening = self._opening(page, column, css)
        if index == 0 and self.record is not None:
            before, after = self.record
            query = self.query
            return (
                draw,
                lambda pk, place: (
                    f'{opening(pk)}<a href="{before}{pk}{after}{query}{place}" class="row-link" data-panel>'
                ),
                "</a></td>",
            )
        return draw, lambda pk, place: opening(pk), "</td>"

    @staticmethod
    def _opening(page: ListPage, column: Column, css: str) -> Callable[[str], str]:
        """How the column's cells begin: those that are edited in place know the address of their form."""
        if not (column.editable and page.may_edit_inline):
            return lambda pk: f'<td class="{css}">'
        before, after = _address_parts(lambda pk: reverse(page.inline_url_name, args=[pk, column.name])) or ("", "")
        hint = escape(_("Edit %(field)s") % {"field": column.label})
        return lambda pk: f'<td class="{css} editable" data-cell="{before}{pk}{after}" tabindex="0" title="{hint}">'


def _address_parts(address_of: Callable[[int], str]) -> tuple[str, str] | None:
    """Split an address into what stands before and after the id; None when there is no address."""
    marker = 987654321
    address = address_of(marker)
    if not address:
        return None
    before, _found, after = address.partition(str(marker))
    return escape(before), escape(after)


def inline_cell(column: Column, row: Any, address: str, *, record_url: str = "") -> SafeString:
    """A table cell that a click, Enter or F2 turns into its form; `record_url` for the one that opens the record."""
    hint = _("Edit %(field)s") % {"field": column.label}
    content = column.cell(row)
    if record_url:
        content = format_html('<a href="{}" class="row-link" data-panel>{}</a>', record_url, content)
    return format_html(
        '<td class="{} editable" data-cell="{}" tabindex="0" title="{}">{}</td>',
        _cell_css(column),
        address,
        hint,
        content,
    )


def _cell_css(column: Column) -> str:
    css = f"col-{column.name}"
    if column.is_numeric:
        css += " text-end numeric"
    if column.hide_below:
        css += f" d-none d-{column.hide_below}-table-cell"
    return css


@register.simple_tag
def total_cells(page: ListPage, totals: Mapping[str, Any]) -> SafeString:
    """Cells of the last row: totals under their columns."""
    cells = []
    for index, column in enumerate(page.shown_columns):
        value = totals.get(column.name, "")
        text = _("Total") if index == 0 and value == "" else value
        cells.append(format_html('<td class="{}">{}</td>', _cell_css(column), conditional_escape(text)))
    return mark_safe("".join(cells))  # noqa: S308 - each cell is escaped
