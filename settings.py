"""Settings: `config.yaml` for what may be read by anyone, the environment for secrets and places.

`load` gives `Settings` or raises `strict_yaml.Problems` with every mistake, its line and its key.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from config import Config
from config.base import Strict
from strict_yaml import Node, Problem, Problems, excerpt, read

HERE = Path(__file__).parent
TELEGRAM_API = "https://api.telegram.org/bot"
# Shapes of secrets that end up in settings files by mistake: a bot's token, a private key, a password in an address.
SECRET_SHAPE = re.compile(r"[0-9]{6,12}:[A-Za-z0-9_-]{30,}|-----BEGIN|://[^/\s:@]+:[^/\s@]+@")
SECRET_KEY = re.compile(r"token|secret|passwor[dt]|kennwort|private_?key|database_?url", re.IGNORECASE)
TOKEN_SHAPE = re.compile(r"[0-9]{1,16}:[A-Za-z0-9_-]{20,}")
# Telegram takes 1 to 256 of these (core.telegram.org/bots/api#setwebhook); one that can be guessed protects nothing.
WEBHOOK_SECRET_SHAPE = re.compile(r"[A-Za-z0-9_-]{24,256}")
HIGHEST_PORT = 65535
PLACE_SHAPE = re.compile(r"(?:(?P<host>[^\s/]+):)?(?P<port>[0-9]{1,5})")


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
    webhook_secret: SecretStr | None = None
    webhook_secret_old: SecretStr | None = None  # still taken while the secret changes

    def secrets(self) -> list[str]:
        """Whatever must never stand in a log."""
        every = (self.token, self.smtp_password, self.webhook_secret, self.webhook_secret_old)
        return [secret.get_secret_value() for secret in every if secret is not None]

    def beside(self, name: str) -> Path | None:
        """A file that the settings name, beside them; None when they name none."""
        return self.config_path.parent / name if name else None

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
        config=_at_other_places(config, env),
        config_path=path,
        home=home,
        database_url=SecretStr(env.get("DATABASE_URL") or f"sqlite:///{home / 'auskunft.sqlite'}"),
        token=_secret(env.get("TELEGRAM_TOKEN")),
        telegram_base_url=env.get("TELEGRAM_BASE_URL") or TELEGRAM_API,
        smtp_user=env.get("AUSKUNFT_SMTP_USER") or None,
        smtp_password=_secret(env.get("AUSKUNFT_SMTP_PASSWORD")),
        webhook_secret=_secret(env.get("AUSKUNFT_WEBHOOK_SECRET")),
        webhook_secret_old=_secret(env.get("AUSKUNFT_WEBHOOK_SECRET_OLD")),
    )


def _secret(value: str | None) -> SecretStr | None:
    return SecretStr(value) if value else None


def _at_other_places(config: Config, env: Mapping[str, str]) -> Config:
    """Where this process listens, when the environment says so: several may share one `config.yaml`."""
    serving = config.serving
    named = (env.get("AUSKUNFT_LISTEN"), "host", "port"), (env.get("AUSKUNFT_HEALTH"), "health_host", "health_port")
    for told, host, port in named:
        if told and (place := _place(told)):
            serving = serving.model_copy(update={host: place[0] or getattr(serving, host), port: place[1]})
    return config.model_copy(update={"serving": serving})


def _place(told: str) -> tuple[str, int] | None:
    """Host, empty when it is not named, and port; None for what is no place."""
    found = PLACE_SHAPE.fullmatch(told)
    if found is None or int(found["port"]) > HIGHEST_PORT:
        return None
    return (found["host"] or "").strip("[]"), int(found["port"])


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
    secrets = {name: env.get(name) for name in ("AUSKUNFT_WEBHOOK_SECRET", "AUSKUNFT_WEBHOOK_SECRET_OLD")}
    problems += [
        Problem(name, 0, "", "settings.webhook-secret")
        for name, secret in secrets.items()
        if secret and not WEBHOOK_SECRET_SHAPE.fullmatch(secret)
    ]
    places = {name: env.get(name) for name in ("AUSKUNFT_LISTEN", "AUSKUNFT_HEALTH")}
    problems += [
        Problem(name, 0, excerpt([place], 1), "settings.listen")
        for name, place in places.items()
        if place and not _place(place)
    ]
    return problems
