"""Personal data of contacts among requests about personal data."""

from loudou.core.personal_data import declare

declare("privacy.personaldatarequest", plain=("counts",), searched=("note",), ties=("contact",))
