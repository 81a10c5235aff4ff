"""Personal data of contacts in the playbook: an example on a card, a suggestion or a question may name somebody."""

from loudou.core.personal_data import declare

declare("playbook.card", searched=("title", "title_zh", "body", "body_zh"), derived=("search_text",))
declare("playbook.cardproduct")
declare("playbook.cardline")
declare("playbook.cardstage")
declare("playbook.carduse")
declare("playbook.cardvote")
declare("playbook.cardsuggestion", searched=("text", "answer"))
declare("playbook.readinglist", plain=("name", "name_zh"))
declare("playbook.readinglistteam")
declare("playbook.readingitem")
declare("playbook.reading")
declare("playbook.question")
declare("playbook.questionedition", searched=("text", "text_zh"))
declare("playbook.choice", searched=("text", "text_zh"))
declare("playbook.attempt")
declare("playbook.attemptquestion")
declare("playbook.attemptanswer")
declare("playbook.attemptresult")
