"""Pages of people: coming in, one's own account, and what administrators and auditors do."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.conftest import PASSWORD
from tests.people.test_second_factor import code_of

from loudou.core import clock
from loudou.core.models import Company
from loudou.core.rates import company
from loudou.people.models import ApiToken, AuditEntry, Membership, Session, User
from loudou.people.permissions import PERMISSIONS
from loudou.people.services import second_factor, sign_in, tokens

STRONG = "sieben-Zwerge-und-Milch"
SIGN_IN = "/sign-in/"


def enter(client, username="owner", password=PASSWORD, **more):
    return client.post(
        SIGN_IN, {"username": username, "password": password, **more}, HTTP_USER_AGENT="Firefox/140 Windows"
    )


def set_up(user):
    """Switch the second factor on and return its key and recovery codes."""
    secret = second_factor.begin_set_up(user, issuer="Loudou", at=clock.now()).secret
    return secret, second_factor.confirm_set_up(user, code=code_of(secret, clock.now()), at=clock.now())


def test_signing_in_makes_a_new_session_that_knows_where_it_is(client, owner):
    client.get(SIGN_IN)
    answer = enter(client, next="/me/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me/")
    session = Session.objects.get(user=owner)
    assert session.ip_address == "127.0.0.1"
    assert "Firefox" in session.user_agent
    assert client.get("/me/security/").status_code == 200
    assert AuditEntry.objects.get(table_name="signed_in").actor_id == owner.pk


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", ""]
)
def test_next_leads_nowhere_else(client, owner, target):
    assert enter(client, next=target).headers["Location"] == "/"


def test_wrong_password_says_so_with_401_and_keeps_the_name(client, owner):
    answer = enter(client, password="wrong")
    assert answer.status_code == 401
    assert b"This name and password do not match." in answer.content
    assert b'value="owner"' in answer.content
    assert b"wrong" not in answer.content.replace(b"is wrong", b"")


def test_the_sixth_attempt_is_told_how_long_to_wait(client, owner, frozen):
    for _ in range(5):
        enter(client, password="wrong")
    answer = enter(client)
    assert answer.status_code == 429
    assert b"Wait 15 min" in answer.content
    assert not Session.objects.filter(user=owner).exists()


def test_second_factor_is_asked_before_anybody_is_signed_in(client, owner):
    _secret, codes = set_up(owner)
    assert enter(client, next="/me/").headers["Location"] == "/sign-in/code/"
    assert client.get("/me/").headers["Location"].startswith(SIGN_IN)
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 422
    answer = client.post("/sign-in/code/", {"code": codes[0]})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me/")
    assert client.get("/me/").status_code == 200


def test_the_way_to_the_second_factor_closes_after_ten_minutes(client, owner, frozen):
    _secret, codes = set_up(owner)
    enter(client)
    frozen.shift(dt.timedelta(minutes=11))
    assert client.post("/sign-in/code/", {"code": codes[0]}).headers["Location"] == SIGN_IN


def test_a_code_without_a_password_leads_to_the_beginning(client, owner):
    assert client.post("/sign-in/code/", {"code": "123456"}).headers["Location"] == SIGN_IN


def test_set_up_with_a_real_code_shows_recovery_codes_once(client, owner):
    enter(client)
    shown = client.get("/me/security/second-factor/").content.decode()
    assert 'src="data:image/svg+xml' in shown
    secret = re.search(r'<code class="secret-key">([A-Z2-7 ]+)</code>', shown)[1].replace(" ", "")
    answer = client.post("/me/security/second-factor/", {"code": code_of(secret, clock.now())})
    codes = re.findall(r"<li><code>([a-z2-9-]+)</code></li>", answer.content.decode())
    assert len(codes) == 10
    assert sign_in.has_second_factor(owner)
    assert codes[0] not in client.get("/me/security/").content.decode()


def test_sensitive_pages_ask_for_the_password_after_a_quarter_of_an_hour(client, owner, frozen):
    enter(client)
    assert client.get("/me/tokens/add/").status_code == 200
    frozen.shift(dt.timedelta(minutes=16))
    assert client.get("/me/tokens/add/").headers["Location"] == "/sign-in/confirm/?next=%2Fme%2Ftokens%2Fadd%2F"
    assert client.post("/me/security/recovery-codes/").headers["Location"].endswith("next=%2Fme%2Fsecurity%2F")
    assert client.post("/sign-in/confirm/", {"password": "wrong", "next": "/me/tokens/add/"}).status_code == 422
    client.post("/sign-in/confirm/", {"password": PASSWORD, "next": "/me/tokens/add/"})
    assert client.get("/me/tokens/add/").status_code == 200


def test_sign_in_ends_when_it_is_too_old_even_in_use(client, owner, frozen, settings):
    settings.SESSION_COOKIE_AGE, settings.SESSION_LONGEST_DAYS = 3600 * 24 * 400, 30
    enter(client)
    frozen.shift(dt.timedelta(days=29))
    assert client.get("/me/").status_code == 200
    frozen.shift(dt.timedelta(days=2))
    assert client.get("/me/").status_code == 302


def test_idle_sign_in_ends_and_use_moves_the_end(client, owner, frozen, settings):
    settings.SESSION_COOKIE_AGE = 3600
    enter(client)
    for _ in range(3):
        frozen.shift(dt.timedelta(minutes=50))
        assert client.get("/me/").status_code == 200
    frozen.shift(dt.timedelta(minutes=61))
    assert client.get("/me/").status_code == 302


def test_company_may_ask_everybody_for_a_second_factor(client, owner):
    company()
    Company.objects.update(require_second_factor=True)
    enter(client)
    assert client.get("/me/").headers["Location"] == "/me/security/second-factor/"
    secret = second_factor.begin_set_up(owner, issuer="Loudou", at=clock.now()).secret
    client.post("/me/security/second-factor/", {"code": code_of(secret, clock.now())})
    assert client.get("/me/").status_code == 200


def test_new_password_signs_other_browsers_out_and_keeps_this_one(client, owner):
    other = client.as_(owner)
    enter(client)
    given = {"current": PASSWORD, "password": STRONG, "repeated": STRONG}
    assert client.post("/me/password/", {**given, "current": "wrong"}).status_code == 422
    assert client.post("/me/password/", {**given, "repeated": "else"}).status_code == 422
    assert other.get("/me/").status_code == 200
    assert client.post("/me/password/", given).status_code == 302
    assert client.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302


def test_another_browser_is_signed_out_from_the_list(client, owner):
    other = client.as_(owner)
    enter(client)
    there = Session.objects.exclude(session_key=client.session.session_key).get(user=owner)
    page = client.get("/me/security/").content.decode()
    assert there.session_key not in page
    assert client.session.session_key not in page
    client.post(reverse("people:session_end", args=[there.reference]))
    assert other.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200


def test_signing_out_is_a_post_and_ends_the_session(client, owner):
    enter(client)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/me/").status_code == 302
    assert not Session.objects.filter(user=owner).exists()
    assert AuditEntry.objects.filter(table_name="signed_out", actor=owner).count() == 1


def test_token_is_made_on_the_page_and_works_within_its_scopes(client, owner):
    enter(client)
    answer = client.post("/me/tokens/add/", {"name": "ERP", "days": "30", "scopes": ["pipeline.view"]})
    secret = re.search(r'value="(ldu_[\w-]+)"', answer.content.decode())[1]
    user, scopes = tokens.authenticate_token(secret, clock.now())
    assert (user, scopes) == (owner, {"pipeline.view"})
    assert secret not in client.get("/me/tokens/").content.decode()
    client.post(reverse("people:token_revoke", args=[ApiToken.objects.get().pk]))
    assert tokens.authenticate_token(secret, clock.now()) is None


def test_forgotten_password_says_the_same_to_everybody_and_mails_only_whom_it_knows(client, owner, settings):
    settings.SENDS_MAIL = True
    assert b'href="/sign-in/password/"' in client.get(SIGN_IN).content
    answers = []
    for typed in ("owner", "nobody"):
        answer = client.post("/sign-in/password/", {"name": typed})
        assert answer.status_code == 200
        answers.append(re.sub(rb'csrfmiddlewaretoken" value="[^"]+', b"", answer.content))
    assert answers[0] == answers[1]
    assert b"a mail with a link is on its way" in answers[0]
    jobs = [job.args for job in ProcrastinateJob.objects.order_by("pk")]
    page = "http://testserver/sign-in/password/"
    assert jobs == [{"user_id": owner.pk, "page": page}, {"user_id": None, "page": page}]


def test_where_no_mail_is_sent_the_page_names_the_administrator(client, owner, settings):
    settings.SENDS_MAIL = False
    page = client.get("/sign-in/password/").content
    assert b"No mail server is set up here. Ask an administrator" in page
    assert b'name="name"' not in page
    client.post("/sign-in/password/", {"name": "owner"})
    assert not ProcrastinateJob.objects.exists()


def test_a_second_factor_asked_of_one_user_alone(client, administrator, owner, colleague):
    address = reverse("people:user_edit", args=[owner.pk])
    given = {"name": "Owner", "username": "owner", "roles": ["rep"], "language": "en", "require_second_factor": "on"}
    client.as_(administrator).post(address, given)
    enter(client)
    assert client.get("/").headers["Location"] == "/me/security/second-factor/"
    other = type(client)()
    enter(other, "colleague")
    assert other.get("/").status_code == 200


def test_a_second_factor_asked_of_somebody_signed_in_is_due_within_five_minutes(client, owner, frozen):
    enter(client)
    User.objects.filter(pk=owner.pk).update(require_second_factor=True)
    assert client.get("/").status_code == 200
    frozen.shift(dt.timedelta(minutes=5))
    client.get("/")
    assert client.get("/").headers["Location"] == "/me/security/second-factor/"
    set_up(owner)
    frozen.shift(dt.timedelta(minutes=5))
    client.get("/sign-in/confirm/")
    assert client.get("/").status_code == 200


def test_administrator_adds_a_user_who_sets_a_password_by_link(client, administrator, home_team):
    admin = client.as_(administrator)
    given = {"name": "李娜", "username": "lina", "roles": ["rep"], "language": "en", "team": home_team.pk}
    assert admin.post("/settings/users/add/", given).status_code == 302
    user = User.objects.get(username="lina")
    assert Membership.objects.get(user=user).team == home_team
    shown = admin.post(reverse("people:user_password_link", args=[user.pk])).content.decode()
    link = re.search(r'value="http://testserver(/sign-in/password/[^"]+)"', shown)[1]
    assert client.get(link).status_code == 200
    assert client.post(link, {"password": "short", "repeated": "short"}).status_code == 422
    assert client.post(link, {"password": STRONG, "repeated": STRONG}).headers["Location"] == "/sign-in/?set=1"
    assert client.get(link).status_code == 410
    assert enter(client, "lina", STRONG).status_code == 302


def test_bad_facts_stand_beside_their_field(client, administrator, owner):
    answer = client.as_(administrator).post(
        "/settings/users/add/", {"name": "X", "username": "OWNER", "roles": ["rep"], "language": "en"}
    )
    assert answer.status_code == 422
    assert b"This sign-in name is taken." in answer.content
    assert User.objects.filter(name="X").count() == 0


def test_every_area_of_permissions_has_a_name(client, owner):
    page = client.as_(owner).get("/settings/roles/")
    named = [str(area) for area, _rows in page.context["areas"]]
    assert "Contracts" in named
    assert not {verb.partition(".")[0] for verb in PERMISSIONS} & set(named)


def test_two_administrators_editing_one_user_see_both_values(client, administrator, owner):
    admin, address = client.as_(administrator), reverse("people:user_edit", args=[owner.pk])
    given = {"name": "Owner", "username": "owner", "roles": ["rep"], "language": "en", "version": "1"}
    assert admin.post(address, {**given, "title": "First"}).status_code == 302
    answer = admin.post(address, {**given, "title": "Second"})
    assert answer.status_code == 409
    assert b"First" in answer.content
    assert b"Second" in answer.content
    assert User.objects.get(pk=owner.pk).title == "First"


def test_auditor_reads_what_happened_in_words(client, administrator, auditor, owner):
    address = reverse("people:user_edit", args=[owner.pk])
    given = {"name": "Owner", "username": "owner", "roles": ["manager"], "language": "en"}
    client.as_(administrator).post(address, given)
    page = client.as_(auditor).get("/settings/audit/?subject=people_user&operation=update").content.decode()
    assert "<del>Sales rep</del>" in page
    assert "<ins>Sales manager</ins>" in page
    assert "Administrator" in page
    shown = client.as_(auditor).get("/settings/audit/?q=nothing-like-this").content.decode()
    assert "Nothing matches these filters" in shown


def test_audit_can_be_exported_and_the_export_is_in_the_audit(client, auditor, owner):
    answer = client.as_(auditor).get("/settings/audit/?export=csv")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "people_user" not in content.splitlines()[0]
    assert AuditEntry.objects.filter(table_name="exported", actor=auditor).count() == 1


def test_the_page_of_roles_says_what_each_role_sees_of_everything(client, owner):
    page = client.as_(owner).get("/settings/roles/").content.decode()
    table = page[page.index("How far each role sees") : page.index("What each role may do")]
    rows = re.findall(r"<tr><th scope=.row.>(.*?)</th>(.*?)</tr>", table, re.DOTALL)
    seen = {label.partition("<")[0]: re.findall(r"<td[^>]*>(.*?)</td>", cells) for label, cells in rows}
    assert list(seen) == [
        "Customers and contacts",
        "Opportunities",
        "Contracts and money",
        "Bank statements",
        "Handovers",
        "Users and teams",
        "Products",
        "Playbook",
        "Progress in reading lists",
        "Audit",
    ]
    rep, manager, operations, finance, executive, administrator, auditor = zip(*seen.values(), strict=True)
    own = ("own records",) * 3
    assert rep == (*own, "nothing", "own records", *("everything",) * 3, "own records", "nothing")
    assert manager[:4] == ("records of the team",) * 3 + ("nothing",)
    assert operations[:4] == executive[:4] == ("everything",) * 3 + ("nothing",)
    known = ("everything",) * 3
    assert finance == ("everything", "nothing", *known[:2], "own records", *known, "own records", "nothing")
    assert administrator == auditor == ("everything",) * 10


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    "address",
    ["/me/", "/me/security/", "/me/tokens/", "/settings/users/", "/settings/teams/", "/settings/roles/",
     "/settings/company/", "/settings/rates/", "/settings/audit/"],
)  # fmt: skip
def test_pages_cost_few_statements_and_no_more_with_more_people(
    client, administrator, make_user, home_team, address, language, django_assert_max_num_queries
):
    company()
    User.objects.filter(pk=administrator.pk).update(language=language)
    for number in range(30):
        make_user(f"u{number}", team=home_team)
    admin = client.as_(administrator)
    with django_assert_max_num_queries(12):
        assert admin.get(address).status_code == 200
