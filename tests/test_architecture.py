"""House rules that the type checker and the linter cannot see, read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
LONGEST_FILE = 500
LONGEST_FUNCTION = 60

# Each exception has a reason, and the lists may only shrink.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
BROAD_EXCEPTS = {
    "loudou/config/cli/opening.py": "turns what an operator can mend into a sentence and raises everything else again",
    "loudou/exchange/reading/converter.py": "whatever a spreadsheet parser raises means that it cannot read the file",
}
ENVIRONMENT_PASSED_ON = {
    "loudou/core/postgres.py": "the server's programs are found on PATH",
    "loudou/exchange/reading/spreadsheets.py": "a child process gets what we got",
}
BEHIND_THE_DOOR = {
    "loudou/api/v1/opportunities.py:_show_current": "the row was found through the door before the write was refused",
}
SCOPED_MODELS = {"Customer", "Contact", "Opportunity"}
TRANSLATORS = {"_", "_now", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy"}
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "manager.py", "misc.py", "common.py", "signals.py"}


@cache
def tree(path: Path) -> ast.Module:
    """Parse a file once."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def files(*patterns: str) -> list[Path]:
    """Source files that match, migrations left out."""
    found = {path for pattern in patterns or ("**/*.py",) for path in SOURCE.glob(pattern)}
    return sorted(path for path in found if "migrations" not in path.parts)


def where(path: Path, node: ast.AST) -> str:
    """Name a place as an editor understands it."""
    return f"{path.relative_to(SOURCE)}:{getattr(node, 'lineno', 0)}"


def names_called(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the dotted name that is called, as far as it is a plain name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def test_only_env_reads_the_environment():
    offences = [
        where(path, node)
        for path in files()
        if path != SOURCE / "loudou/config/env.py" and str(path.relative_to(SOURCE)) not in ENVIRONMENT_PASSED_ON
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
    ]
    assert not offences


def test_services_and_selectors_are_told_the_time():
    reads = {"clock.now", "clock.today", "timezone.now", "time.time"}
    reads |= {f"{module}.{name}" for module in ("dt", "datetime") for name in ("datetime.now", "date.today", "now")}
    converts = {"timezone.localdate", "timezone.localtime"}  # these read the clock only when nothing is given
    offences = [
        f"{where(path, node)} {name}"
        for path in files("loudou/*/services/**/*.py", "loudou/*/selectors/**/*.py", "loudou/*/selectors.py")
        for node, name in names_called(path)
        if name in reads or (name in converts and not node.args)
    ]
    assert not offences


def test_statistics_have_no_clock_no_input_and_no_output_of_their_own():
    """They get rows from the caller's engine and moments as arguments; only their own SQL files are read."""
    modules = {
        "time",
        "os",
        "pathlib",
        "socket",
        "urllib",
        "requests",
        "subprocess",
        "logging",
        "tempfile",
        "shutil",
        "io",
    }
    calls = {
        "open",
        "print",
        "input",
        "dt.datetime.now",
        "dt.datetime.utcnow",
        "dt.date.today",
        "np.random.default_rng",
    }
    offences = []
    for path in files("funnelstats/**/*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                named = [node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
                offences += [
                    f"{where(path, node)} {name}" for name in named if (name or "").partition(".")[0] in modules
                ]
        offences += [
            f"{where(path, node)} {name}"
            for node, name in names_called(path)
            if name in calls and not (name == "np.random.default_rng" and node.args)
        ]
    assert not offences


def test_pages_and_api_reach_business_rows_through_the_one_door():
    """`Customer.objects` in web or api must go on with `visible_to` or `get_visible`."""
    offences = []
    for path in files("loudou/web/**/*.py", "loudou/api/**/*.py"):
        for function in [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]:
            if f"{path.relative_to(SOURCE)}:{function.name}" in BEHIND_THE_DOOR:
                continue
            offences += [
                f"{where(path, node)} {ast.unparse(node)}" for node in ast.walk(function) if _is_a_side_door(node)
            ]
    assert not offences


def _is_a_side_door(node: ast.AST) -> bool:
    """Tell whether this is `Customer.objects.filter` or the like."""
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
        return False
    model = ast.unparse(node.value.value).rpartition(".")[2]
    is_manager = node.value.attr in {"objects", "_default_manager"} and model in SCOPED_MODELS
    return is_manager and node.attr not in {"visible_to", "get_visible", "none", "model"}


def test_pages_and_api_write_no_rows():
    writes = {"save", "save_changes", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
    offences = [
        f"{where(path, node)} {name}"
        for path in files("loudou/web/**/*.py", "loudou/api/**/*.py")
        for node, name in names_called(path)
        if name.rpartition(".")[2] in writes and not name.startswith(("self.", "super().", "request.session"))
    ]
    assert not offences


def test_files_made_of_rows_leave_by_one_door():
    """Every export is recorded, because nothing else streams rows; single documents are no exports of lists."""
    doors = {
        "StreamingHttpResponse": {"loudou/web/frame/exporting.py"},
        "export": {"loudou/web/frame/exporting.py"},
        "csv.writer": {"loudou/exchange/exports.py", "loudou/analyze/cells.py", "loudou/analyze/reading.py"},
        "Workbook": {"loudou/exchange/exports.py"},
        "FileResponse": {
            "loudou/api/v1/deliveries.py",
            "loudou/web/contracts/views/contract.py",
            "loudou/web/customers/views/details.py",
        },
    }
    offences = [
        f"{where(path, node)} {name}"
        for path in files("loudou/**/*.py")
        for node, name in names_called(path)
        if name in doors and str(path.relative_to(SOURCE)) not in doors[name]
    ]
    assert not offences


def test_nothing_is_wired_by_signals():
    offences = [
        where(path, node)
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").endswith(("dispatch", "signals"))
        and "loudou" not in (node.module or "")
    ]
    assert not offences


def test_errors_are_caught_by_name():
    """A bare or broad `except` hides bugs; task runners that must survive anything are named above."""
    offences = [
        where(path, node)
        for path in files()
        if str(path.relative_to(SOURCE)) not in BROAD_EXCEPTS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and not any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
    ]
    assert not offences


def test_domain_modules_know_no_http():
    offences = [
        where(path, node)
        for path in files()
        if path.relative_to(SOURCE).parts[1] not in {"web", "api", "config"}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom | ast.Import)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name.startswith(("django.http", "django.shortcuts", "django.views", "django.urls", "ninja"))
    ]
    assert not offences


def test_sentences_stand_where_the_translators_tools_find_them():
    """What stands inside an f-string is not extracted, so that it would stay English for ever."""
    offences = [
        where(path, call)
        for path in files()
        for text in ast.walk(tree(path))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in TRANSLATORS
    ]
    assert not offences


def test_files_have_names_that_say_something():
    assert not [str(path.relative_to(SOURCE)) for path in files() if path.name in FORBIDDEN_NAMES]


def test_services_take_the_actor_first_and_facts_by_name():
    offences = []
    for path in files("loudou/*/services/**/*.py"):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.FunctionDef):
                continue
            if not any(ast.unparse(one).startswith("service(") for one in node.decorator_list):
                continue
            unnamed = [*node.args.posonlyargs, *node.args.args]
            if not unnamed or unnamed[0].arg != "actor" or node.returns is None:
                offences.append(f"{where(path, node)} {node.name}: actor first, and say what is returned")
            if not ast.get_docstring(node):
                offences.append(f"{where(path, node)} {node.name}: no docstring")
            if len(unnamed) > 3:
                offences.append(f"{where(path, node)} {node.name}: facts are keyword-only")
    assert not offences


@pytest.mark.parametrize("kind", ["files", "functions"])
def test_nothing_grows_beyond_its_budget(kind):
    too_long: dict[str, int] = {}
    for path in files():
        name = str(path.relative_to(SOURCE))
        if kind == "files" and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE:
            too_long[name] = lines
        if kind == "functions":
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or 0) - node.lineno + 1
                    if length > LONGEST_FUNCTION:
                        too_long[f"{name}:{node.name}"] = length
    allowed = LONG_FILES if kind == "files" else LONG_FUNCTIONS
    assert {name: size for name, size in too_long.items() if name not in allowed} == {}
    assert set(allowed) <= set(too_long), "an exception that is not needed any more: remove it from the list"


def test_every_test_file_mirrors_a_module():
    modules = {path.name for path in (SOURCE / "loudou").iterdir() if path.is_dir()} | {"funnelstats"}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert folders - modules <= {"browser", "load", "benchmarks", "tools"}
