"""What is done with a contract: offer, signature, counter-offer, amendment, completion, termination."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import FileKind, Party
from loudou.contracts.services import amendments, life
from loudou.contracts.services.attachments import attach_file
from loudou.contracts.services.drafts import ActDraft
from loudou.core import clock
from loudou.web.contracts.forms import ActForm, OfferForm, ReasonedActForm, TerminationForm
from loudou.web.contracts.views.drafting import FormOfContract
from loudou.web.frame.actions import Done


class ActPage(FormOfContract):
    """An act on a contract: the day, the person, the paper. Subclasses name the service."""

    template = "contracts/act_form.html"
    form_class = ActForm
    service: ClassVar[Callable[..., Any]]
    document_kind: ClassVar[FileKind] = FileKind.OTHER
    party: ClassVar[Party] = Party.US
    message: ClassVar[str | Promise]
    explanation: ClassVar[str | Promise] = ""
    warn_unsaved = False

    def form_kwargs(self) -> dict[str, Any]:
        """Whom the customer may be represented by."""
        return {"request": self.request, "customer": self.contract().customer}

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today, by the side that usually acts."""
        return {"on": clock.today(), "party": self.party}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Keep the document, then record the act; both or neither."""
        with transaction.atomic():
            self._record(form.cleaned_data)
        return self.done(str(self.message))

    def _record(self, given: dict[str, Any]) -> None:
        document = given.get("document")
        kept = None
        if document is not None:
            kept = attach_file(
                self.request.user,
                self.kwargs["pk"],
                kind=self.document_kind,
                name=document.name,
                content=document,
                limit_mb=settings.CUSTOMER_FILE_LIMIT_MB,
            )
        act = ActDraft(
            on=given["on"],
            party=Party(given["party"]),
            person=given["person"],
            contact_id=given["contact"].pk if given["contact"] else None,
            document_id=kept.pk if kept else None,
            note=given["note"],
        )
        type(self).service(self.request.user, self.kwargs["pk"], act=act, at=clock.now(), **self.more(given))

    def more(self, given: dict[str, Any]) -> dict[str, Any]:
        """Further facts that the service takes."""
        return {}


class Offer(ActPage):
    """Make the offer."""

    title = _("Offer the contract")
    form_class = OfferForm
    service = staticmethod(life.offer_contract)
    document_kind = FileKind.OFFER
    message = _("The offer is recorded; what it says is fixed now.")
    submit_label = _("Offer")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """With the validity that was drafted."""
        return super().initial(record) | {"valid_until": self.contract().offer_valid_until}

    def more(self, given: dict[str, Any]) -> dict[str, Any]:
        """Until when it holds."""
        return {"valid_until": given["valid_until"]}


class Sign(ActPage):
    """The customer accepted, and the contract was signed."""

    permission = "contracts.sign"
    title = _("Accepted and signed")
    service = staticmethod(life.sign_contract)
    document_kind = FileKind.SIGNED_SCAN
    party = Party.CUSTOMER
    message = _("The contract is signed.")
    explanation = _("From now on it binds: it gets its number, and its payment plan comes into force.")
    submit_label = _("Record the signature")


class CounterOffer(ActPage):
    """The other side wants something else."""

    title = _("Counter-offer")
    service = staticmethod(life.answer_with_counter_offer)
    party = Party.CUSTOMER
    message = _("The offer has lapsed; the draft can take the customer's wishes in.")
    submit_label = _("Record the counter-offer")


class TakeBack(ActPage):
    """Make an offer a draft again."""

    title = _("Take the offer back")
    service = staticmethod(life.take_back_offer)
    message = _("The contract is a draft again.")
    submit_label = _("Take it back")


class Decline(ActPage):
    """No contract came of it."""

    title = _("Not concluded")
    form_class = ReasonedActForm
    service = staticmethod(life.decline_contract)
    party = Party.CUSTOMER
    message = _("It is recorded that no contract was concluded.")
    submit_label = _("Record it")


class Begin(ActPage):
    """Performance begins with something else than a delivery."""

    permission = "contracts.deliver"
    title = _("Performance began")
    service = staticmethod(life.begin_performance)
    message = _("The contract is in performance.")
    submit_label = _("Record it")


class Complete(ActPage):
    """Close a contract by hand."""

    permission = "contracts.end"
    title = _("Complete the contract")
    form_class = ReasonedActForm
    service = staticmethod(life.complete_contract)
    message = _("The contract is completed.")
    explanation = _("A contract is completed by itself once everything is delivered, accepted and paid.")
    submit_label = _("Complete")


class Terminate(ActPage):
    """End a contract before it is completed."""

    permission = "contracts.end"
    title = _("Terminate the contract")
    form_class = TerminationForm
    service = staticmethod(life.terminate_contract)
    message = _("The contract is terminated.")
    submit_label = _("Terminate")

    def more(self, given: dict[str, Any]) -> dict[str, Any]:
        """What was agreed about the rest."""
        return {"settlement": given["settlement"]}


class AmendmentOffer(ActPage):
    """Offer the amendment."""

    title = _("Offer the amendment")
    service = staticmethod(amendments.offer_amendment)
    document_kind = FileKind.OFFER
    message = _("The amendment is offered; what it says is fixed now.")
    submit_label = _("Offer")


class AmendmentSign(ActPage):
    """The amendment was accepted."""

    permission = "contracts.sign"
    title = _("Amendment accepted")
    service = staticmethod(amendments.accept_amendment)
    document_kind = FileKind.SIGNED_SCAN
    party = Party.CUSTOMER
    message = _("The amendment is in force.")
    submit_label = _("Record the signature")


class AmendmentTakeBack(ActPage):
    """Make an offered amendment a draft again."""

    title = _("Take the amendment back")
    service = staticmethod(amendments.take_back_amendment)
    message = _("The amendment is a draft again.")
    submit_label = _("Take it back")


class AmendmentDrop(ActPage):
    """No amendment came about."""

    title = _("Amendment not concluded")
    service = staticmethod(amendments.drop_amendment)
    message = _("What was in force stays in force.")
    submit_label = _("Record it")
