"""What `config.yaml` may hold: every number, name and list that an association tunes, a module for each section."""

from typing import Annotated, Literal

from pydantic import Field

from config.association import Association
from config.base import Strict
from config.entries import Entries
from config.imports import Imports
from config.incidents import Incident
from config.letters import Letters
from config.limits import Limits
from config.mail import Mail
from config.matching import Matching
from config.messenger import Messenger
from config.office import Office
from config.policies import Policies
from config.retention import Retention
from config.serving import Serving
from config.staff import Staff
from config.verification import Verification


class Config(Strict):
    """The whole of it, section by section."""

    association: Association
    policies: Policies = Policies()
    faq: Entries
    languages: Annotated[tuple[Literal["de", "en"], ...], Field(min_length=1)]
    matching: Matching
    limits: Limits
    incidents: tuple[Incident, ...] = ()
    imports: Imports = Imports()
    letters: Letters = Letters()
    verification: Verification
    retention: Retention
    mail: Mail = Mail()
    staff: Staff = Staff()
    office: Office
    messenger: Messenger = Messenger()
    serving: Serving = Serving()
