"""The demo company's people are invented."""

from loudou.core.personal_data import declare

declare("demo.demotruth", plain=("about", "facts"))
