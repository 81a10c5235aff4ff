"""Customers are told once, by whoever looks after them now, and what became of each letter stands there."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from django.core import mail
from django.urls import reverse

from loudou.customers.models import Contact, Post
from loudou.handover import tasks
from loudou.handover.models import HandoverLetter
from loudou.handover.services import letters
from loudou.people.models import User

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def done(desk, prepare, hand_over, heir):
    """The work is handed over to the heir, and there are people to tell at Acme and at Boro."""
    User.objects.filter(pk=heir.pk).update(phone="555 1234", email="hana@example.com")
    for name, emails, facts in (
        ("Silent Sam", ["sam@boro.example"], {"do_not_mail": True}),
        ("Mailless Mia", [], {"phones": ["555 9"]}),
        ("李雷", ["li@boro.example", "second@boro.example"], {}),
    ):
        Post.objects.create(contact=Contact.objects.create(name=name, emails=emails, **facts), customer=desk.boro)
    return hand_over(prepare(successor_id=heir.pk))


@pytest.fixture
def queued(monkeypatch):
    """Numbers of the letters that a worker was asked to send."""
    found: list[int] = []

    def defer(*, letter_id: int) -> None:
        found.append(letter_id)

    monkeypatch.setattr(tasks.send_letter, "defer", defer)
    return found


def post(client, handover, **changed):
    """Send the form as it is offered, with changes."""
    page = client.get(reverse("handover:letters", args=[handover.pk]))
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields} | changed
    return client.post(reverse("handover:letters", args=[handover.pk]), data)


def test_letters_wait_until_the_handover_is_kept_and_then_are_sent_once(
    client, done, heir, manager, queued, settings, django_capture_on_commit_callbacks, at
):
    settings.SENDS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "Loudou <sales@example.com>"
    with django_capture_on_commit_callbacks() as callbacks:
        assert post(client.as_(manager), done).status_code == 302
        assert queued == []
    for callback in callbacks:
        callback()
    assert queued == list(HandoverLetter.objects.order_by("pk").values_list("pk", flat=True))
    for pk in [*queued, *queued]:
        letters.send_letter(pk, at=at)
    assert [message.to for message in mail.outbox] == [
        ["Wang Fang <wang@acme.example>"], ["=?utf-8?b?5p2O6Zu3?= <li@boro.example>"],
    ]  # fmt: skip
    english, chinese = mail.outbox
    assert (english.from_email, english.reply_to) == (
        "Hana Heir <hana@example.com>", ["Hana Heir <hana@example.com>"],
    )  # fmt: skip
    assert "Dear Wang Fang" in english.body
    assert "Hana Heir looks after Acme in place of Lee Aver" in english.body
    assert "Phone: 555 1234" in english.body
    assert "李雷，您好" in chinese.body
    assert {letter.state for letter in HandoverLetter.objects.all()} == {"sent"}
    assert HandoverLetter.objects.first().sent_at == at


def test_who_wants_no_mail_or_has_none_is_named_and_gets_none(client, done, manager, settings, queued):
    settings.SENDS_MAIL = True
    page = client.as_(manager).get(reverse("handover:letters", args=[done.pk])).content.decode()
    assert "wants no mail" in page
    assert "has no mail address" in page
    sam = Contact.objects.get(name="Silent Sam")
    answer = post(client.as_(manager), done, contacts=[sam.pk])
    assert answer.status_code == 422
    assert not HandoverLetter.objects.exists()


def test_nobody_is_written_to_twice(client, done, manager, settings, queued):
    settings.SENDS_MAIL = True
    post(client.as_(manager), done)
    before = HandoverLetter.objects.count()
    everybody = list(Contact.objects.values_list("pk", flat=True))
    words = {"en": ("Again", "Again"), "zh-hans": ("再次", "再次")}
    assert tasks.write_letters(manager, done.pk, contact_ids=everybody, words=words) == []
    assert HandoverLetter.objects.count() == before == 2


def test_trouble_is_kept_and_the_letter_sent_again(client, done, manager, settings, queued, monkeypatch, at):
    settings.SENDS_MAIL = True
    post(client.as_(manager), done)
    letter = HandoverLetter.objects.order_by("pk").first()

    def refuse(*_args, **_facts):
        raise OSError("the server is away")

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.message.EmailMessage.send", refuse)
        letters.send_letter(letter.pk, at=at)
    letter.refresh_from_db()
    assert (letter.state, letter.trouble, letter.attempts) == ("failed", "the server is away", 1)
    assert (
        "the server is away" in client.as_(manager).get(reverse("handover:handover", args=[done.pk])).content.decode()
    )
    client.as_(manager).post(reverse("handover:letter_again", args=[letter.pk]))
    letters.send_letter(letter.pk, at=at)
    letter.refresh_from_db()
    assert (letter.state, letter.trouble, letter.attempts) == ("sent", "", 2)
    assert len(mail.outbox) == 1
    assert client.as_(manager).post(reverse("handover:letter_again", args=[letter.pk])).status_code == 409


def test_a_letter_whose_worker_died_is_not_sent_again_by_itself(client, done, manager, settings, queued, at):
    settings.SENDS_MAIL = True
    post(client.as_(manager), done)
    letter = HandoverLetter.objects.order_by("pk").first()
    HandoverLetter.objects.filter(pk=letter.pk).update(state="sending")
    assert letters.send_letter(letter.pk, at=at) is None
    assert mail.outbox == []


def test_without_a_mail_server_the_letters_are_there_as_files(client, done, manager, settings, queued):
    settings.SENDS_MAIL = False
    assert (
        "No mail server is set up"
        in client.as_(manager).get(reverse("handover:letters", args=[done.pk])).content.decode()
    )
    post(client.as_(manager), done)
    assert queued == []
    letter = HandoverLetter.objects.order_by("pk").first()
    assert letter.state == "draft"
    file = client.as_(manager).get(reverse("handover:letter_file", args=[letter.pk]))
    message = message_from_bytes(file.content)
    assert (file.headers["Content-Type"], message["Subject"]) == (
        "message/rfc822", "Loudou: Hana Heir looks after you from now on",
    )  # fmt: skip
    again = client.as_(manager).post(reverse("handover:letter_again", args=[letter.pk]))
    assert again.status_code == 409


def test_a_foreign_domain_is_not_used_as_sender(done, heir, manager, settings, queued):
    settings.SENDS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "Loudou <sales@company.example>"
    people = [Contact.objects.get(name="Wang Fang").pk]
    [letter] = tasks.write_letters(
        manager, done.pk, contact_ids=people, words={"en": ("Hello", "{phone}\n{title}\nBye")}
    )
    assert letter.text == "555 1234\nBye"  # no line for a title that nobody has
    from loudou.handover.letter_texts import message_of

    message = message_of(letter)
    assert (message.from_email, message.reply_to) == (
        "Hana Heir <sales@company.example>", ["Hana Heir <hana@example.com>"],
    )  # fmt: skip


def test_a_letter_needs_words(client, done, manager, settings, queued):
    settings.SENDS_MAIL = True
    answer = post(client.as_(manager), done, text_en=" ")
    assert answer.status_code == 422
    assert not HandoverLetter.objects.exists()
