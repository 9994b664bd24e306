"""The alarms ask for figures that exist, and the administrator's guide says what to do for each."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from handlers.figures import Figures

ROOT = Path(__file__).parent.parent.parent
RULES_FILE = ROOT / "deploy" / "prometheus" / "alerts.yaml"
RULES = [rule for group in yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
GUIDE = (ROOT / "docs" / "betrieb.md").read_text(encoding="utf-8")
PAGES = (ROOT / "handlers" / "pages.py").read_text(encoding="utf-8")


def figures():
    """Names as Prometheus knows them: those that are counted, and those that are looked up when it asks."""
    counted = set()
    for family in Figures().registry.collect():
        ending = {"counter": ("_total",), "histogram": ("", "_bucket", "_sum", "_count")}.get(family.type, ("",))
        counted |= {f"{family.name}{end}" for end in ending}
    looked_up = {f"auskunft_{name}" for name in re.findall(r'_gauge\("(\w+)"', PAGES)}
    infos = {f"{name}_info" for name in re.findall(r'InfoMetricFamily\("(\w+)"', PAGES)}
    return counted | looked_up | infos


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
class TestAlarm:
    def test_asks_for_figures_that_exist(self, rule):
        asked = set(re.findall(r"\bauskunft_\w+", rule["expr"]))
        assert asked or 'up{job="auskunft"}' in rule["expr"]
        assert asked <= figures()

    def test_asks_for_labels_that_are_given(self, rule):
        """As far as the values are those of this program."""
        told = "".join((ROOT / "handlers" / name).read_text(encoding="utf-8") for name in ("figures.py", "webhook.py"))
        for name, value in re.findall(r'(\w+)="([^"]+)"', rule["expr"]):
            assert name == "job" or (f'"{name}"' in told and re.search(rf"\b{value}\b", told)), (name, value)

    def test_says_what_is_wrong_and_how_urgent_it_is(self, rule):
        assert rule["labels"]["severity"] in ("page", "look")
        assert rule["annotations"]["summary"].endswith((".", "?"))

    def test_has_its_line_in_the_guide(self, rule):
        assert f"| `{rule['alert']}` |" in GUIDE


def test_the_guide_has_no_other_alarm():
    assert set(re.findall(r"^\| `(Auskunft\w+)` \|", GUIDE, re.MULTILINE)) == {rule["alert"] for rule in RULES}


def test_every_figure_that_the_guide_names_exists():
    named = set(re.findall(r"`(auskunft_\w+)`", GUIDE))
    assert named
    assert named <= figures()


@pytest.mark.skipif(
    not shutil.which("promtool"), reason="NOT CHECKED: there is no promtool (apt-get install prometheus)"
)
def test_prometheus_finds_no_mistake():
    done = subprocess.run(["promtool", "check", "rules", RULES_FILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
