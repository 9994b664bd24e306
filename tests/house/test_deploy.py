"""The files in deploy/ fit the program: names, commands, ports, and the rules that keep it shut in.

What no tool here can try (a service manager, a container engine) is read as text; where the tool is there, it is asked.
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import running
from commands.shared import USAGE
from handlers import webhook
from settings import SECRET_KEY, SECRET_SHAPE
from tests.house.test_docs import OPTION, VARIABLE, command, sources, subcommands, text

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SERVICE = DEPLOY / "systemd" / "auskunft.service"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
REPLICAS = {name: service for name, service in SERVICES.items() if service.get("command") == ["run", "--webhook"]}
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("auskunft")}
CADDYFILE = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
NOT_DELIVERED = {"benchmarks", "deploy", "docs", "scripts", "tests"}
MOST_EXPOSED = 20  # tenths, of systemd's scale from 0 (shut in) to 10; 9.2 is a service without any care
OURS_IN_THE_ENVIRONMENT = re.compile(r"^(?:AUSKUNFT|TELEGRAM|DATABASE)_")

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="NOT CHECKED: there is no systemd-analyze to read the units"
)
needs_caddy = pytest.mark.skipif(
    not shutil.which("caddy"), reason="NOT CHECKED: there is no caddy to read the Caddyfile (apt-get install caddy)"
)


def asked_for():
    """The variables of the environment that the program reads."""
    return {variable for path in sources() for variable in VARIABLE.findall(text(path))}


def assert_known(names):
    ours = {name for name in names if OURS_IN_THE_ENVIRONMENT.match(name)}
    assert ours
    assert not ours - asked_for()


def assert_command(words):
    """`words`: what stands behind bot.py."""
    found, left = command([word for word in words if not word.startswith("-")])
    assert not subcommands(found), words
    known = {option for param in found.params for option in param.opts} | {"--help"}
    assert set(OPTION.findall(" ".join(words))) <= known, words
    assert not left or words[0] == "backup", words


def directives(path):
    """Name and value of every line of a unit, in order; names come more than once."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"[A-Z]\w+=", line)]
    return [(line.partition("=")[0], line.partition("=")[2]) for line in lines]


def seconds(value):
    return int(re.fullmatch(r"(\d+)s?", str(value))[1])


# ---- systemd


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
class TestUnit:
    def test_runs_commands_that_exist(self, unit):
        started = [value for name, value in directives(unit) if name == "ExecStart"]
        ours = [shlex.split(value)[2:] for value in started if "bot.py" in value]
        assert ours
        for words in ours:
            assert_command(words)

    def test_names_variables_that_the_program_reads_and_no_secret(self, unit):
        told = " ".join(value for name, value in directives(unit) if name == "Environment")
        names = re.findall(r"(\w+)=", told)
        assert_known(names)
        assert not [name for name in names if SECRET_KEY.search(name)]
        assert ("EnvironmentFile", "/etc/auskunft/bot.env") in directives(unit)

    def test_keeps_the_program_shut_in(self, unit):
        told = dict(directives(unit))
        assert told["ProtectSystem"] == "strict"
        assert told["NoNewPrivileges"] == told["PrivateTmp"] == told["ProtectHome"] == "yes"
        assert told["CapabilityBoundingSet"] == ""
        assert told["User"] not in ("", "root")
        assert ("SystemCallFilter", "@system-service") in directives(unit)

    @needs_systemd
    def test_systemd_finds_no_mistake(self, unit, tmp_path):
        """With a program in place of the one that is not installed here."""
        path = tmp_path / unit.name
        path.write_text(unit.read_text(encoding="utf-8").replace("/opt/auskunft/.venv/bin/python", sys.executable))
        done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
        assert not [line for line in done.stderr.splitlines() if unit.name in line]

    @needs_systemd
    def test_systemd_finds_it_shut_in(self, unit):
        look = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", unit]
        done = subprocess.run(look, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_systemd_hears_and_waits_as_the_program_speaks_and_ends():
    told = dict(directives(SERVICE))
    assert told["Type"] == "notify"
    assert running.INTAKE_SECONDS + running.FINISH_SECONDS < seconds(told["TimeoutStopSec"]) <= 30
    assert seconds(told["WatchdogSec"]) >= 10
    assert int(told["RestartPreventExitStatus"]) == USAGE
    assert told["OOMPolicy"] == "continue"  # the end of its reader is not its own
    assert told["LimitCORE"] == "0"


def test_the_service_may_write_where_the_program_does():
    told = dict(directives(SERVICE))
    assert told["StateDirectory"] == "auskunft"
    assert "AUSKUNFT_HOME=/var/lib/auskunft" in text(SERVICE)
    assert told["ReadWritePaths"] == "/opt/auskunft/faq/content"
    assert (ROOT / "faq" / "content").is_dir()


@needs_systemd
@pytest.mark.parametrize("timer", sorted((DEPLOY / "systemd").glob("*.timer")), ids=lambda timer: timer.name)
def test_a_timer_comes_round_and_starts_something(timer):
    done = subprocess.run(
        ["systemd-analyze", "calendar", dict(directives(timer))["OnCalendar"]], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert timer.with_suffix(".service").exists()


def test_the_user_is_the_one_that_the_units_name():
    users = {dict(directives(unit))["User"] for unit in UNITS}
    assert re.search(r"^u (\S+)", text(DEPLOY / "systemd" / "auskunft.sysusers.conf"), re.MULTILINE)[1] in users
    assert len(users) == 1


# ---- the image


def instructions():
    """What the Dockerfile says, an instruction a line."""
    whole = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text(DEPLOY / "Dockerfile"), flags=re.MULTILINE))
    return [tuple(line.split(" ", 1)) for line in whole.splitlines() if line.strip()]


def said(name):
    return [rest.strip() for found, rest in instructions() if found == name]


def test_the_image_takes_nothing_from_the_net_but_hashed_packages():
    assert not said("ADD")
    installs = [run for run in said("RUN") if "pip install" in run]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "--only-binary :all:" in installs[0]
    assert "requirements/run.txt" in said("COPY")[0]
    assert not re.search(r"://|index-url|find-links|curl|wget|apt-get|git\b", " ".join(map(" ".join, instructions())
                         ).replace("http://127.0.0.1", ""))  # fmt: skip


def test_the_image_runs_as_nobody_in_particular():
    last = said("USER")[-1]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last)
    after = [name for name, _ in instructions()]
    assert "RUN" not in after[after.index("USER") :]


def test_the_image_starts_a_command_that_exists_and_holds_no_secret():
    assert json.loads(said("ENTRYPOINT")[0]) == ["python", "bot.py"]
    assert_command(json.loads(said("CMD")[0]))
    names = re.findall(r"(\w+)=", " ".join([*said("ENV"), *said("ARG")]))
    assert_known(names)
    assert not [name for name in names if SECRET_KEY.search(name)]


def test_the_image_asks_itself_whether_it_is_alive():
    port = re.search(r"AUSKUNFT_HEALTH=127\.0\.0\.1:(\d+)", said("ENV")[0])[1]
    page = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", said("HEALTHCHECK")[0])
    assert page[1] == port
    assert page[2] == "/livez"
    assert page[2] in pages_of_health()


def pages_of_health():
    return set(re.findall(r'Route\(\s*"(/\w+)"', text(ROOT / "handlers" / "pages.py")))


def context_of_the_image():
    """The files that the build is given: of two patterns that fit, the later one counts."""
    patterns = [line for line in text(DEPLOY / "Dockerfile.dockerignore").splitlines() if line and line[0] != "#"]
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [name for name in listed if (ROOT / name).is_file() and not is_left_out(Path(name), patterns)]


def is_left_out(path, patterns):
    out = False
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        names = [path, *path.parents][:-1]
        if bare.startswith("**/"):
            fits = any(fnmatch.fnmatch(part, bare.removeprefix("**/")) for part in path.parts)
        else:
            fits = any(
                name.as_posix() == bare or (len(name.parts) == 1 and fnmatch.fnmatch(name.as_posix(), bare))
                for name in names
            )
        if fits:
            out = not pattern.startswith("!")
    return out


def test_the_image_holds_what_runs_and_nothing_else():
    folders = {Path(name).parts[0] for name in context_of_the_image() if "/" in name}
    code = {path.relative_to(ROOT).parts[0] for path in sources() if len(path.relative_to(ROOT).parts) > 1}
    assert folders == (code - NOT_DELIVERED) | {"requirements", "demo"}  # lists for the local messenger


def test_the_program_starts_from_what_the_image_holds(tmp_path):
    for name in context_of_the_image():
        (tmp_path / "program" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "program" / name)
    told = {"PATH": os.environ["PATH"], "AUSKUNFT_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    for words in (["--help"], ["check"], ["keys", "new"], ["db", "upgrade"], ["faq", "ask", "Ist meine PIN sicher?"]):
        done = subprocess.run(
            [sys.executable, "bot.py", *words],
            cwd=tmp_path / "program",
            env=told,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (words, done.stdout[-500:], done.stderr[-500:])


# ---- containers


def test_two_replicas_are_the_same_but_for_the_port():
    """They share the home: on PostgreSQL its lock lets several in (running.py), and a port tells their traces apart."""
    assert len(REPLICAS) == 2
    one, other = (dict(service) for service in REPLICAS.values())
    ports = {service["environment"]["AUSKUNFT_LISTEN"] for service in (one, other)}
    assert len(ports) == 2
    assert {**one, "environment": None} == {**other, "environment": None}
    assert "keys:/var/lib/auskunft-keys:ro" in one["volumes"]
    assert "home:/var/lib/auskunft" in one["volumes"]


@pytest.mark.parametrize("name", SERVICES)
class TestContainer:
    def test_can_do_little(self, name):
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not {"privileged", "pid", "ipc", "network_mode", "devices"} & set(service)
        assert service["mem_limit"]
        assert name not in OURS or service["ulimits"] == {"core": 0}
        assert set(service.get("cap_add", ())) <= {"NET_BIND_SERVICE"}
        assert not [place for place in service.get("volumes", ()) if "docker.sock" in place or place.startswith("/")]

    def test_is_told_nothing_secret_in_this_file(self, name):
        told = SERVICES[name].get("environment", {})
        assert not [key for key in told if SECRET_KEY.search(key) and not key.endswith("_FILE")]
        assert not SECRET_SHAPE.search(yaml.safe_dump(SERVICES[name]))

    def test_mounts_what_is_there(self, name):
        made_there = {"./exchange"}
        for place in SERVICES[name].get("volumes", ()):
            source = place.split(":")[0]
            if source.startswith("."):
                assert source in made_there or (DEPLOY / source).exists(), source
            else:
                assert source in COMPOSE["volumes"], source

    def test_is_watched_or_ends_by_itself(self, name):
        service = SERVICES[name]
        watched = name in REPLICAS or "test" in service.get("healthcheck", {})  # the image brings its own
        assert watched is (service["restart"] != "no")

    def test_has_a_version(self, name):
        image, _, version = SERVICES[name]["image"].partition(":")
        assert version
        assert version != "latest" or image == "auskunft"


def test_containers_run_commands_that_exist_with_variables_that_are_read():
    for service in OURS.values():
        assert_command(service["command"]) if service["command"] != ["--help"] else None
        assert_known(service["environment"])


def test_containers_have_as_long_to_end_as_the_program_takes():
    for service in REPLICAS.values():
        assert seconds(service["stop_grace_period"]) == seconds(dict(directives(SERVICE))["TimeoutStopSec"])


def test_only_the_proxy_can_be_reached_and_the_database_by_nobody_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert SERVICES["postgres"]["networks"] == ["back"]
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES["proxy"]["networks"] == ["front"]


def test_the_proxy_hands_on_to_every_replica_what_it_may():
    handed = re.search(r"reverse_proxy (.*) \{", CADDYFILE)[1].split()
    told = {name: service["environment"] for name, service in REPLICAS.items()}
    assert sorted(handed) == sorted(
        f"{name}:{places['AUSKUNFT_LISTEN'].split(':')[1]}" for name, places in told.items()
    )
    health = {places["AUSKUNFT_HEALTH"].split(":")[1] for places in told.values()}
    assert {re.search(r"health_port (\d+)", CADDYFILE)[1]} == health
    assert re.search(r"health_uri (\S+)", CADDYFILE)[1] == "/readyz"
    assert "/readyz" in pages_of_health()
    most = int(re.search(r"max_size (\d+)MB", CADDYFILE)[1])
    assert most * 1000**2 <= webhook.LARGEST
    path = re.search(r"path (/\S+)", CADDYFILE)[1]
    assert f"https://bot.example.org{path}" in text(ROOT / "config.yaml")


def test_the_proxy_logs_no_secret():
    """Caddy's line about an error holds the headers of the call, and so what Telegram proves itself with."""
    assert "request>headers delete" in CADDYFILE


@needs_caddy
def test_caddy_finds_no_mistake():
    done = subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"],
        env={"PATH": os.environ["PATH"], "BOT_DOMAIN": "bot.example.org", "HOME": "/tmp"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-1000:]


# ---- secrets


def test_the_example_of_secrets_names_what_is_read_and_holds_none():
    lines = text(DEPLOY / "bot.env.example").splitlines()
    told = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert_known(told)
    assert not any(told.values())
    secret = {name for name in asked_for() if SECRET_KEY.search(name) and name != "MESSENGER_TOKEN"}
    assert secret <= set(told)


def test_git_takes_no_secret_that_lies_beside_these_files():
    for name in ("deploy/secrets/bot.env", "deploy/secrets/postgres-password", "deploy/exchange/letters.pdf"):
        assert subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0, name
