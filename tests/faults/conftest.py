"""What each test here counted: printed (`-s`), kept in the report (`--junitxml`) and told at the end of the run."""

import os

import pytest

COUNTED = pytest.StashKey[list[str]]()
DEEP = os.environ.get("AUSKUNFT_FAULTS") == "all"


@pytest.fixture
def counted(request, record_property):
    """Call it with what was counted: `counted(sent=12, lost=0)`."""

    def note(**counts):
        line = f"{request.node.name}: " + ", ".join(f"{name} {value}" for name, value in counts.items())
        for name, value in counts.items():
            record_property(name, value)
        request.config.stash.setdefault(COUNTED, []).append(line)
        print(line)  # noqa: T201

    return note


@pytest.fixture(scope="session")
def deep():
    """Whether everything is tried, however long it takes: AUSKUNFT_FAULTS=all."""
    return DEEP


def pytest_terminal_summary(terminalreporter, config):
    if lines := config.stash.get(COUNTED, []):
        terminalreporter.section("counted in the fault suite")
        for line in lines:
            terminalreporter.write_line(line)
