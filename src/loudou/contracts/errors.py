"""Refusals of contracts."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class SeriesMissing(BusinessRefusal):
    """No series is set up for a kind of document."""

    code = "series_missing"
    message = _("There is no number series for %(kind)s. Set one up under Settings, Number series.")
    status = 422


class PlanDoesNotAddUp(BusinessRefusal):
    """The instalments are not the contract's total."""

    code = "plan_does_not_add_up"
    message = _(
        "The instalments add up to %(sum)s, the contract to %(total)s %(currency)s: %(difference)s is the difference. "
        "Change an instalment."
    )
    status = 422


class MoneyOnPlan(BusinessRefusal):
    """The plan of a contract was used already, so that it cannot have been another one."""

    code = "money_on_plan"
    message = _(
        "Money was already put on the payment plan of %(contract)s. Bring plans along before receipts, or draft an "
        "amendment to change the plan."
    )


class PlanNotEditable(BusinessRefusal):
    """What was offered or is in force is not edited."""

    code = "plan_not_editable"
    message = _("The payment plan of %(contract)s was offered or is in force. Draft an amendment to change it.")


class NoDefaultTemplate(BusinessRefusal):
    """A contract without a plan needs one to start from."""

    code = "no_default_plan_template"
    message = _("The contract has no payment plan, and no template is set as the default. Draft a plan for it.")
    status = 422


class NotTerminated(BusinessRefusal):
    """Only after a termination may less be due than was agreed."""

    code = "not_terminated"
    message = _("%(contract)s is not terminated. Change its payment plan by an amendment.")


class ReceiptKeyReused(BusinessRefusal):
    """The key came with another receipt."""

    code = "receipt_key_reused"
    message = _("The key %(key)s was already used for receipt %(number)s, which says something else. Use a new key.")
    status = 422


class BankReferencePosted(BusinessRefusal):
    """The transfer is in the books already."""

    code = "bank_reference_posted"
    message = _("The bank reference %(reference)s is already posted as receipt %(number)s.")


class ReceiptOverdrawn(BusinessRefusal):
    """More would be allocated or given back than is left of the receipt."""

    code = "receipt_overdrawn"
    message = _("Of receipt %(number)s %(left)s %(currency)s are left, %(asked)s were asked for.")
    status = 422


class InstalmentOverpaid(BusinessRefusal):
    """More would be put on the instalment than it still asks for."""

    code = "instalment_overpaid"
    message = _("%(instalment)s is open with %(open)s %(currency)s, %(asked)s were to be put on it.")
    status = 422


class InstalmentNotPayable(BusinessRefusal):
    """The instalment belongs to another customer or currency, or to a plan that is not in force."""

    code = "instalment_not_payable"
    message = _(
        "%(instalment)s cannot be paid by receipt %(number)s: another customer, currency, or plan not in force."
    )
    status = 422


class AlreadyUndone(BusinessRefusal):
    """The entry was taken back before, or takes another back itself."""

    code = "already_undone"
    message = _("This entry was already taken back, or takes another one back.")


class AlreadyReversed(BusinessRefusal):
    """The receipt or refund was reversed before."""

    code = "already_reversed"
    message = _("%(number)s was already reversed.")


class ReceiptHasRefunds(BusinessRefusal):
    """Money of the receipt was paid back; that comes first."""

    code = "receipt_has_refunds"
    message = _("Money of receipt %(number)s was refunded. Reverse the refund first.")


class NotAnOpenBill(BusinessRefusal):
    """Not a bill of exchange, or its fate is known already."""

    code = "not_an_open_bill"
    message = _("%(number)s is not a bill of exchange that is still waiting for its money.")


class DateBeforeReceipt(BusinessRefusal):
    """What follows from a receipt does not come before it."""

    code = "date_before_receipt"
    message = _("%(number)s was received on %(received)s. Choose that day or a later one.")
    status = 422


class InvoiceExceedsLine(BusinessRefusal):
    """More would be invoiced than the contract line says, net of red invoices."""

    code = "invoice_exceeds_line"
    message = _("Of line %(line)s %(left)s %(currency)s are left to invoice, %(asked)s were asked for.")
    status = 422


class InvoiceKeyReused(BusinessRefusal):
    """The key came with another invoice."""

    code = "invoice_key_reused"
    message = _("The key %(key)s was already used for invoice %(number)s, which says something else. Use a new key.")
    status = 422


class NothingToInvoice(BusinessRefusal):
    """Everything is invoiced."""

    code = "nothing_to_invoice"
    message = _("There is nothing left to invoice of %(contract)s.")


class RedExceedsBlue(BusinessRefusal):
    """More would be taken back than the blue invoice billed."""

    code = "red_exceeds_blue"
    message = _("Of invoice %(number)s %(left)s %(currency)s are left to take back, %(asked)s were asked for.")
    status = 422


class NotABlueInvoice(BusinessRefusal):
    """A red invoice is not corrected by another red one."""

    code = "not_a_blue_invoice"
    message = _("%(number)s is itself a red invoice. Issue a new blue one instead.")


class ContractNotInForce(BusinessRefusal):
    """Nothing is invoiced or owed under a contract that was never signed."""

    code = "contract_not_in_force"
    message = _("%(contract)s is not signed. Sign it first.")


class BankLineUsedUp(BusinessRefusal):
    """The movement is posted already, or not so much of it is left."""

    code = "bank_line_used_up"
    message = _("Of this bank line %(left)s %(currency)s are left to post, %(asked)s were asked for.")


class BankLineNotIncoming(BusinessRefusal):
    """Money that left the account is no receipt."""

    code = "bank_line_not_incoming"
    message = _("This movement went out of the account. Post it as a refund of the receipt, or dismiss it.")
    status = 422


class BankLinePosted(BusinessRefusal):
    """What became a receipt is not dismissed."""

    code = "bank_line_posted"
    message = _("This bank line is posted. Reverse its receipt first.")


class ContractNotEditable(BusinessRefusal):
    """What was offered or agreed is not edited."""

    code = "contract_not_editable"
    message = _("%(contract)s is %(state)s. Take the offer back, or draft an amendment, to change what it says.")


class ContractStateRefused(BusinessRefusal):
    """The act does not fit the state that the contract is in."""

    code = "contract_state_refused"
    message = _("This cannot be done with %(contract)s, because it is %(state)s.")


class NothingAgreed(BusinessRefusal):
    """A contract without lines sells nothing."""

    code = "nothing_agreed"
    message = _("%(contract)s has no lines. Add what is sold before you offer it.")
    status = 422


class MainClausesMissing(BusinessRefusal):
    """A contract is not signed while a main clause is missing; `missing_clauses` lists them."""

    code = "main_clauses_missing"
    message = _("%(contract)s cannot be signed yet. Still missing: %(missing)s.")
    status = 422

    def __init__(self, missing_clauses: Sequence[Any], **facts: Any) -> None:
        super().__init__(**facts)
        self.missing_clauses = tuple(missing_clauses)


class OfferLapsed(BusinessRefusal):
    """An offer that is no longer valid cannot be accepted."""

    code = "offer_lapsed"
    message = _("The offer was valid until %(until)s. Extend it, or offer again, before it is accepted.")


class ContractAmountDiffers(BusinessRefusal):
    """The lines do not make the amount that the contract's paper says."""

    code = "contract_amount_differs"
    message = _(
        "The lines make %(lines)s %(currency)s with tax, but the amount of the contract is %(amount)s. Correct one of "
        "them, or leave the amount out."
    )
    status = 422


class CustomerMissing(BusinessRefusal):
    """There is nobody to conclude a contract with."""

    code = "customer_missing"
    message = _("%(subject)s has no customer. Name one first.")
    status = 422


class OpportunityGone(BusinessRefusal):
    """No contract comes of a sale that was lost or dropped."""

    code = "opportunity_gone"
    message = _("%(subject)s is %(state)s, so no contract comes of it. Open it again first.")


class AlreadyDrafted(BusinessRefusal):
    """There is a contract of this sale already; `contract` is it."""

    code = "already_drafted"
    message = _("There is already a contract of this opportunity: %(name)s. Say so if you need another one.")

    def __init__(self, contract: Any, **facts: Any) -> None:
        super().__init__(**facts)
        self.contract = contract


class ContractOwnerRefused(BusinessRefusal):
    """The colleague has left or has no role in which contracts are seen."""

    code = "contract_owner_refused"
    message = _("%(name)s cannot look after contracts: the account is closed or has no role that sees them.")
    status = 422


class LineOfOtherContract(BusinessRefusal):
    """A line belongs to one contract."""

    code = "line_of_other_contract"
    message = _("This line does not belong to %(contract)s. Choose one of its lines.")
    status = 422


class PlaceholderUnknown(BusinessRefusal):
    """A name in curly braces that stands for nothing."""

    code = "placeholder_unknown"
    message = _("%(names)s stands for nothing. Use one of: %(known)s.")
    status = 422


class DiscountNeedsApproval(BusinessRefusal):
    """A discount beyond the policy was not approved yet."""

    code = "discount_needs_approval"
    message = _("A discount of %(discount)s is more than %(policy)s, which needs no approval. Ask for approval first.")


class DiscountPending(BusinessRefusal):
    """Somebody has to decide first."""

    code = "discount_pending"
    message = _("The discount of %(discount)s waits for approval since %(since)s.")


class DiscountWithinPolicy(BusinessRefusal):
    """There is nothing to approve."""

    code = "discount_within_policy"
    message = _("The discount of %(discount)s needs no approval.")


class DiscountDecided(BusinessRefusal):
    """The request was decided before."""

    code = "discount_decided"
    message = _("This request was already decided: %(outcome)s.")


class DiscountNeedsAnother(BusinessRefusal):
    """Nobody approves an own request."""

    code = "discount_needs_another"
    message = _("You asked for this discount yourself. Somebody else has to decide about it.")
    status = 403


class AmendmentOpen(BusinessRefusal):
    """One amendment is negotiated at a time."""

    code = "amendment_open"
    message = _("Version %(sequence)s of %(contract)s is still being negotiated. Conclude or drop it first.")


class NoAmendment(BusinessRefusal):
    """There is no amendment in the state that the act needs."""

    code = "no_amendment"
    message = _("%(contract)s has no amendment that this could be done with.")


class AmendmentChangesNothing(BusinessRefusal):
    """An amendment that says what is in force already."""

    code = "amendment_changes_nothing"
    message = _("The amendment says what is in force already. Change something before you offer it.")
    status = 422


class AmendmentUndercuts(BusinessRefusal):
    """What was delivered or invoiced already cannot be agreed away."""

    code = "amendment_undercuts"
    message = _(
        "Line %(line)s would hold %(quantity)s for %(amount)s, but %(delivered)s for %(delivered_amount)s were "
        "delivered and %(invoiced)s invoiced. Take goods or invoices back first, or keep at least that much."
    )


class DeliveryNotPossible(BusinessRefusal):
    """Deliveries need a contract that is signed and not at its end."""

    code = "delivery_not_possible"
    message = _("Nothing is delivered on %(contract)s, because it is %(state)s.")


class NothingToDeliver(BusinessRefusal):
    """Everything was delivered, or no line was named."""

    code = "nothing_to_deliver"
    message = _("There is nothing left to deliver on %(contract)s.")


class DeliveryExceedsOrder(BusinessRefusal):
    """More than what is open."""

    code = "delivery_exceeds_order"
    message = _("Line %(line)s has %(open)s left to deliver; %(asked)s is not possible. An amendment can raise it.")


class DeliveryKeyReused(BusinessRefusal):
    """The same key came with another delivery."""

    code = "delivery_key_reused"
    message = _("Delivery %(number)s was already posted with this key. Use a new key for another delivery.")
    status = 422


class CreditLimitExceeded(BusinessRefusal):
    """The delivery would take the customer beyond the credit limit."""

    code = "credit_limit_exceeded"
    message = _(
        "%(customer)s owes %(owed)s for what was delivered; with this delivery of %(amount)s the credit limit of "
        "%(limit)s would be exceeded. Take payment first, or ask for a release that covers this delivery."
    )


class ReturnOfReturn(BusinessRefusal):
    """Only a delivery is taken back or accepted."""

    code = "return_of_return"
    message = _("%(number)s is itself a return. Choose the delivery it takes back.")
    status = 422


class NothingToReturn(BusinessRefusal):
    """All of the delivery came back before."""

    code = "nothing_to_return"
    message = _("Everything of delivery %(number)s has come back already.")


class ReturnExceedsDelivery(BusinessRefusal):
    """More comes back than the delivery brought."""

    code = "return_exceeds_delivery"
    message = _("Line %(line)s of this delivery has %(open)s that can come back; %(asked)s is not possible.")


class FileInUse(BusinessRefusal):
    """An act or a delivery refers to the document."""

    code = "file_in_use"
    message = _("%(name)s proves an act or a delivery, so it stays with the contract.")


class FileOfOtherContract(BusinessRefusal):
    """The document is kept with another contract."""

    code = "file_of_other_contract"
    message = _("This document is not kept with %(contract)s. Attach it there first.")
    status = 422


class PdfUnavailable(BusinessRefusal):
    """The libraries or fonts that PDF needs are not installed."""

    code = "pdf_unavailable"
    message = _(
        "PDF files cannot be made on this server: %(missing)s is not installed. Ask the administrator; on Debian or "
        "Ubuntu: apt-get install %(packages)s."
    )
    status = 503
