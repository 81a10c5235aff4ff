"""Addresses of customers, contacts and products."""

from django.urls import path

from loudou.web.customers.views import contacts, customers, details, phases, products

app_name = "customers"
urlpatterns = [
    path("customers/", customers.CustomerList.as_view(), name="customer_list"),
    path("customers/add/", customers.CustomerAdd.as_view(), name="customer_add"),
    path("customers/alike/", customers.DuplicateHints.as_view(), name="customer_alike"),
    path("customers/assign/", customers.CustomersAssign.as_view(), name="customers_assign"),
    path("customers/change/", customers.CustomersChange.as_view(), name="customers_change"),
    path("customers/<int:pk>/", customers.CustomerPage.as_view(), name="customer"),
    path("customers/<int:pk>/edit/", customers.CustomerEdit.as_view(), name="customer_edit"),
    path("customers/<int:pk>/assign/", customers.CustomerAssign.as_view(), name="customer_assign"),
    path("customers/<int:pk>/cell/<str:column>/", customers.CustomerCell.as_view(), name="customer_cell"),
    path("customers/<int:pk>/aside/", details.CustomerAside.as_view(), name="customer_aside"),
    path("customers/<int:pk>/phase/", phases.CustomerPhase.as_view(), name="customer_phase"),
    path("customers/<int:pk>/need/", phases.VerifyNeed.as_view(), name="need_verify"),
    path("customers/<int:pk>/need/revoke/", phases.RevokeNeed.as_view(), name="need_revoke"),
    path("customers/<int:pk>/policy/", phases.PolicyEdit.as_view(), name="policy"),
    path("customers/<int:pk>/hold/", phases.PlaceHold.as_view(), name="hold_place"),
    path("customers/<int:pk>/hold/lift/", phases.LiftHold.as_view(), name="hold_lift"),
    path("customers/<int:pk>/release/", phases.RequestRelease.as_view(), name="release_request"),
    path("releases/<int:pk>/", phases.DecideRelease.as_view(), name="release_decide"),
    path("customers/<int:pk>/members/add/", details.MemberAdd.as_view(), name="member_add"),
    path("customers/<int:pk>/members/<int:user>/remove/", details.MemberRemove.as_view(), name="member_remove"),
    path("customers/<int:pk>/parties/", details.PartiesAdd.as_view(), name="parties_add"),
    path("customers/<int:pk>/parties/<int:line>/", details.PartiesEdit.as_view(), name="parties_edit"),
    path("customers/<int:pk>/files/add/", details.FileAdd.as_view(), name="file_add"),
    path("customer-files/<int:pk>/", details.FileDownload.as_view(), name="file"),
    path("customer-files/<int:pk>/remove/", details.FileRemove.as_view(), name="file_remove"),
    path("contacts/", contacts.ContactList.as_view(), name="contact_list"),
    path("contacts/add/", contacts.ContactAdd.as_view(), name="contact_add"),
    path("contacts/<int:pk>/", contacts.ContactPage.as_view(), name="contact"),
    path("contacts/<int:pk>/edit/", contacts.ContactEdit.as_view(), name="contact_edit"),
    path("contacts/<int:pk>/move/", contacts.ContactMove.as_view(), name="contact_move"),
    path("contacts/<int:pk>/posts/add/", contacts.PostAdd.as_view(), name="post_add"),
    path("posts/<int:pk>/edit/", contacts.PostEdit.as_view(), name="post_edit"),
    path("posts/<int:pk>/end/", contacts.PostEnd.as_view(), name="post_end"),
    path("products/", products.ProductList.as_view(), name="product_list"),
    path("products/add/", products.ProductAdd.as_view(), name="product_add"),
    path("products/<int:pk>/", products.ProductPage.as_view(), name="product"),
    path("products/<int:pk>/edit/", products.ProductEdit.as_view(), name="product_edit"),
    path("product-lines/", products.LineList.as_view(), name="line_list"),
    path("product-lines/add/", products.LineAdd.as_view(), name="line_add"),
    path("product-lines/<int:pk>/edit/", products.LineEdit.as_view(), name="line_edit"),
]
