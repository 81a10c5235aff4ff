"""Sentences that the page about the API shows: they are written where the API is declared, not inside `_()`.

What an operation does is its docstring, what is sent to it the docstring of its body's class (its name ends with `In`);
parameters and fields have a `description`, areas are the tags of routers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

REFUSALS = frozenset({"NotSignedIn"})
"""Classes that end like a body and are none."""


def api_texts(package: Path) -> Iterator[str]:
    """Every such sentence of the package of the API, each in the words that the OpenAPI description has."""
    for path in sorted(package.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: _text(statement.value)
            for statement in tree.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            yield from filter(None, _of(node, constants))


def _of(node: ast.AST, constants: Mapping[str, str]) -> Iterator[str]:
    is_operation = isinstance(node, ast.FunctionDef) and any(isinstance(each, ast.Call) for each in node.decorator_list)
    is_body = isinstance(node, ast.ClassDef) and node.name.endswith("In") and node.name not in REFUSALS
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and (is_operation or is_body):
        yield ast.get_docstring(node) or ""
    elif isinstance(node, ast.Call):
        yield from _of_call(node, constants)
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from (_text(value) for key, value in pairs if key is not None and _text(key) == "description")


def _of_call(call: ast.Call, constants: Mapping[str, str]) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    for keyword in call.keywords:
        if name == "Field" and keyword.arg == "description":
            value = keyword.value
            yield constants.get(value.id, "") if isinstance(value, ast.Name) else _text(value)
        elif name == "Router" and keyword.arg == "tags" and isinstance(keyword.value, ast.List):
            yield from (_text(tag) for tag in keyword.value.elts)


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
