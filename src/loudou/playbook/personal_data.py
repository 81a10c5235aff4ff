"""Personal data of contacts in the playbook: an example on a card, or a suggestion, may name somebody."""

from loudou.core.personal_data import declare

declare("playbook.card", searched=("title", "title_zh", "body", "body_zh"), derived=("search_text",))
declare("playbook.cardproduct")
declare("playbook.cardline")
declare("playbook.cardstage")
declare("playbook.carduse")
declare("playbook.cardvote")
declare("playbook.cardsuggestion", searched=("text", "answer"))
