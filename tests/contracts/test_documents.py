"""The paper of a contract: what stands on it in both languages, and what keeps it from being made."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from loudou.contracts.capital_amounts import capital_amount
from loudou.contracts.choices import DueBasis
from loudou.contracts.errors import PdfUnavailable
from loudou.contracts.models import Contract, ContractVersion
from loudou.contracts.services import documents, editing
from loudou.contracts.services.documents import contract_html, contract_pdf
from loudou.contracts.services.drafts import LineDraft
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.core.models import Company
from loudou.core.money import Money
from loudou.core.rates import company
from loudou.core.refusals import NotVisible

PLAN = [
    InstalmentDraft(name="预付款 Deposit", basis=DueBasis.SIGNING, share=Decimal("0.3")),
    InstalmentDraft(name="到货款 On delivery", basis=DueBasis.DELIVERY, share=Decimal("0.6"), offset_days=30),
    InstalmentDraft(name="质保金 Retention", basis=DueBasis.ACCEPTANCE, share=Decimal("0.1"), offset_months=12),
]


@pytest.fixture
def paper(signed, customer):
    """A signed contract with Chinese parties and a plan of three instalments."""
    company()
    Company.objects.update(name="漏斗机械有限公司", credit_code="91310000MA1FL4B72E", bank_name="中国银行上海分行")
    customer.name = "恒达钢铁有限公司"
    customer.save()
    return signed(title="液压机 Presses", plan=PLAN)


def text_of(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def test_the_chinese_paper_says_everything(paper, owner):
    document = contract_pdf(owner, paper.pk, language="zh-hans")
    assert document.name == "HT2026-0001-v1-zh.pdf"
    text = text_of(document.content)
    for said in (
        "销售订单", "HT2026-0001", "漏斗机械有限公司", "91310000MA1FL4B72E", "恒达钢铁有限公司", "91420100MA4KL5XN3P",
        "Press200", "13%", "1,500.00", "人民币壹仟伍佰元整", "第一条", "第九条", "违约责任与争议解决", "0.05%",
        "2026年9月30日", "回款计划", "¥450.00", "验收时，12个月后", "签字盖章", "第1页", "供方", "需方",
    ):  # fmt: skip
        assert said in text, said
    assert "{" not in text
    assert "尚未签订" not in text


def test_the_english_paper_says_everything(paper, owner):
    text = text_of(contract_pdf(owner, paper.pk, language="en").content)
    for said in (
        "Orderforgoods", "HT2026-0001", "Supplier", "91310000MA1FL4B72E", "Pricewithtax", "CN¥1,500.00",
        "30September2026",
        "Liabilityforbreach", "Paymentplan", "12monthslater", "30dayslater", "Signatureandseal", "Page1of",
    ):  # fmt: skip
        assert said in text, said


def test_a_long_list_says_its_total_once_and_at_the_end(drafted, owner, at):
    lines = [LineDraft(Decimal(1), Decimal(100), description=f"Valve {number:02}") for number in range(1, 61)]
    content = contract_pdf(owner, drafted(lines=lines).pk, language="en").content
    pages = ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]
    assert len(pages) > 3
    assert sum(page.count("TotalCN¥") for page in pages) == 1
    assert "TotalCN¥" not in pages[0]
    assert all("Withouttax" in page for page in pages if "Valve" in page)  # the head of the table stands on each


def test_the_paper_says_when_it_was_signed_and_what_each_instalment_shares(paper, owner):
    text = text_of(contract_pdf(owner, paper.pk, language="zh-hans").content)
    assert "签订日期2026年6月5日" in text
    assert "30%¥450.00" in text


def test_a_customer_abroad_has_a_registration_number_and_no_credit_code(drafted, owner, customer):
    customer.credit_code, customer.registration_number = "", "JA-224940"
    customer.save()
    text = text_of(contract_pdf(owner, drafted().pk, language="en").content)
    assert "RegistrationnumberJA-224940" in text
    assert "CreditcodeJA" not in text


def test_the_same_version_gives_the_same_bytes(paper, owner):
    assert contract_pdf(owner, paper.pk, language="en").content == contract_pdf(owner, paper.pk, language="en").content


def test_what_was_signed_keeps_the_names_of_that_day(paper, owner, customer):
    customer.name = "新恒达集团"
    customer.save()
    html = contract_html(Contract.objects.get(pk=paper.pk).version_in_force, "zh-hans")
    assert "恒达钢铁有限公司" in html
    assert "新恒达集团" not in html


def test_a_draft_shows_blanks_and_that_it_is_not_signed(drafted, owner):
    contract = drafted(terms={}, lines=[LineDraft(Decimal(1), Decimal("9.999"), "<b>Bolts</b> & nuts")])
    html = contract_html(ContractVersion.objects.get(contract=contract), "en")
    assert "Draft, not signed" in html
    assert "＿＿＿＿" in html
    assert "&lt;b&gt;Bolts&lt;/b&gt; &amp; nuts" in html
    editing.set_terms(owner, contract.pk, changes={"performance_place": "Wuhan"})
    assert "Wuhan" in contract_html(ContractVersion.objects.get(contract=contract), "en")


def test_only_who_sees_the_contract_gets_its_paper(paper, stranger):
    with pytest.raises(NotVisible):
        contract_pdf(stranger, paper.pk, language="en")


def test_without_chinese_fonts_there_are_no_boxes_but_a_refusal(paper, owner, monkeypatch):
    monkeypatch.setattr(documents, "has_chinese_fonts", lambda: False)
    with pytest.raises(PdfUnavailable, match="fonts-noto-cjk"):
        contract_pdf(owner, paper.pk, language="zh-hans")


def test_without_its_libraries_the_refusal_says_what_to_install(paper, owner, monkeypatch):
    def missing() -> None:
        raise PdfUnavailable(missing="Pango", packages=documents.LIBRARIES)

    monkeypatch.setattr(documents, "_weasyprint", missing)
    with pytest.raises(PdfUnavailable) as refused:
        contract_pdf(owner, paper.pk, language="en")
    assert refused.value.code == "pdf_unavailable"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("0", "CNY", "人民币零元整"),
        ("0.05", "CNY", "人民币伍分"),
        ("0.50", "CNY", "人民币伍角整"),
        ("1.10", "CNY", "人民币壹元壹角整"),
        ("325.04", "CNY", "人民币叁佰贰拾伍元零肆分"),
        ("1680.32", "CNY", "人民币壹仟陆佰捌拾元叁角贰分"),
        ("16409.02", "CNY", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("100001", "CNY", "人民币壹拾万零壹元整"),
        ("6007.14", "CNY", "人民币陆仟零柒元壹角肆分"),
        ("100000000", "CNY", "人民币壹亿元整"),
        ("100000005", "CNY", "人民币壹亿零伍元整"),
        ("123456789012.34", "CNY", "人民币壹仟贰佰叁拾肆亿伍仟陆佰柒拾捌万玖仟零壹拾贰元叁角肆分"),
        ("1000000000000", "CNY", "人民币壹万亿元整"),
        ("-12", "CNY", "人民币负壹拾贰元整"),
        ("1130.00", "USD", "美元壹仟壹佰叁拾元整"),
        ("1130", "JPY", "日元壹仟壹佰叁拾元整"),
    ],
)
def test_amounts_in_capital_numerals(amount, currency, written):
    assert capital_amount(Money(Decimal(amount), currency)) == written
