"""`python -m bench NAME` runs one benchmark; without a name, it lists them."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench


def main() -> None:
    names = [item.name for item in pkgutil.iter_modules(bench.__path__) if item.name[0] != "_"]
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print("python -m bench", "|".join(names))
        raise SystemExit(2 if len(sys.argv) > 1 else 0)
    importlib.import_module(f"bench.{sys.argv[1]}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
