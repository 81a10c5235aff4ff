"""A rep adds a customer with a contact, in both languages, on a desk and on a phone."""

import pytest
from django.urls import reverse

from loudou.customers import selectors, services
from loudou.customers.models import Customer
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services import CustomerDraft
from loudou.people.choices import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1440), ("zh-hans", "dark", 390)], ids=["desk", "phone"]
)
def test_a_rep_adds_a_customer_with_a_contact(page_as, axe, owner, language, theme, width):
    page = page_as(owner, language=language, theme=theme, width=width)
    page.goto(reverse("customers:customer_add"))
    axe(page)
    page.fill("[name=name]", "上海申达机械有限公司")
    page.fill("[name=credit_code]", "91440300708461136A")
    page.fill("[name=contact_name]", "王伟")
    with page.expect_response("**/customers/alike/**"):
        page.fill("[name=contact_phones]", "138 0013 8000")
    page.click("[data-save-button]")
    page.wait_for_selector("[data-field=credit_code].has-error")
    with page.expect_response("**/customers/alike/**"):
        page.fill("[name=credit_code]", "91440300708461136T")
    page.click("[data-save-button]")
    page.wait_for_url("**/customers/*/")
    customer = Customer.objects.get()
    assert (customer.owner, customer.credit_code) == (owner, "91440300708461136T")
    page.wait_for_selector("text=138 0013 8000")
    page.wait_for_selector("text=王伟")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_second_customer_of_the_name_is_noticed_while_typing(page_as, owner, colleague):
    Customer.objects.create(name="Acme Ltd", owner=colleague)
    page = page_as(owner)
    page.goto(reverse("customers:customer_add"))
    page.type("[name=name]", "ACME, Ltd.")
    page.wait_for_selector(".alert-warning")
    assert "Acme Ltd" not in page.inner_text(".alert-warning")


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1440), ("zh-hans", "dark", 390)], ids=["desk", "phone"]
)
def test_a_figure_of_the_funnel_opens_its_customers(page_as, axe, make_user, owner, now, language, theme, width):
    olga = make_user("olga", Role.OPERATIONS)
    page = page_as(olga, language=language, theme=theme, width=width)
    page.goto(reverse("customers:funnel"))
    page.wait_for_selector(".empty-state")
    rule = SegmentRule(industry=("Food",))
    services.create_segment(olga, name="Eaters", rule=rule, at=now)
    for name in ("Acme", "Bolt"):
        services.create_customer(owner, CustomerDraft(name=name, industry="Food"), at=now)
    page.reload()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.click(".funnel-figures tbody tr:first-child td:nth-child(2) a")
    page.wait_for_url("**/customers/?phase=target_market")
    page.wait_for_selector("text=Acme")
    page.wait_for_selector("text=Bolt")


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "dark", 1440), ("zh-hans", "light", 390)], ids=["desk", "phone"]
)
def test_operations_sees_what_a_threshold_would_do_before_saving_it(
    page_as, axe, make_user, owner, now, language, theme, width
):
    olga = make_user("olga", Role.OPERATIONS)
    services.create_customer(owner, CustomerDraft(name="Acme", industry="Food"), at=now)
    page = page_as(olga, language=language, theme=theme, width=width)
    page.goto(reverse("customers:rules"))
    axe(page)
    with page.expect_response("**/customer-rules/preview/**"):
        page.fill("[name=horizon_days]", "30")
    page.wait_for_selector(".rules-preview .icon")
    page.fill("[name=name_signed_en]", "Under contract")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.click("[data-save-button]")
    page.wait_for_function("document.querySelector('[name=version]').value === '2'")
    assert selectors.rules().horizon_days == 30
