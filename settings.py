"""Settings: `config.yaml` for what may be read by anyone, the environment for secrets and places.

`load` gives `Settings` or raises `strict_yaml.Problems` with every mistake, its line and its key.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from config import Config, Strict
from strict_yaml import Node, Problem, Problems, excerpt, read

HERE = Path(__file__).parent
TELEGRAM_API = "https://api.telegram.org/bot"
# Shapes of secrets that end up in settings files by mistake: a bot's token, a private key, a password in an address.
SECRET_SHAPE = re.compile(r"[0-9]{6,12}:[A-Za-z0-9_-]{30,}|-----BEGIN|://[^/\s:@]+:[^/\s@]+@")
SECRET_KEY = re.compile(r"token|secret|passwor[dt]|kennwort|private_?key|database_?url", re.IGNORECASE)
TOKEN_SHAPE = re.compile(r"[0-9]{1,16}:[A-Za-z0-9_-]{20,}")


class Settings(Strict):
    """Everything that one start of the program is told."""

    config: Config
    config_path: Path
    home: Path
    database_url: SecretStr
    token: SecretStr | None
    telegram_base_url: str
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None

    @property
    def is_local(self) -> bool:
        """Whether the local messenger stands in for Telegram."""
        return self.token is None


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this start.

    Raises `Problems` when the file or the environment holds something that does not fit.
    """
    env = os.environ if environment is None else environment
    path = Path(env.get("AUSKUNFT_CONFIG") or HERE / "config.yaml")
    config, node, lines = read(path, Config)
    problems = [*_secrets_in(path.name, node, lines), *_odd_environment(env)]
    if problems:
        raise Problems(problems)
    home = Path(env.get("AUSKUNFT_HOME") or HERE / "var").absolute()
    return Settings(
        config=config,
        config_path=path,
        home=home,
        database_url=SecretStr(env.get("DATABASE_URL") or f"sqlite:///{home / 'auskunft.sqlite'}"),
        token=SecretStr(env["TELEGRAM_TOKEN"]) if env.get("TELEGRAM_TOKEN") else None,
        telegram_base_url=env.get("TELEGRAM_BASE_URL") or TELEGRAM_API,
        smtp_user=env.get("AUSKUNFT_SMTP_USER") or None,
        smtp_password=SecretStr(env["AUSKUNFT_SMTP_PASSWORD"]) if env.get("AUSKUNFT_SMTP_PASSWORD") else None,
    )


def _secrets_in(name: str, node: Node, lines: list[str]) -> list[Problem]:
    """Places in the file that hold a secret. The excerpt is left out: it would carry the secret on."""
    found: list[Problem] = []

    def look(node: Node, key: str) -> None:
        if isinstance(node.value, dict):
            for inner, value in node.value.items():
                look(value, inner)
        elif isinstance(node.value, list):
            for value in node.value:
                look(value, key)
        elif SECRET_SHAPE.search(node.value) or (SECRET_KEY.search(key) and node.value):
            found.append(Problem(name, node.line, "", "settings.secret", {"key": key}))

    look(node, "")
    comments = (number for number, line in enumerate(lines, 1) if SECRET_SHAPE.search(line))
    known = {problem.line for problem in found}
    return found + [Problem(name, line, "", "settings.secret", {"key": "#"}) for line in comments if line not in known]


def _odd_environment(env: Mapping[str, str]) -> list[Problem]:
    problems = []
    token = env.get("TELEGRAM_TOKEN")
    if token and not TOKEN_SHAPE.fullmatch(token):
        problems.append(Problem("TELEGRAM_TOKEN", 0, "", "settings.token"))
    base = env.get("TELEGRAM_BASE_URL")
    if base and not re.fullmatch(r"https?://[^\s]+/bot", base):
        problems.append(Problem("TELEGRAM_BASE_URL", 0, excerpt([base], 1), "settings.base-url"))
    url = env.get("DATABASE_URL")
    if url and not re.match(r"sqlite:///|postgresql(\+psycopg)?://", url):
        problems.append(Problem("DATABASE_URL", 0, "", "settings.database"))
    if bool(env.get("AUSKUNFT_SMTP_USER")) != bool(env.get("AUSKUNFT_SMTP_PASSWORD")):
        problems.append(Problem("AUSKUNFT_SMTP_USER", 0, "", "settings.smtp-login"))
    return problems
