"""The translation tool on a small tree of its own."""

from __future__ import annotations

import pytest

from tools import messages

TEMPLATE = """{% load i18n %}
<div>
      <p title="{% translate "Don't lose 50%" %}">
   {% blocktranslate trimmed count n=rows|length %}
      One row of {{ n }}
   {% plural %}
      {{ n }} rows
   {% endblocktranslate %}
  {% translate "May" context "month" %}{# {% translate "a comment" %} #} 中文
</div>"""
PYTHON = '''"""A module."""
from django.utils.translation import gettext_lazy as _, ngettext, pgettext

NAME = _("Hello %(name)s")
def count(n): return ngettext("one deal", "%(n)s deals", n)
MAY = pgettext("permission", "May")
'''


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Two packages, one with screens."""
    for package in ("sales", "web", "web/board"):
        (tmp_path / package).mkdir(parents=True, exist_ok=True)
        (tmp_path / package / "__init__.py").write_text('"""Package."""\n')
    (tmp_path / "sales" / "words.py").write_text(PYTHON)
    (tmp_path / "web" / "board" / "templates").mkdir()
    (tmp_path / "web" / "board" / "templates" / "board.html").write_text(TEMPLATE)
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    return tmp_path


def translate(package, translations: dict[str, str]) -> None:
    """Fill in a catalogue as a translator would."""
    path = messages.po_path(package)
    text = path.read_text(encoding="utf-8")
    for sentence, translation in translations.items():
        before, found, after = text.partition(f'msgid "{sentence}"\n')
        assert found
        head, empty, tail = after.partition('""')
        assert empty
        text = f'{before}{found}{head}"{translation}"{tail}'
    path.write_text(text, encoding="utf-8")


SALES = {"Hello %(name)s": "你好 %(name)s", "one deal": "%(n)s 笔", "May": "可以"}
BOARD = {"Don't lose 50%%": "别丢掉 50%%", "One row of %(n)s": "%(n)s 行", "May": "五月"}


def test_every_kind_of_sentence_is_found_and_comments_are_not(tree):
    found = {(m.id, m.context) for m in messages.sentences(messages.extracted(tree / "web" / "board"))}
    assert found == {("Don't lose 50%%", None), (("One row of %(n)s", "%(n)s rows"), None), ("May", "month")}
    found = {(m.id, m.context) for m in messages.sentences(messages.extracted(tree / "sales"))}
    assert found == {("Hello %(name)s", None), (("one deal", "%(n)s deals"), None), ("May", "permission")}


def test_each_package_has_its_own_catalogue_and_a_second_run_changes_nothing(tree, capsys):
    assert messages.main([]) == 0
    assert not messages.po_path(tree / "web").exists()
    path = messages.po_path(tree / "sales")
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    messages.main([])
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert "sales: not translated: 'Hello %(name)s'" in capsys.readouterr().out


def test_translations_survive_and_sentences_that_are_gone_leave(tree):
    messages.main([])
    translate(tree / "sales", SALES)
    (tree / "sales" / "words.py").write_text(PYTHON.replace("Hello %(name)s", "Bye %(name)s"))
    messages.main([])
    text = messages.po_path(tree / "sales").read_text(encoding="utf-8")
    assert "%(n)s 笔" in text
    assert "Hello" not in text
    assert "Bye" in text


def test_check_passes_only_when_all_is_translated_and_up_to_date(tree, capsys):
    messages.main([])
    assert messages.main(["--check"]) == 1
    translate(tree / "sales", SALES)
    translate(tree / "web" / "board", BOARD)
    assert messages.main(["--check"]) == 0
    (tree / "sales" / "more.py").write_text('from django.utils.translation import gettext as _\n_("New")\n')
    capsys.readouterr()
    assert messages.main(["--check"]) == 1
    assert "sales: out of date" in capsys.readouterr().out


def test_a_placeholder_that_was_lost_or_misspelt_is_reported(tree, capsys):
    messages.main([])
    translate(tree / "sales", SALES | {"Hello %(name)s": "你好 %(nom)s"})
    translate(tree / "web" / "board", BOARD)
    assert messages.main(["--check"]) == 1
    assert "placeholders differ: 'Hello %(name)s'" in capsys.readouterr().out


def test_two_packages_cannot_translate_one_sentence_differently(tree, capsys):
    (tree / "web" / "board" / "words.py").write_text(PYTHON)
    messages.main([])
    translate(tree / "sales", SALES)
    messages.main([])  # takes the translation of the other package
    assert "你好" in messages.po_path(tree / "web" / "board").read_text(encoding="utf-8")
    path = messages.po_path(tree / "web" / "board")
    path.write_text(path.read_text(encoding="utf-8").replace("你好", "您好"), encoding="utf-8")
    assert messages.main(["--check"]) == 1
    assert "is '您好 %(name)s' here but '你好 %(name)s' in sales" in capsys.readouterr().out


def test_an_empty_sentence_is_warned_of_with_its_place(tree, capsys):
    (tree / "web" / "board" / "words.py").write_text(PYTHON + '\nNOTHING = _("")\n')
    (tree / "web" / "board" / "templates" / "empty.html").write_text('{% load i18n %}\n{% translate "" %}')
    messages.main([])
    warnings = capsys.readouterr().err.splitlines()
    assert [line.partition(": warning: Empty msgid")[0] for line in warnings] == [
        "web/board/templates/empty.html:2",
        "web/board/words.py:8",
    ]


def test_compiled_catalogues_are_what_gettext_reads(tree):
    import gettext

    messages.main([])
    translate(tree / "sales", SALES)
    messages.main(["--compile"])
    catalogue = gettext.translation("django", tree / "sales" / "locale", ["zh_Hans"])
    assert catalogue.gettext("Hello %(name)s") == "你好 %(name)s"
    assert catalogue.ngettext("one deal", "%(n)s deals", 5) == "%(n)s 笔"
    assert catalogue.pgettext("permission", "May") == "可以"
    compiled = messages.po_path(tree / "sales").with_suffix(".mo")
    before = compiled.stat().st_mtime_ns
    messages.main(["--compile"])
    assert compiled.stat().st_mtime_ns == before
