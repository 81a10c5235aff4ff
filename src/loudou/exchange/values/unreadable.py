"""A cell that cannot be read as what its column holds."""

from __future__ import annotations

from django.utils.functional import Promise


class Unreadable(ValueError):  # noqa: N818 - said to people, not raised as a bug
    """Carries the sentence that tells the person what is wrong with the cell."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
