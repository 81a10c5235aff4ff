"""Keep the translations: extract sentences, merge them into the catalogues, report and check, compile.

    python -m tools.messages              update every .po and say what is not translated yet
    python -m tools.messages people web/home   only these packages
    python -m tools.messages --check      change nothing; fail when anything is missing, out of date or inconsistent
    python -m tools.messages --compile    write the .mo files the product reads

Pure Python: neither GNU gettext nor a database is needed. Files are written only when their content changes.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django.conf
from babel.messages import extract
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tools.api_texts import api_texts

SOURCE = Path(__file__).resolve().parent.parent / "src" / "loudou"
LOCALE = "zh_Hans"
KEYWORDS = extract.DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "_now": None,  # gettext where a module's `_` is gettext_lazy
}
HEADER = """\
msgid ""
msgstr ""
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|\{\w*\}")


class _Named(io.BytesIO):
    """A file in memory that knows where it came from: Babel names the place of what it warns about."""

    name = ""


def packages() -> list[Path]:
    """Every folder that has a catalogue of its own: each package, each area of the web, and the web itself."""
    inner = sorted(path.parent for path in SOURCE.glob("*/__init__.py"))
    return inner + sorted(path.parent for path in (SOURCE / "web").glob("*/__init__.py"))


def sources(package: Path) -> Iterator[Path]:
    """Files of a package that may hold sentences, leaving out the packages inside it and generated files."""
    nested = {path for path in packages() if path != package and package in path.parents}
    for path in sorted(package.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or nested.intersection(path.parents):
            continue
        if not {"migrations", "static", "locale", "node_modules"}.intersection(path.relative_to(package).parts):
            yield path


def extracted(package: Path) -> Catalog:
    """Collect the package's sentences, without translations."""
    catalog = _empty()
    for path in sources(package):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # Parentheses keep Python's tokenizer from minding the indentation of HTML.
            text = f"({templatize(text, origin=str(path))}\n)"
        file = _Named(text.encode())
        file.name = str(path.relative_to(SOURCE))
        found = extract.extract("python", file, KEYWORDS, options={"encoding": "utf-8"})
        for _line, message, _comments, context in found:
            if message and message != ("", ""):
                catalog.add(message, context=context)
    for text in api_texts(package) if package == SOURCE / "api" else ():
        if text:
            catalog.add(text)
    return catalog


def existing(package: Path) -> Catalog:
    """Read the package's catalogue as it is on disk."""
    path = po_path(package)
    if not path.exists():
        return _empty()
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE)


def merged(wanted: Catalog, present: Catalog, elsewhere: dict[tuple[str, str | None], str]) -> Catalog:
    """Keep the translations still in use; a sentence that another package has translated is taken from there."""
    result = _empty()
    for message in sentences(wanted):
        key = _key(message)
        old = present.get(*key)
        string = old.string if old is not None else ""
        flags = {"fuzzy"} if old is not None and old.fuzzy else set()
        text = _text(string) or elsewhere.get(key, "")
        result.add(message.id, (text,) if message.pluralizable else text, context=message.context, flags=flags)
    return result


def rendered(catalog: Catalog) -> str:
    """Write a catalogue as text: sorted, without dates and line numbers, so that it changes only when sentences do."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return HEADER + buffer.getvalue().decode().strip() + "\n"


def sentences(catalog: Catalog) -> list[Message]:
    """All entries but the header."""
    return [message for message in catalog if message.id]


def problems(package: Path, catalog: Catalog) -> Iterator[str]:
    """Say what is wrong with a package's translations, one line each."""
    name = package.relative_to(SOURCE)
    for message in sentences(catalog):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        text = _text(message.string)
        if not text or message.fuzzy:
            yield f"{name}: not translated: {ids[0]!r}"
            continue
        has = set(PLACEHOLDER.findall(text.replace("%%", "")))
        needs = [set(PLACEHOLDER.findall(one.replace("%%", ""))) for one in ids]
        # A plural sentence may leave out what only one of its English forms mentions.
        if not needs[-1] <= has <= set.union(*needs):
            yield f"{name}: placeholders differ: {ids[-1]!r} -> {text!r}"


def conflicts(catalogs: dict[Path, Catalog]) -> Iterator[str]:
    """Find sentences translated differently in two packages: at run time only one of them would win."""
    first: dict[tuple[str, str | None], tuple[str, Path]] = {}
    for package, catalog in catalogs.items():
        for message in sentences(catalog):
            text = _text(message.string)
            if not text:
                continue
            known, where = first.setdefault(_key(message), (text, package))
            if known != text:
                yield (
                    f"{package.relative_to(SOURCE)}: {_key(message)[0]!r} is {text!r} here "
                    f"but {known!r} in {where.relative_to(SOURCE)}"
                )


def compile_catalog(package: Path, catalog: Catalog) -> None:
    """Write the .mo file that gettext reads."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    _write(po_path(package).with_suffix(".mo"), buffer.getvalue())


def po_path(package: Path) -> Path:
    """Where a package keeps its translations."""
    return package / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def compile_all() -> None:
    """Compile every catalogue as it is on disk."""
    for package in packages():
        if po_path(package).exists():
            compile_catalog(package, existing(package))


def main(arguments: list[str] | None = None) -> int:
    """Run the tool; with --check the exit code says whether everything is in order."""
    parser = argparse.ArgumentParser(prog="python -m tools.messages", description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="*", help="such as people or web/home; all when left out")
    parser.add_argument("--check", action="store_true", help="change nothing, fail when something is to be done")
    parser.add_argument("--compile", action="store_true", help="write the .mo files")
    options = parser.parse_args(arguments)
    if not django.conf.settings.configured:
        django.conf.settings.configure(USE_I18N=False)

    chosen = [SOURCE / name for name in options.packages] or packages()
    if unknown := [path for path in chosen if path not in packages()]:
        parser.error(f"no such package: {', '.join(str(path.relative_to(SOURCE)) for path in unknown)}")
    if options.compile and not options.check and not options.packages:
        compile_all()
        return 0
    present = {package: existing(package) for package in packages()}
    elsewhere = {_key(m): _text(m.string) for catalog in present.values() for m in sentences(catalog) if m.string}
    catalogs = {package: merged(extracted(package), present[package], elsewhere) for package in chosen}
    found: list[str] = []
    for package, catalog in catalogs.items():
        path = po_path(package)
        if sentences(catalog) or path.exists():
            text = rendered(catalog)
            if not options.check:
                _write(path, text.encode())
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                found.append(f"{package.relative_to(SOURCE)}: out of date, run python -m tools.messages")
        found += problems(package, catalog)
        if options.compile and path.exists():
            compile_catalog(package, catalog)
    found += conflicts(present | catalogs)
    print("\n".join(found) or "All sentences are translated.")
    return 1 if found and options.check else 0


def _empty() -> Catalog:
    return Catalog(locale=LOCALE, creation_date=datetime(2026, 1, 1, tzinfo=UTC), revision_date=None, fuzzy=False)


def _key(message: Message) -> tuple[str, str | None]:
    return (message.id[0] if isinstance(message.id, tuple) else message.id), message.context


def _text(string: str | tuple[str, ...] | list[str] | None) -> str:
    return (string or "") if isinstance(string, str) or string is None else (string[0] if string else "")


def _write(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{id(content)}")
    draft.write_bytes(content)
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())
