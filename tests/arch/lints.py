"""House rules that no linter knows: each finds its offences in a parsed module."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

Finder = Callable[[ast.Module], Iterator[int]]
_SQL = re.compile(r"\b(SELECT\s.+\bFROM|INSERT\s+INTO|UPDATE\s.+\bSET|DELETE\s+FROM|SET\s+LOCAL)\b", re.S)


def sql_put_together(tree: ast.Module) -> Iterator[int]:
    """SQL made with an f-string, `format`, `%` or `+` anywhere but in a constant of the module."""
    constants = {
        id(node)
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or id(node) in constants:
            continue
        parts: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr):
            parts = node.values if any(isinstance(value, ast.FormattedValue) for value in node.values) else []
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            parts = [node.left, node.right]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            parts = [node.func.value]
        text = " ".join(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
        if _SQL.search(text):
            yield node.lineno


def constant_sql_of_others(tree: ast.Module) -> Iterator[int]:
    """A module's SQL constant that is put together from anything but what the module itself defines."""
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} | {
        node.id for step in tree.body for node in ast.walk(step) if isinstance(node, ast.Name) and _is_store(node)
    }
    for statement in tree.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.JoinedStr) and _SQL.search(ast.unparse(node)):
                used = {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and not _is_store(name)}
                if used - own:
                    yield node.lineno


def clock_read(tree: ast.Module) -> Iterator[int]:
    """The machine's clock asked for the date: time comes in with the work. (`time.monotonic` only measures.)"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            (node.attr in ("now", "utcnow", "today") and _names(node.value) & {"datetime", "date", "dt"})
            or (node.attr in ("time", "time_ns", "localtime", "gmtime") and _names(node.value) == {"time"})
        ):
            yield node.lineno


def error_swallowed(tree: ast.Module) -> Iterator[int]:
    """A handler for every error that does nothing with it, or `suppress(Exception)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            everything = node.type is None or bool(_names(node.type) & {"Exception", "BaseException"})
            if everything and all(isinstance(step, ast.Pass | ast.Continue | ast.Expr) for step in node.body):
                acts = any(isinstance(part, ast.Call) for step in node.body for part in ast.walk(step))
                if not acts:
                    yield node.lineno
        elif isinstance(node, ast.Call) and "suppress" in _names(node.func):
            yield from (a.lineno for a in node.args if _names(a) & {"Exception", "BaseException"})


def context_read(tree: ast.Module) -> Iterator[int]:
    """A context variable, or the unit of work looked up instead of passed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "contextvars":
            yield node.lineno
        if isinstance(node, ast.Attribute):
            looked_up = node.attr == "current" and _names(node.value) & {"db", "_db"}
            if looked_up or node.attr in ("ContextVar", "copy_context", "present"):
                yield node.lineno


def transaction_ended(tree: ast.Module) -> Iterator[int]:
    """`commit()` or `rollback()`: whoever opened the work ends it, services never."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in ("commit", "rollback"):
            yield node.lineno


def leaves_the_transaction(tree: ast.Module) -> Iterator[int]:
    """Piccolo's ways out of the transaction, and so of the tenant: `.batch()`, `node=`, `.run_sync()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (
            _called(node) in ("batch", "run_sync") or any(keyword.arg == "node" for keyword in node.keywords)
        ):
            yield node.lineno


def environment_read(tree: ast.Module) -> Iterator[int]:
    """`os.environ` and `os.getenv`: settings are read in one place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and _names(node.value) == {"os"}:
            yield node.lineno


def log_misnamed(tree: ast.Module) -> Iterator[int]:
    """`log.error("…", event=…)`: structlog's own name for the message, so the call itself would fail."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _names(node.func.value) == {"log"}:
            yield from (node.lineno for keyword in node.keywords if keyword.arg == "event")


def _called(node: ast.Call) -> str | None:
    """The name of the method that is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else None


def _is_store(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _names(node: ast.expr) -> set[str]:
    """The names in an expression such as `datetime.datetime`, `(A, B)` or `contextlib.suppress`."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


LINTS: Final[Mapping[str, Finder]] = {
    lint.__name__: lint
    for lint in (
        sql_put_together,
        constant_sql_of_others,
        clock_read,
        error_swallowed,
        context_read,
        transaction_ended,
        leaves_the_transaction,
        environment_read,
        log_misnamed,
    )
}
