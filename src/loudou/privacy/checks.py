"""What `loudou check` proves of erasures: that nothing came back, and that the erased are still recognized."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from loudou.core.checks import Finding, check
from loudou.customers.identities import known_marks
from loudou.customers.models import ForgottenIdentity, Post


@check("privacy.shells", _("Posts of contacts who were erased hold no words."))
def shells_are_empty() -> Iterator[Finding]:
    """The contact itself is kept empty by a constraint of the database."""
    rows = Post.objects.filter(contact__erased_at__isnull=False).exclude(title="", department="").order_by("pk")
    for post in rows:
        yield Finding(f"customers.post {post.pk}", _("It holds words about a contact who was erased."))


@check("privacy.identities", _("Contacts who were erased are recognized: the signing key of their digests is known."))
def identities_are_recognized() -> Iterator[Finding]:
    """A digest under a key that is no longer listed recognizes nobody."""
    rows = ForgottenIdentity.objects.exclude(key_mark__in=known_marks()).order_by("contact_id")
    for contact_id in rows.values_list("contact_id", flat=True).distinct():
        yield Finding(
            f"customers.contact {contact_id}",
            _("Its signing key is gone, so a person of the same phone or mail would not be recognized."),
        )
