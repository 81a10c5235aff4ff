"""What surrounds pages is drawn once, and shows everybody their own."""

from __future__ import annotations

import re

import pytest

from loudou.people.choices import Role
from loudou.web.frame import surroundings


def page(client, user) -> str:
    return client.as_(user).get("/keyboard/").content.decode()


def test_nobody_gets_the_menu_of_whoever_asked_before(client, owner, colleague):
    first, second = page(client, owner), page(client, colleague)
    assert f"Menu of {owner.name}" in first and f"Menu of {colleague.name}" not in first
    assert f"Menu of {colleague.name}" in second and f"Menu of {owner.name}" not in second


def test_a_new_name_or_title_is_shown_at_once(client, owner):
    assert "Key account manager" not in page(client, owner)
    owner.name, owner.title = "Ann <b>Lee</b>", "Key account manager"
    owner.save()
    text = page(client, owner)
    assert "Menu of Ann &lt;b&gt;Lee&lt;/b&gt;" in text and "Key account manager" in text
    assert "<b>Lee" not in text


def test_navigation_follows_the_roles_of_the_moment(client, owner, make_user):
    administrator = make_user("root", Role.ADMINISTRATOR)
    assert 'href="/settings/audit' in page(client, administrator)
    assert 'href="/settings/audit' not in page(client, owner)
    administrator.roles = [Role.REP]
    administrator.save()
    assert 'href="/settings/audit' not in page(client, administrator)


def test_words_follow_the_language_and_theme_of_the_reader(client, owner):
    assert 'lang="zh-Hans" aria-pressed="false"' in page(client, owner)
    owner.language, owner.theme = "zh-hans", "dark"
    owner.save()
    text = page(client, owner)
    assert 'lang="zh-Hans" aria-pressed="true"' in text and 'value="dark" aria-pressed="true"' in text
    assert "Search or go to" not in text


@pytest.mark.parametrize("role", list(Role))
def test_what_is_remembered_holds_no_token(client, make_user, role):
    user = make_user(f"a{role}", role)
    text = page(client, user)
    tokens = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert tokens
    drawn = [
        surroundings.draw_head(),
        surroundings.draw_tail(),
        surroundings.draw_navigation(user.permissions, "/keyboard/", ""),
        surroundings.draw_new_menu(user.permissions),
        surroundings.draw_user_menu(user.pk, str(user), user.title, "auto"),
    ]
    assert not any("csrf" in part or token in part for part in drawn for token in tokens)
    assert page(client, user) != text  # each answer has a token of its own


def test_leaving_and_choosing_a_language_send_the_token(client, owner):
    text = page(client, owner)
    form = text[text.index('id="session-form"') : text.index("</form>", text.index('id="session-form"'))]
    assert "csrfmiddlewaretoken" in form and 'name="next" value="/keyboard/"' in form
    assert re.search(r'<button form="session-form" formaction="/sign-out/"', text)
    assert len(re.findall(r'<button form="session-form"[^>]* name="language"', text)) == 2
