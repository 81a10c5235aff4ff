"""Screenshots of people's pages."""
import datetime as dt, pytest
from django.test import Client
from loudou.people.choices import Role
from loudou.people.models import Membership, User
from loudou.people.services import teams, users, second_factor, tokens
from loudou.core import audit, clock
from loudou.core.models import Company, ExchangeRate
pytestmark=[pytest.mark.django_db(transaction=True)]
OUT="/tmp/shots"
def test_shots(page_as, make_user, administrator, make_team, browser, live_server, request):
    import os; os.makedirs(OUT,exist_ok=True)
    sales=make_team("销售部"); north=make_team("华北区",parent=sales,region="北京、天津"); south=make_team("华南区",parent=sales,region="广州")
    Company.objects.create(pk=1,name="漏斗重工",is_demo=True)
    for i,n in enumerate(["李娜","王伟","张敏","刘洋","陈静"]):
        make_user(f"rep{i}",team=north if i%2 else south,name=n, email=f"r{i}@x.cn")
    m=make_user("lead",Role.MANAGER,Role.REP,team=north,is_lead=True,name="赵强", title="区域经理")
    with audit.source("web",ip="203.0.113.9"):
        users.update_user(administrator,m.pk,title="大区经理",phone="138 0000 0000")
        users.set_roles(administrator,m.pk,roles=["manager"])
    ExchangeRate.objects.create(currency="USD",on="2026-01-01",rate="7.1234")
    now=clock.now()
    with audit.source("web",ip="203.0.113.9"):
        tokens.create_token(administrator,name="ERP",scopes=["pipeline.view","customers.view"],expires_at=now+dt.timedelta(days=90),at=now)
    def shots(user,paths,tag,**kw):
        page=page_as(user,**kw)
        if user is not None:
            c=Client(); c.force_login(user)
        for name,path in paths:
            page.goto(path); page.wait_for_timeout(250)
            page.screenshot(path=f"{OUT}/{tag}-{name}.png",full_page=True)
    outer=[("signin","/sign-in/")]
    shots(None,outer,"en"); shots(None,outer,"zh",language="zh-hans"); shots(None,outer,"zh390d",language="zh-hans",theme="dark",width=390)
    inner=[("profile","/me/"),("security","/me/security/"),("tokens","/me/tokens/"),("users","/settings/users/"),("user",f"/settings/users/{m.pk}/"),("useradd","/settings/users/add/"),("teams","/settings/teams/"),("team",f"/settings/teams/{north.pk}/"),("roles","/settings/roles/"),("company","/settings/company/"),("rates","/settings/rates/"),("audit","/settings/audit/"),("history",f"/history/people_user/{m.pk}/")]
    shots(administrator,inner,"en"); shots(administrator,inner,"zh390d",language="zh-hans",theme="dark",width=390)
    shots(administrator,inner,"zh",language="zh-hans")
    # panel
    page=page_as(administrator,language="zh-hans"); page.goto("/settings/users/"); page.click("a.row-link >> nth=2"); page.wait_for_timeout(600); page.screenshot(path=f"{OUT}/zh-panel.png")
