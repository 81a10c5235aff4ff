"""A card's text as HTML: paragraphs, lists, emphasis, words to say, links. Everything else stays the text it is."""

from __future__ import annotations

import functools

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

RULES = ("newline", "emphasis", "list", "blockquote", "link", "escape")
"""What of Markdown is understood, on top of paragraphs. No HTML, no images, no headings: a card has one title."""


@functools.cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": False}).enable(list(RULES))

    # A link leads out of Loudou: into another tab, and the page behind it learns nothing of ours.
    def link_open(self: RendererHTML, tokens: list[Token], place: int, options: OptionsDict, env: EnvType) -> str:
        tokens[place].attrSet("rel", "noopener noreferrer nofollow")
        tokens[place].attrSet("target", "_blank")
        return self.renderToken(tokens, place, options, env)

    reader.add_render_rule("link_open", link_open)
    return reader


def card_html(text: str) -> SafeString:
    """Return safe HTML of a card's text: the reader escapes all that it does not understand."""
    drawn: str = _reader().render(text)
    return mark_safe(drawn)  # noqa: S308 - HTML in the text is escaped (html=False)
