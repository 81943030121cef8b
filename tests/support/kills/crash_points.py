"""Crash points found in the code itself: before and after each await of chosen modules.

An import hook rewrites `await x` to `await __crossing__(name, x)` and `async with x` to `async with
__guarded__(name, x)`. The product's files do not know about it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Final, Generic, TypeVar

_T = TypeVar("_T")
_MOMENTS: Final = {
    ast.Await: ("before", "after"),
    ast.AsyncWith: ("before", "entered", "leaving", "left"),
}


class CrossingHook:
    """Called at every crash point; replace `hit` to be notified."""

    hit: Callable[[str], None] = staticmethod(lambda _name: None)


async def report_crossing(name: str, awaited: Awaitable[_T]) -> _T:
    """Await, and report both sides; after an exception there is no second report."""
    CrossingHook.hit(f"{name}:before")
    result = await awaited
    CrossingHook.hit(f"{name}:after")
    return result


class guarded(Generic[_T]):  # noqa: N801 - used like a function
    """Enter and leave a context, and report before and after both."""

    def __init__(self, name: str, context: AbstractAsyncContextManager[_T]) -> None:
        self._name = name
        self._context = context

    async def __aenter__(self) -> _T:
        CrossingHook.hit(f"{self._name}:before")
        entered = await self._context.__aenter__()
        CrossingHook.hit(f"{self._name}:entered")
        return entered

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        CrossingHook.hit(f"{self._name}:leaving")
        handled = await self._context.__aexit__(kind, error, trace)
        CrossingHook.hit(f"{self._name}:left")
        return handled


class CrashPointRewriter(ast.NodeTransformer):
    """Insert the reports into a module's tree; `points` are their names in source order."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._inside: list[str] = []
        self._count = 0
        self.points: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._visit_inside(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._visit_inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        outer, self._count = self._count, 0
        try:
            return self._visit_inside(node)
        finally:
            self._count = outer

    def visit_Await(self, node: ast.Await) -> ast.AST:
        name = self._name_point(node)
        node.value = _build_call("__crossing__", name, self.visit(node.value))
        return node

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        for item in node.items:
            name = self._name_point(node)
            item.context_expr = _build_call("__guarded__", name, self.visit(item.context_expr))
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def _visit_inside(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        self._inside.append(node.name)
        try:
            return self.generic_visit(node)
        finally:
            self._inside.pop()

    def _name_point(self, node: ast.Await | ast.AsyncWith) -> str:
        self._count += 1
        name = f"{self._module}:{'.'.join(self._inside)}:{self._count}"
        self.points += [f"{name}:{moment}" for moment in _MOMENTS[type(node)]]
        return name


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """Compile from source each time, as cached code has no crash points."""
        rewriter = CrashPointRewriter(fullname)
        tree = rewriter.visit(ast.parse(Path(self.path).read_text("utf-8")))
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(__crossing__=report_crossing, __guarded__=guarded)
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def __init__(self, prefixes: Sequence[str]) -> None:
        self._prefixes = tuple(prefixes)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not any(_is_under(fullname, prefix) for prefix in self._prefixes):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path)
        return spec


def install_rewriter(prefixes: Sequence[str]) -> None:
    """Rewrite modules under these names when imported; raise RuntimeError if one is already."""
    early = [name for name in sys.modules if any(_is_under(name, each) for each in prefixes)]
    if early:
        raise RuntimeError(f"imported before their crash points: {', '.join(early)}")
    sys.meta_path.insert(0, _Finder(prefixes))


def list_points(prefixes: Sequence[str], root: Path) -> list[str]:
    """List all crash points of the modules under these names, from their source."""
    return [point for prefix in prefixes for point in _iterate_points(prefix, root)]


def _iterate_points(prefix: str, root: Path) -> Iterator[str]:
    base = root.joinpath(*prefix.split("."))
    paths = [base.with_suffix(".py")] if base.with_suffix(".py").exists() else base.glob("*.py")
    for path in sorted(paths):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        rewriter = CrashPointRewriter(module.removesuffix(".__init__"))
        rewriter.visit(ast.parse(path.read_text("utf-8")))
        yield from rewriter.points


def _is_under(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}.")


def _build_call(function: str, name: str, value: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(function, ast.Load()), [ast.Constant(name), value], [])
