"""Sales operations answer a request: the copy, the preview, the erasure, on a desk and on a phone."""

import zipfile

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from loudou.customers import services
from loudou.customers.models import Contact
from loudou.customers.services import ContactDraft, CustomerDraft, PostDraft
from loudou.people.choices import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1440), ("zh-hans", "dark", 390)], ids=["desk", "phone"]
)
def test_operations_copy_and_erase_a_contact(page_as, axe, make_user, now, language, theme, width):
    olga = make_user("olga", Role.OPERATIONS)
    customer = services.create_customer(olga, CustomerDraft(name="Hengda", notes="Ottilie Nadel decides"), at=now)
    post = PostDraft(customer_id=customer.pk, title="Head")
    contact = services.create_contact(olga, ContactDraft(name="Ottilie Nadel", wechat="ottinadel", post=post))
    page = page_as(olga, language=language, theme=theme, width=width)
    page.goto(reverse("customers:contact", args=[contact.pk]))
    page.click(f"a[href='{reverse('privacy:held', args=[contact.pk])}']")
    expect(page.locator("main")).to_contain_text("Ottilie Nadel decides")
    axe(page)
    with page.expect_download() as waiting:
        page.click(f"a[href='{reverse('privacy:copy', args=[contact.pk])}']")
    assert "personal-data.json" in zipfile.ZipFile(waiting.value.path()).namelist()
    page.click(f"a[href='{reverse('privacy:erase', args=[contact.pk])}']")
    expect(page.locator(f"input[value='customers.customer:{customer.pk}:notes']")).to_be_checked()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.fill("[name=confirmation]", "Somebody")
    page.click("[data-save-button]")
    expect(page.locator("[data-field=confirmation].has-error")).to_be_visible()
    page.fill("[name=confirmation]", "Ottilie Nadel")
    page.click("[data-save-button]")
    page.wait_for_url(f"**{reverse('customers:contact', args=[contact.pk])}")
    expect(page.locator("main")).to_contain_text(f"#{contact.pk}")
    expect(page.locator("main")).not_to_contain_text("Ottilie")
    assert Contact.objects.get().erased_at is not None
    page.goto(reverse("privacy:request_list"))
    expect(page.locator("#list")).to_contain_text(f"#{contact.pk}")
    axe(page)
