"""The single modules, which import-linter cannot see, keep the layers, too."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
OURS = {
    "adapters", "backup", "bot", "building", "checks", "commands", "config", "db", "demo", "demo_handouts", "demo_letters",
    "demonstration", "faq", "handlers", "lean", "logs", "markup", "messenger", "parts", "printing", "running", "services",
    "settings", "strict_yaml", "tables", "texts", "vault",
}  # fmt: skip
MAY = {
    "strict_yaml": set(),
    "lean": set(),
    "logs": set(),
    "markup": set(),
    "settings": {"config", "strict_yaml"},
    "checks": OURS - {"bot", "building", "parts", "running", "messenger", "services", "commands"},
    "demo_handouts": {"demo_letters", "messenger", "texts"},
    "building": {"checks", "db", "faq", "handlers", "services", "settings", "texts", "vault"},
    "parts": OURS - {"bot", "commands", "demonstration", "messenger", "running"},
    "demonstration": OURS - {"bot", "commands", "parts", "running"},
    "running": OURS - {"bot", "commands"},
    "bot": {"building", "checks", "lean", "running", "commands", "strict_yaml"},
}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def sources():
    return [path for path in ROOT.rglob("*.py") if not {".venv", "var"} & set(path.relative_to(ROOT).parts)]


@pytest.mark.parametrize("module", sorted(MAY))
def test_a_single_module_imports_only_what_it_may(module):
    assert set(imports(ROOT / f"{module}.py")) & OURS <= MAY[module]


def test_nothing_imports_bot():
    """It would run twice, under two names."""
    assert not [path for path in sources() if "bot" in set(imports(path))]


def test_transactions_are_committed_in_one_place():
    found = [
        path for path in sources() if "tests" not in path.parts and ".commit()" in path.read_text(encoding="utf-8")
    ]
    found = [
        path.relative_to(ROOT) for path in found if path.relative_to(ROOT).parts[0] not in ("messenger", "benchmarks")
    ]
    assert sorted(found) == [Path("db/migrations/env.py"), Path("db/session.py")]


def test_time_comes_in_as_an_argument():
    """Only the system clock asks the computer what time it is."""
    asked = ("datetime.now(", "datetime.utcnow(", "time.time(", "date.today(")
    parts = ("adapters", "faq", "db", "services", "handlers", "texts")
    guilty = [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if path.relative_to(ROOT).parts[0] in parts and any(call in path.read_text(encoding="utf-8") for call in asked)
    ]
    assert guilty == ["services/clock.py"]
