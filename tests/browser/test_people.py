"""Coming in with a second factor, and adding a colleague, in a real browser and both languages."""

from __future__ import annotations

import re

import pytest
from tests.conftest import PASSWORD
from tests.people.test_second_factor import code_of

from loudou.core import clock
from loudou.people.models import Membership, User
from loudou.people.services import second_factor, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {
    "en": {"name": "Sign-in name", "password": "Password", "in": "Sign in", "code": "Code", "new": "New user",
           "full": "Full name", "role": "Sales rep", "save": "Save",
           "link": "Link for setting a password"},
    "zh-hans": {"name": "登录名", "password": "密码", "in": "登录", "code": "验证码", "new": "新建用户",
                "full": "姓名", "role": "销售代表", "save": "保存", "link": "设置密码的链接"},
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_signing_in_with_a_second_factor(page_as, owner, language):
    User.objects.filter(pk=owner.pk).update(language=language)
    secret = second_factor.begin_set_up(owner, issuer="Loudou", at=clock.now()).secret
    codes = second_factor.confirm_set_up(owner, code=code_of(secret, clock.now()), at=clock.now())
    words, page = WORDS[language], page_as(None, language=language)
    page.goto("/me/security/")
    page.get_by_label(words["name"]).fill("owner")
    page.get_by_label(words["password"]).fill(PASSWORD)
    page.get_by_role("button", name=words["in"], exact=True).click()
    page.get_by_label(words["code"]).fill(codes[0])
    page.get_by_role("button", name=words["in"], exact=True).click()
    page.wait_for_url("**/me/security/")
    assert page.get_by_text("Chrome", exact=False).first.is_visible()


def test_setting_up_a_second_factor_by_scanning(page_as, owner):
    page = page_as(None)
    page.goto("/me/security/second-factor/")
    page.get_by_label("Sign-in name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    picture = page.get_by_alt_text("QR code for your authenticator app")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")  # the policy lets it be drawn
    page.get_by_text("I cannot scan it").click()
    secret = re.sub(r"\s", "", page.locator("code.secret-key").inner_text())
    page.get_by_label("Code").fill(code_of(secret, clock.now()))
    page.get_by_role("button", name="Switch on").click()
    page.wait_for_selector(".recovery-codes")
    assert page.locator(".recovery-codes li").count() == 10
    assert sign_in.has_second_factor(owner)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_administrator_adds_a_colleague(page_as, administrator, home_team, language):
    words, page = WORDS[language], page_as(administrator, language=language)
    page.goto("/settings/users/")
    page.locator("main").get_by_role("link", name=words["new"]).first.click()
    dialog = page.locator("#dialog-host")
    dialog.get_by_label(words["full"]).fill("李娜")
    dialog.get_by_label(words["name"]).fill("lina")
    dialog.get_by_label(words["role"]).check()
    dialog.locator("select[name=team]").select_option(str(home_team.pk))
    dialog.get_by_role("button", name=words["save"]).click()
    page.wait_for_url(re.compile(r"/settings/users/\d+/"))
    page.get_by_role("button", name=words["link"]).click()
    page.wait_for_selector("input.secret-key")
    link = page.locator("input.secret-key").input_value()
    assert "/sign-in/password/" in link
    created = User.objects.get(username="lina")
    assert created.roles == ["rep"]
    assert Membership.objects.get(user=created).team == home_team
