"""Addresses of the playbook."""

from django.urls import path

from loudou.web.playbook.views import beside, cards, feedback, lists, progress, questions, quiz, reading

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
    path("playbook/reading/", reading.MyReading.as_view(), name="reading"),
    path("playbook/reading/waiting/", reading.ReadingWaiting.as_view(), name="reading_waiting"),
    path("playbook/reading/<int:pk>/<int:card>/", reading.ReadCard.as_view(), name="read"),
    path("playbook/reading/<int:pk>/<int:card>/read/", reading.CardRead.as_view(), name="card_read"),
    path("playbook/reading/<int:pk>/quiz/", quiz.StartQuiz.as_view(), name="quiz_start"),
    path("playbook/quizzes/<int:pk>/", quiz.AttemptPage.as_view(), name="attempt"),
    path("playbook/quizzes/<int:pk>/hand-in/", quiz.HandIn.as_view(), name="hand_in"),
    path("playbook/lists/", lists.ReadingLists.as_view(), name="reading_lists"),
    path("playbook/lists/add/", lists.ReadingListAdd.as_view(), name="reading_list_add"),
    path("playbook/lists/<int:pk>/", lists.ReadingListPage.as_view(), name="reading_list"),
    path("playbook/lists/<int:pk>/edit/", lists.ReadingListEdit.as_view(), name="reading_list_edit"),
    path("playbook/lists/<int:pk>/cards/add/", lists.AddCard.as_view(), name="reading_item_add"),
    path("playbook/lists/<int:pk>/progress/", progress.ProgressList.as_view(), name="reading_progress"),
    path("playbook/lists/cards/<int:pk>/up/", lists.ItemAct.as_view(act_name="up"), name="reading_item_up"),
    path("playbook/lists/cards/<int:pk>/down/", lists.ItemAct.as_view(act_name="down"), name="reading_item_down"),
    path("playbook/lists/cards/<int:pk>/off/", lists.ItemAct.as_view(act_name="off"), name="reading_item_off"),
    path("playbook/lists/cards/<int:pk>/again/", lists.ItemAct.as_view(act_name="again"), name="reading_item_again"),
    path("playbook/<int:pk>/questions/add/", questions.QuestionAdd.as_view(), name="question_add"),
    path("playbook/questions/<int:pk>/edit/", questions.QuestionEdit.as_view(), name="question_edit"),
    path("playbook/questions/<int:pk>/ask/", questions.QuestionAsked.as_view(), name="question_ask"),
    path("playbook/questions/<int:pk>/rest/", questions.QuestionAsked.as_view(is_active=False), name="question_rest"),
    path("pipeline/<int:pk>/playbook/", beside.OfOpportunity.as_view(), name="of_opportunity"),
    path("pipeline/<int:pk>/playbook/few/", beside.OfOpportunity.as_view(is_part=True), name="beside_opportunity"),
    path("products/<int:pk>/playbook/", beside.OfProduct.as_view(), name="of_product"),
    path("products/<int:pk>/playbook/few/", beside.OfProduct.as_view(is_part=True), name="beside_product"),
    path("customers/<int:pk>/playbook/", beside.OfCustomer.as_view(), name="of_customer"),
    path("customers/<int:pk>/playbook/few/", beside.OfCustomer.as_view(is_part=True), name="beside_customer"),
]
