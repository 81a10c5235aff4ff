"""The words of letters to customers: what stands there before somebody edits it, and how names are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from loudou.core.models import Company
from loudou.handover.models import Handover, HandoverLetter
from loudou.handover.selectors.letters import CHINESE, ENGLISH, Addressee

PLACEHOLDERS = ("contact", "customer", "leaver", "successor", "title", "phone", "mail", "company")
"""Names in curly braces that a letter may use."""

SUBJECTS: Mapping[str, str] = {
    CHINESE: "{company}：您的联系人由 {successor} 接任",
    ENGLISH: "{company}: {successor} looks after you from now on",
}
TEXTS: Mapping[str, str] = {
    CHINESE: (
        "{contact}，您好：\n\n"
        "感谢贵公司{customer}一直以来的信任。自即日起，{leaver} 不再负责与贵公司的业务往来，由 {successor} 接任。\n"
        "进行中的项目、合同和约定均保持不变，{successor} 已了解全部情况，会尽快与您联系。\n\n"
        "{successor}\n电话：{phone}\n邮箱：{mail}\n\n"
        "此致\n{company}\n"
    ),
    ENGLISH: (
        "Dear {contact},\n\n"
        "thank you for your trust in us. From today {successor} looks after {customer} in place of {leaver}.\n"
        "Everything under way or agreed stays as it is; {successor} knows all of it and will be in touch soon.\n\n"
        "{successor}\nPhone: {phone}\nMail: {mail}\n\n"
        "Kind regards\n{company}\n"
    ),
}
"""What is offered for editing. Letters are written in the reader's language, not in that of whoever sends them."""


def filled(text: str, to: Addressee, handover: Handover, ours: Company) -> str:
    """Fill the names in; braces around anything else stay as they are."""
    successor = to.successor
    facts = {
        "contact": to.contact.name, "customer": to.customer, "leaver": str(handover.leaver),
        "successor": str(successor), "title": successor.title, "phone": successor.phone, "mail": successor.email,
        "company": ours.name,
    }  # fmt: skip
    lines = []
    for line in text.split("\n"):
        asked = [name for name in PLACEHOLDERS if f"{{{name}}}" in line]
        if asked and not any(facts[name] for name in asked):
            continue  # nobody needs a line that says "Phone:" and nothing else
        for name in asked:
            line = line.replace(f"{{{name}}}", facts[name])  # noqa: PLW2901
        lines.append(line)
    return "\n".join(lines)


def message_of(letter: HandoverLetter) -> EmailMessage:
    """The letter as a mail: answers go to the successor, who is the sender as far as the mail server may send for them.

    A server rarely may send for foreign domains; then the company's own address sends, under the successor's name.
    """
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mail = letter.successor.email
    same_domain = mail.rpartition("@")[2].lower() == ours.rpartition("@")[2].lower()
    sender = mail if mail and same_domain else ours
    return EmailMessage(
        letter.subject,
        letter.text,
        formataddr((str(letter.successor), sender)),
        [formataddr((letter.contact.name, letter.address))],
        reply_to=[formataddr((str(letter.successor), mail))] if mail else None,
    )
