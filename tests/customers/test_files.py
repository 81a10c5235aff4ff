"""Documents kept with a customer."""

import pytest
from django.core.files.base import ContentFile

from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.customers import services
from loudou.customers.errors import FileEmpty, FileKindRefused, FileTooLarge
from loudou.customers.models import CustomerFile
from loudou.customers.services import CustomerDraft
from loudou.customers.services.files import safe_name

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a drawing"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def customer(owner, now):
    return services.create_customer(owner, CustomerDraft(name="Acme"), at=now)


def attach(actor, customer, name="drawing.pdf", content=PDF, limit_mb=1):
    return services.attach_file(actor, customer.pk, name=name, content=ContentFile(content), limit_mb=limit_mb)


def stored(media):
    return [path for path in media.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_a_name_of_ours(owner, customer, media):
    row = attach(owner, customer, name="../../etc/合同 1.pdf")
    assert (row.name, row.size, row.uploaded_by) == ("合同 1.pdf", len(PDF), owner)
    (path,) = stored(media)
    assert path.read_bytes() == PDF
    assert "合同" not in path.name and path.suffix == ".pdf"


def test_strangers_attach_and_remove_nothing(owner, stranger, executive, customer, media):
    row = attach(owner, customer)
    with pytest.raises(NotVisible):
        attach(stranger, customer)
    with pytest.raises(NotVisible):
        services.remove_file(stranger, row.pk)
    with pytest.raises(PermissionRefused):
        services.remove_file(executive, row.pk)
    assert CustomerFile.objects.count() == 1 and len(stored(media)) == 1


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("a.pdf", b"", FileEmpty),
        ("a.pdf", PDF + b"x" * 1024 * 1024, FileTooLarge),
        ("a.exe", b"MZ", FileKindRefused),
        ("a.txt", b"MZ\x90", FileKindRefused),
        ("a.html", b"hello", FileKindRefused),
        ("a.txt", b"  <script>alert(1)</script>", FileKindRefused),
        ("a.pdf", b"not a pdf", FileKindRefused),
        ("a.xlsx", PDF, FileKindRefused),
        ("a.SVG", b"<svg>", FileKindRefused),
    ],
)
def test_what_is_not_a_document_is_refused(owner, customer, media, name, content, refusal):
    with pytest.raises(refusal):
        attach(owner, customer, name=name, content=content)
    assert not CustomerFile.objects.exists() and not stored(media)


def test_removing_takes_the_bytes_when_the_transaction_commits(
    owner, customer, media, django_capture_on_commit_callbacks
):
    row = attach(owner, customer)
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_file(owner, row.pk)
        assert stored(media)
    assert not stored(media) and not CustomerFile.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("..", "file"),
        ("C:\\Users\\a\\report.docx", "report.docx"),
        ('a"b\r\n.pdf', "a_b_.pdf"),
        ("报价单.xlsx", "报价单.xlsx"),
        (".htaccess", "htaccess"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_names_become_harmless(given, kept):
    assert safe_name(given) == kept
