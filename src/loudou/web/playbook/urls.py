"""Addresses of the playbook."""

from django.urls import path

from loudou.web.playbook.views import beside, cards, feedback

app_name = "playbook"
urlpatterns = [
    path("playbook/", cards.CardList.as_view(), name="card_list"),
    path("playbook/add/", cards.CardAdd.as_view(), name="card_add"),
    path("playbook/desk/", feedback.Desk.as_view(), name="desk"),
    path("playbook/<int:pk>/", cards.CardPage.as_view(), name="card"),
    path("playbook/<int:pk>/edit/", cards.CardEdit.as_view(), name="card_edit"),
    path("playbook/<int:pk>/publish/", cards.CardPublish.as_view(), name="card_publish"),
    path("playbook/<int:pk>/check/", cards.CardCheck.as_view(), name="card_check"),
    path("playbook/<int:pk>/withdraw/", cards.CardWithdraw.as_view(), name="card_withdraw"),
    path("playbook/<int:pk>/used/", feedback.CardUsed.as_view(), name="card_used"),
    path("playbook/<int:pk>/vote/", feedback.CardVoted.as_view(), name="card_vote"),
    path("playbook/<int:pk>/suggest/", feedback.SuggestCorrection.as_view(), name="suggest"),
    path("playbook/suggestions/<int:pk>/", feedback.AnswerSuggestion.as_view(), name="answer"),
    path("pipeline/<int:pk>/playbook/", beside.OfOpportunity.as_view(), name="of_opportunity"),
    path("pipeline/<int:pk>/playbook/few/", beside.OfOpportunity.as_view(is_part=True), name="beside_opportunity"),
    path("products/<int:pk>/playbook/", beside.OfProduct.as_view(), name="of_product"),
    path("products/<int:pk>/playbook/few/", beside.OfProduct.as_view(is_part=True), name="beside_product"),
    path("customers/<int:pk>/playbook/", beside.OfCustomer.as_view(), name="of_customer"),
    path("customers/<int:pk>/playbook/few/", beside.OfCustomer.as_view(is_part=True), name="beside_customer"),
]
