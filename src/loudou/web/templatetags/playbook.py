"""Tags of the playbook's templates."""

from __future__ import annotations

from django import template

from loudou.web.playbook.looks import about, kind_mark, reading_mark, state_mark
from loudou.web.playbook.rendering import card_html

register = template.Library()
register.filter("card_html", card_html)
register.filter("card_about", about)
register.simple_tag(kind_mark, name="card_kind")
register.simple_tag(state_mark, name="card_state")
register.simple_tag(reading_mark, name="reading_state")
