"""Addresses of the ledger."""

from django.urls import path

from loudou.web.ledger.views import (
    bank,
    instalments,
    invoices,
    money,
    plan_templates,
    plans,
    receipts,
    statements,
    statistics,
)

app_name = "ledger"
urlpatterns = [
    path("contracts/<int:pk>/money/", money.ContractMoney.as_view(), name="contract_money"),
    path("contracts/<int:pk>/plan/", plans.PlanEdit.as_view(), name="plan"),
    path("contracts/<int:pk>/plan/template/", plans.PlanFromTemplate.as_view(), name="plan_template"),
    path("contracts/<int:pk>/plan/monthly/", plans.PlanMonthly.as_view(), name="plan_monthly"),
    path("contracts/<int:pk>/settle/", plans.TerminationSettle.as_view(), name="settle"),
    path("contracts/settings/plans/", plan_templates.PlanTemplateList.as_view(), name="plan_template_list"),
    path("contracts/settings/plans/add/", plan_templates.PlanTemplateAdd.as_view(), name="plan_template_add"),
    path("contracts/settings/plans/<int:pk>/", plan_templates.PlanTemplateEdit.as_view(), name="plan_template_edit"),
    path("contracts/<int:pk>/receipt/", receipts.ReceiptAdd.as_view(), name="contract_receipt"),
    path("contracts/<int:pk>/invoice/", invoices.InvoiceAdd.as_view(), name="contract_invoice"),
    path("instalments/", instalments.InstalmentList.as_view(), name="instalment_list"),
    path("instalments/<int:pk>/", instalments.InstalmentPage.as_view(), name="instalment"),
    path("receipts/", receipts.ReceiptList.as_view(), name="receipt_list"),
    path("receipts/add/", receipts.ReceiptAdd.as_view(), name="receipt_add"),
    path("receipts/<int:pk>/", receipts.ReceiptPage.as_view(), name="receipt"),
    path("receipts/<int:pk>/allocate/", receipts.ReceiptAllocate.as_view(), name="receipt_allocate"),
    path("receipts/<int:pk>/refund/", receipts.ReceiptRefund.as_view(), name="receipt_refund"),
    path("receipts/<int:pk>/reverse/", receipts.ReceiptReverse.as_view(), name="receipt_reverse"),
    path("receipts/<int:pk>/bill/", receipts.BillSettle.as_view(), name="bill_settle"),
    path(
        "receipts/<int:receipt>/allocations/<int:pk>/undo/", receipts.AllocationUndo.as_view(), name="allocation_undo"
    ),
    path("invoices/", invoices.InvoiceList.as_view(), name="invoice_list"),
    path("invoices/<int:pk>/", invoices.InvoicePage.as_view(), name="invoice"),
    path("invoices/<int:pk>/red/", invoices.InvoiceRed.as_view(), name="invoice_red"),
    path("receipts/<int:receipt>/refunds/<int:pk>/reverse/", receipts.RefundReverse.as_view(), name="refund_reverse"),
    path("customers/<int:pk>/money/", money.CustomerMoney.as_view(), name="customer"),
    path("customers/<int:pk>/advances/", receipts.AdvancesAllocate.as_view(), name="advances"),
    path("figures/<str:of>/<int:pk>/<str:figure>/", money.FigureRows.as_view(), name="figure"),
    path("contract-statistics/", statistics.Statistics.as_view(), name="statistics"),
    path("contract-statistics/rows/", statistics.StatisticRows.as_view(), name="statistic_rows"),
    path("bank/", bank.BankPage.as_view(), name="bank"),
    path("bank/add/", statements.StatementAdd.as_view(), name="statement_add"),
    path("bank/files/<int:pk>/columns/", statements.StatementColumns.as_view(), name="statement_columns"),
    path("bank/files/<int:pk>/columns/preview/", statements.StatementPreview.as_view(), name="statement_preview"),
    path("bank/files/<int:pk>/look/", statements.StatementLook.as_view(), name="statement_look"),
    path("bank/files/<int:pk>/unreadable/", statements.UnreadableRows.as_view(), name="statement_unreadable"),
    path("bank/files/<int:pk>/read-in/", statements.StatementReadIn.as_view(), name="statement_read_in"),
    path("bank/files/<int:pk>/discard/", statements.StatementDiscard.as_view(), name="statement_discard"),
    path("bank/formats/<int:pk>/forget/", statements.FormatForget.as_view(), name="format_forget"),
    path("bank/<int:pk>/confirm/", bank.LineConfirm.as_view(), name="line_confirm"),
    path("bank/<int:pk>/dismiss/", bank.LineDismiss.as_view(), name="line_dismiss"),
    path("bank/<int:pk>/take-up/", bank.LineTakeUp.as_view(), name="line_take_up"),
]
