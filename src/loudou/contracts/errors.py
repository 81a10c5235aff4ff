"""Refusals of contracts."""

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
