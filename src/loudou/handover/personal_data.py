"""Personal data of contacts in handovers: contacts that changed hands, notes about customers, letters."""

from django.db.models import Q

from loudou.core.personal_data import declare
from loudou.customers.models import Post
from loudou.handover.choices import Kind


def _of_contact(contact_id: int) -> Q:
    """The contact itself as a thing handed over, and things of the customers where the person works."""
    customers = Post.objects.filter(contact=contact_id).order_by().values("customer_id")
    return Q(kind=Kind.CONTACT, object_id=contact_id) | Q(customer_ref__in=customers)


declare("handover.handoverplan", searched=("reason", "note"))
declare("handover.planchoice")
declare("handover.plannote", searched=("text",), ties=("customer__posts__contact",))
declare("handover.handover", searched=("reason", "note"))
declare("handover.handoverpart")
declare(
    "handover.handoveritem",
    plain=("customer_name", "currency"),
    searched=("name", "detail", "note"),
    ties=(_of_contact,),
)
declare("handover.confirmation", searched=("remark",))
declare(
    "handover.handoverletter",
    plain=("customer_name", "language"),
    searched=("address", "subject", "text", "trouble"),
    ties=("contact",),
)
