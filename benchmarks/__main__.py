"""Runs the benchmarks, all of them or those that are named: `python -m benchmarks [--list] [NAME …]`.

Each stands on its own as well, with more to choose: `python -m benchmarks.NAME --help`.
"""

import argparse
import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = (
    "matching",
    "letters",
    "letters_command",
    "imports",
    "footprint",
    "throughput",
)  # in this order; each runs without arguments


def about(name: str) -> str:
    """What a benchmark says about itself in its first sentence."""
    said = ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split()).split(": `")[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(NAMES)}; all if none is named")
    parser.add_argument("--list", action="store_true", help="say what each measures, and run nothing")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.names) - set(NAMES)):
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if asked.list:
        for name in NAMES:
            print(f"{name:16} {about(name)}")
        return 0
    failed = 0
    for name in asked.names or NAMES:
        print(f"— {name}: {about(name)}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False, cwd=HERE.parent).returncode
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())
