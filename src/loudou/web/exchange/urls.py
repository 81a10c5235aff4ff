"""Addresses of imports, every step of the wizard has its own, and of the record of exports."""

from django.urls import path

from loudou.web.exchange.views import downloads, exports, matching, outcome, steps, upload

app_name = "exchange"
urlpatterns = [
    path("me/exports/", exports.OwnExports.as_view(), name="own_exports"),
    path("settings/exports/", exports.ExportList.as_view(), name="export_list"),
    path("import/", outcome.ImportList.as_view(), name="import_list"),
    path("import/new/", upload.ChooseKind.as_view(), name="import_add"),
    path("import/template/<str:kind>/", downloads.Template.as_view(), name="template"),
    path("import/<int:pk>/", outcome.Outcome.as_view(), name="import"),
    path("import/<int:pk>/file/", upload.ChooseFile.as_view(), name="file"),
    path("import/<int:pk>/reading/", upload.ChooseReading.as_view(), name="reading"),
    path("import/<int:pk>/reading/preview/", upload.Preview.as_view(), name="preview"),
    path("import/<int:pk>/columns/", steps.MapColumns.as_view(), name="columns"),
    path("import/<int:pk>/matching/", matching.ChooseMatching.as_view(), name="matching"),
    path("import/<int:pk>/values/", steps.ReconcileValues.as_view(), name="values"),
    path("import/<int:pk>/check/", steps.Check.as_view(), name="check"),
    path("import/<int:pk>/rows/<int:number>/", steps.EditRow.as_view(), name="row"),
    path("import/<int:pk>/progress/", outcome.Progress.as_view(), name="progress"),
    path("import/<int:pk>/run/", outcome.Run.as_view(), name="run"),
    path("import/<int:pk>/stop/", outcome.Stop.as_view(), name="stop"),
    path("import/<int:pk>/undo/", outcome.Undo.as_view(), name="undo"),
    path("import/<int:pk>/repeat/", outcome.Repeat.as_view(), name="repeat"),
    path("import/<int:pk>/discard/", outcome.Discard.as_view(), name="discard"),
    path("import/<int:pk>/sign-in-links/", downloads.SignInLinks.as_view(), name="sign_in_links"),
    path("import/<int:pk>/failed-rows/", downloads.FailedRows.as_view(), name="failed_rows"),
]
