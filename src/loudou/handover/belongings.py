"""Everything that can belong to a person: what a handover moves, what it ends, and what stays as history.

Every foreign key to a user, of every model, is in one of the three tables below; `tests/handover` walks the models and
fails for one that is in none. So a new module has to say what becomes of its rows when somebody leaves.
"""

from __future__ import annotations

from collections.abc import Mapping

from loudou.handover.kinds.contracts import CONTRACTS
from loudou.handover.kinds.customers import CONTACTS, CUSTOMER_MEMBERS, CUSTOMERS
from loudou.handover.kinds.people import SAVED_VIEWS
from loudou.handover.kinds.pipeline import OPPORTUNITIES, OPPORTUNITY_MEMBERS
from loudou.handover.things import Belonging

BELONGINGS: tuple[Belonging, ...] = (
    CUSTOMERS,
    OPPORTUNITIES,
    CONTRACTS,
    CONTACTS,
    CUSTOMER_MEMBERS,
    OPPORTUNITY_MEMBERS,
    SAVED_VIEWS,
)
"""In the order in which they are locked, shown and moved: customers first, because the others look at their owners."""

ENDS: Mapping[str, str] = {
    "people.Session.user": "sign-ins end with the access",
    "people.ApiToken.user": "tokens are revoked with the access",
    "people.Membership.user": "teams are left on the day after the last one; who led them is shown before",
}
"""What ends with the person's access, and when."""

_DONE = "who did it: what happened is not done again by somebody else"
_SIGN_IN = "the person's own way of signing in, useless without access, there again when they come back"
_TASTE = "the person's own taste; means nothing to anybody else"
_ASKED = "who asked: whoever may decide decides, whoever works on the customer may take it back"
_OWN_HANDOVER = "what a handover was, as it was"

STAYS: Mapping[str, str] = {
    "core.IdempotencyKey.user": "forgotten within two days",
    "people.AuditEntry.actor": _DONE,
    "people.Notification.recipient": "what the person was told: nobody else's to read, and swept by itself",
    "people.Notification.actor": _DONE,
    "people.SecondFactor.user": _SIGN_IN,
    "people.RecoveryCode.user": _SIGN_IN,
    "people.ExternalIdentity.user": _SIGN_IN,
    "customers.OwnerChange.from_owner": "whose it was",
    "customers.OwnerChange.to_owner": "whose it was",
    "customers.OwnerChange.actor": _DONE,
    "customers.CustomerFile.uploaded_by": _DONE,
    "customers.HoldChange.actor": _DONE,
    "customers.SupplyRelease.requested_by": _ASKED,
    "customers.SupplyRelease.decided_by": _DONE,
    "customers.Evidence.actor": _DONE,
    "customers.PhaseChange.actor": _DONE,
    "pipeline.StageChange.owner": "whose it was",
    "pipeline.StageChange.actor": _DONE,
    "pipeline.CriterionCheck.met_by": _DONE,
    "pipeline.Star.user": _TASTE,
    "customers.ReleaseUse.actor": _DONE,
    "contracts.ContractAct.actor": _DONE,
    "contracts.ContractVersion.created_by": _DONE,
    "privacy.PersonalDataRequest.recorded_by": _DONE,
    "privacy.PersonalDataRequest.done_by": _DONE,
    "contracts.Delivery.posted_by": _DONE,
    "contracts.DeliveryAcceptance.actor": _DONE,
    "contracts.Allocation.actor": _DONE,
    "contracts.Receipt.posted_by": _DONE,
    "contracts.BillEvent.actor": _DONE,
    "contracts.Refund.posted_by": _DONE,
    "contracts.Reversal.actor": _DONE,
    "contracts.Invoice.posted_by": _DONE,
    "contracts.BankStatement.imported_by": _DONE,
    "contracts.StatementPosting.actor": _DONE,
    "contracts.ContractFile.uploaded_by": _DONE,
    "contracts.DiscountRequest.requested_by": _ASKED,
    "contracts.DiscountDecision.decided_by": _DONE,
    "exchange.ImportJob.created_by": "a running one is waited for; one that was never run is thrown away by itself",
    "exchange.ImportJob.owner": "an import that would give records to somebody who left is refused when it is run",
    "exchange.SavedMapping.user": _TASTE,
    "exchange.StatementFile.created_by": _DONE,
    "exchange.AccountFormat.used_by": _DONE,
    "playbook.Card.author": _DONE,
    "playbook.Card.keeper": "a card kept by nobody waits on the keepers' desk until somebody takes it",
    "playbook.Card.checked_by": _DONE,
    "playbook.CardUse.user": _DONE,
    "playbook.CardVote.user": _DONE,
    "playbook.CardSuggestion.suggested_by": "any keeper may answer it, whoever asked",
    "playbook.CardSuggestion.decided_by": _DONE,
    "playbook.Reading.user": "what somebody has read and learned, nobody else has",
    "playbook.Attempt.user": "what somebody has read and learned, nobody else has",
    "handover.Handover.leaver": _OWN_HANDOVER,
    "handover.Handover.actor": _OWN_HANDOVER,
    "handover.HandoverPart.successor": "what came by an earlier handover is held like everything else, and moves so",
    "handover.HandoverLetter.successor": _OWN_HANDOVER,
    "handover.HandoverPlan.leaver": _OWN_HANDOVER,
    "handover.HandoverPlan.prepared_by": _DONE,
    "handover.HandoverPlan.successor": "a plan that names somebody who left is refused until it names another",
    "handover.PlanChoice.successor": "a plan that names somebody who left is refused until it names another",
}
"""What stays with the person, and why that leaves nothing undone."""
