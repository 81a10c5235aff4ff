"""Products hold no personal data of contacts."""

from loudou.core.personal_data import declare

declare("catalog.productline", plain=("name",))
declare(
    "catalog.product",
    plain=("name", "code", "unit", "currency", "description", "external_id"),
    derived=("search_text",),
)
