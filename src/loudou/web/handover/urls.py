"""Addresses of handovers."""

from django.urls import path

from loudou.web.handover.views import handovers, letters, plans

app_name = "handover"
urlpatterns = [
    path("settings/handovers/", handovers.HandoverList.as_view(), name="list"),
    path("settings/handovers/<int:pk>/", handovers.HandoverPage.as_view(), name="handover"),
    path("settings/handovers/waiting/", handovers.Waiting.as_view(), name="waiting"),
    path("settings/handovers/<int:pk>/<str:language>.pdf", letters.ProtocolPdf.as_view(), name="pdf"),
    path("settings/handovers/<int:pk>/letters/", letters.WriteLetters.as_view(), name="letters"),
    path("settings/handovers/letters/<int:pk>/again/", letters.SendAgain.as_view(), name="letter_again"),
    path("settings/handovers/letters/<int:pk>/letter.eml", letters.LetterFile.as_view(), name="letter_file"),
    path("settings/handovers/<int:pk>/confirm/", handovers.Confirm.as_view(), name="confirm"),
    path("settings/handovers/of/<int:pk>/", plans.Prepare.as_view(), name="prepare"),
    path("settings/handovers/plans/<int:pk>/", plans.PlanPage.as_view(), name="plan"),
    path("settings/handovers/plans/<int:pk>/edit/", plans.EditPlan.as_view(), name="plan_edit"),
    path("settings/handovers/plans/<int:pk>/choose/", plans.Choose.as_view(), name="choose"),
    path("settings/handovers/plans/<int:pk>/split/", plans.Split.as_view(), name="split"),
    path("settings/handovers/plans/<int:pk>/notes/<int:customer>/", plans.Note.as_view(), name="note"),
    path("settings/handovers/plans/<int:pk>/drop/", plans.Drop.as_view(), name="drop"),
    path("settings/handovers/plans/<int:pk>/carry-out/", plans.CarryOut.as_view(), name="carry_out"),
]
