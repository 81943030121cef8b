# ruff: noqa: INP001 - a script of its own, beside no package
"""Fail if a report of pip-audit names a vulnerability that a newer release fixes."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> int:
    """Print each such vulnerability of the report named on the command line; return 1 if any."""
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    found = [
        f"{package['name']} {package['version']}: {each['id']}, fixed in {each['fix_versions']}"
        for package in report["dependencies"]
        for each in package.get("vulns", ())
        if each["fix_versions"]
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found) or "No vulnerability has a fix.\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
