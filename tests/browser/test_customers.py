"""A rep adds a customer with a contact, in both languages, on a desk and on a phone."""

import pytest
from django.urls import reverse

from loudou.customers.models import Customer

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
