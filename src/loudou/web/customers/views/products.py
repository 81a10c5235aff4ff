"""Products and product lines."""

from __future__ import annotations

from dataclasses import fields as draft_fields
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from loudou.catalog import selectors, services
from loudou.catalog.models import Product, ProductLine
from loudou.catalog.services import ProductDraft
from loudou.core import clock
from loudou.web.customers.filters import ProductFilter
from loudou.web.customers.forms import LineForm, ProductForm
from loudou.web.frame.actions import Done
from loudou.web.frame.columns import Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import RecordPage


class ProductList(ListPage):
    """Products in columns."""

    permission = "catalog.view"
    template = "customers/product_list.html"
    title = _("Products")
    filterset = ProductFilter
    columns = (
        Column(name="name", label=_("Product"), sort="name"),
        Column(name="code", label=_("Product code"), sort="code", hide_below="sm"),
        Column(name="line", label=_("Product line"), value="line.name", sort=("line__name",)),
        Column(name="list_price", label=_("List price"), currency="currency", sort="list_price"),
        Column(name="unit", label=_("Unit"), hide_below="sm"),
        Column(name="tax_rate", label=_("Tax rate"), kind="percent", shown=False),
        Column(name="is_active", label=_("On sale"), kind="boolean", hide_below="sm"),
        Column(name="description", label=_("Description"), shown=False),
        Column(name="updated_at", label=_("Last changed"), kind="date", sort="updated_at", shown=False),
        Column(name="external_id", label=_("Id in another system"), shown=False),
    )
    default_sort = "name"
    row_url_name = "customers:product"
    export_permission = "catalog.export"
    add_url_name = "customers:product_add"
    add_permission = "catalog.configure"
    add_label = _("New product")
    empty_icon = "package"
    empty_title = _("No products yet")
    empty_text = _("What you sell lives here: its product line, unit and list price.")

    def rows(self) -> QuerySet[Product]:
        """All products."""
        return selectors.products(self.request.user)


class ProductPage(RecordPage):
    """One product."""

    permission = "catalog.view"
    template = "customers/product.html"
    record_name = "product"

    def record(self) -> Product:
        """The product."""
        return selectors.get_product(self.request.user, self.kwargs["pk"])

    @property
    def edit_url(self) -> str:
        """The edit form, for those who set products up."""
        may = self.request.user.has_permission("catalog.configure")
        return reverse("customers:product_edit", args=[self.kwargs["pk"]]) if may else ""

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list."""
        return [(_("Products"), reverse("customers:product_list"))]

    def context(self) -> dict[str, Any]:
        """Whether its opportunities may be seen."""
        return {"may_see_sales": self.request.user.has_permission("pipeline.view")}


class ProductAdd(FormPage):
    """A new product."""

    permission = "catalog.configure"
    title = _("New product")
    form_class = ProductForm

    def form_kwargs(self) -> dict[str, Any]:
        """The form offers the product lines."""
        return {"request": self.request}

    def initial(self, record: Any) -> dict[str, Any]:
        """Prices are in the company's currency unless said otherwise."""
        return {"currency": self.request.company.base_currency, "is_active": True, **super().initial(record)}

    def save(self, form: ProductForm, *, version: int | None) -> Done:
        """Create it."""
        values = _row_values(form.cleaned_data)
        draft = ProductDraft(**{f.name: values[f.name] for f in draft_fields(ProductDraft) if f.name in values})
        product = services.create_product(self.request.user, draft)
        message = _("%(name)s was created.") % {"name": product.name}
        return Done(message=message, url=reverse("customers:product", args=[product.pk]))


class ProductEdit(FormPage):
    """Change a product."""

    permission = "catalog.configure"
    title = _("Edit product")
    form_class = ProductForm

    def record(self) -> Product:
        """The product."""
        return selectors.get_product(self.request.user, self.kwargs["pk"])

    def form_kwargs(self) -> dict[str, Any]:
        """The form offers the product lines."""
        return {"request": self.request}

    def save(self, form: ProductForm, *, version: int | None) -> Done:
        """Write the fields."""
        product = services.update_product(
            self.request.user,
            self.kwargs["pk"],
            changes=_row_values(form.cleaned_data),
            version=version,
            at=clock.now(),
        )
        message = _("%(name)s was saved.") % {"name": product.name}
        return Done(message=message, url=reverse("customers:product", args=[product.pk]))


def _row_values(cleaned: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in cleaned.items() if name != "line"}
    values["line_id"] = cleaned["line"].pk if cleaned.get("line") else None
    return values


class LineList(ListPage):
    """Product lines in columns."""

    permission = "catalog.view"
    title = _("Product lines")
    section = "customers:product_list"
    columns = (
        Column(name="name", label=_("Product line"), sort="name"),
        Column(name="products_on_sale", label=_("Products on sale"), kind="number"),
        Column(name="is_active", label=_("Active"), kind="boolean"),
    )
    default_sort = "name"
    export_permission = "catalog.export"
    add_url_name = "customers:line_add"
    add_permission = "catalog.configure"
    add_label = _("New product line")
    empty_icon = "packages"
    empty_title = _("No product lines yet")
    empty_text = _("A product line is a family of products that is sold, planned and rewarded together.")

    @property
    def row_url_name(self) -> str:  # type: ignore[override]
        """Rows open their form for those who may change them."""
        return "customers:line_edit" if self.request.user.has_permission("catalog.configure") else ""

    def rows(self) -> QuerySet[ProductLine]:
        """All product lines with the number of their products."""
        return selectors.product_lines_with_counts(self.request.user)

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """Products."""
        return [(_("Products"), reverse("customers:product_list"))]


class LineAdd(FormPage):
    """A new product line."""

    permission = "catalog.configure"
    title = _("New product line")
    form_class = LineForm

    def save(self, form: LineForm, *, version: int | None) -> Done:
        """Create it."""
        line = services.create_line(self.request.user, name=form.cleaned_data["name"])
        return Done(message=_("%(name)s was created.") % {"name": line.name}, url=reverse("customers:line_list"))


class LineEdit(FormPage):
    """Change a product line."""

    permission = "catalog.configure"
    title = _("Edit product line")
    form_class = LineForm

    def record(self) -> ProductLine:
        """The product line."""
        return selectors.get_line(self.request.user, self.kwargs["pk"])

    def save(self, form: LineForm, *, version: int | None) -> Done:
        """Write name and whether it is active."""
        line = services.update_line(self.request.user, self.kwargs["pk"], changes=form.cleaned_data, version=version)
        return Done(message=_("%(name)s was saved.") % {"name": line.name}, url=reverse("customers:line_list"))
