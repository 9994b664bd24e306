"""What `config.yaml` may hold: every number, name and list that an association tunes, and what each may be."""

import re
from datetime import date
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

TELEGRAM_CALLS = (443, 80, 88, 8443)  # ports of a webhook


def _an_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", value):
        message = "keine Adresse: Sie beginnt mit https:// und enthält keine Leerzeichen."
        raise ValueError(message)
    return value


def _a_time_zone(value: str) -> str:
    if value not in available_timezones():
        message = f"„{value}“ ist keine Zeitzone. Ein Beispiel: Europe/Berlin."
        raise ValueError(message)
    return value


Address = Annotated[str, AfterValidator(_an_address)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Association(Strict):
    """Who speaks; the values that texts and answers name in braces."""

    name: Text
    short_name: Text
    topic: Text
    topic_en: Text
    supplier: Text
    phone: Text
    hours: Text
    hours_en: Text
    email: Text
    address: Text
    website: Address
    portal: Address
    bot_page: Address
    bot_name: Annotated[str, StringConstraints(pattern=r"^@[A-Za-z0-9_]{5,32}$")]
    dpo: Text
    press: Text
    authority: Text
    cme_portal: Address
    fees_contact: Text

    @property
    def addresses(self) -> tuple[str, ...]:
        """The association's own on the web, which members know."""
        return self.website, self.portal, self.bot_page, self.cme_portal


class Policy(Strict):
    """A statement of the association; empty while it has made none."""

    de: str = ""
    en: str = ""


class Policies(Strict):
    own_count: Policy = Policy()
    own_notices: Policy = Policy()
    controller: Policy = Policy()
    id_document: Policy = Policy()
    refunds: Policy = Policy()
    liability: Policy = Policy()
    provider: Policy = Policy()
    can_block: Policy = Policy()
    plain_card: Policy = Policy()
    representatives: Policy = Policy()
    former_members: Policy = Policy()
    other_channel: Policy = Policy()
    measures: Policy = Policy()
    retention: Policy = Policy()


Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=28)]
EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=48)]


class Entries(Strict):
    """Entries of the FAQ that the program itself shows."""

    greeting: EntryId
    human: EntryId
    phone: EntryId
    not_listed: EntryId
    affected: EntryId
    supplier_erasure: EntryId
    lost_card: EntryId
    insult: EntryId
    first: tuple[EntryId, ...]

    def all(self) -> tuple[str, ...]:
        named = (self.greeting, self.human, self.phone, self.not_listed, self.affected, self.supplier_erasure)
        return (*named, self.lost_card, self.insult, *self.first)


class Matching(Strict):
    answer_at: Annotated[float, Field(gt=0, lt=1)]
    lead: Annotated[float, Field(ge=0, lt=1)]
    suggest_at: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.suggest_at >= self.answer_at:
            message = "suggest_at muss kleiner sein als answer_at."
            raise ValueError(message)
        return self


class Words(Strict):
    """The same words in each language."""

    de: Text
    en: Text

    def in_(self, language: str) -> str:
        return self.de if language == "de" else self.en


class DataKind(Words):
    """A kind of data that a list may name; `entry` says what to do about it."""

    id: Identifier
    entry: EntryId | None = None


class Step(Words):
    """One thing to do now; `kind`: only for those whose data of this kind are affected."""

    id: Identifier
    kind: Identifier | None = None
    entry: EntryId | None = None


class Incident(Strict):
    """Something that concerns cards."""

    id: Identifier
    title: Words
    card_note: Words
    kinds: tuple[DataKind, ...] = ()
    steps: tuple[Step, ...] = ()


class Verification(Strict):
    code_days: Annotated[int, Field(ge=1, le=60)]
    second_check: bool
    wrong_per_quarter_hour: Annotated[int, Field(ge=1, le=20)]
    wrong_per_day: Annotated[int, Field(ge=1, le=50)]
    wrong_in_all: Annotated[int, Field(ge=1, le=100)]
    typing_errors_per_hour: Annotated[int, Field(ge=1, le=100)]
    digit_tries: Annotated[int, Field(ge=1, le=5)]
    letter_days: Annotated[int, Field(ge=1, le=90)]
    letters_per_year: Annotated[int, Field(ge=1, le=52)]
    dormant_days: Annotated[int, Field(ge=1, le=365)]
    link_days: Annotated[int, Field(ge=1, le=730)]
    floor_seconds: Annotated[float, Field(ge=0, le=5)]


Names = Annotated[tuple[Text, ...], Field(min_length=1)]


class RegisterColumns(Strict):
    """The names that a column of the register may have."""

    number: Names = ("Mitgliedsnummer", "Mitglieds-Nr.", "Mitgliedsnr.", "Member number")
    email: Names = ("E-Mail", "E-Mail-Adresse", "Email")
    digits: Names = ("EFN-Endziffern", "Letzte vier Ziffern der EFN", "EFN digits")
    language: Names = ("Sprache", "Language")


class CardColumns(Strict):
    """The names that a column of an incident's list may have."""

    number: Names = ("Mitgliedsnummer", "Mitglieds-Nr.", "Mitgliedsnr.", "Member number")
    kind: Names = ("Kartenart", "Kartentyp", "Card kind")
    card: Names = ("Kartennummer", "Karten-Nr.", "ICCSN", "Card number")
    affected: Names = ("Betroffen", "Affected")
    kinds: Names = ("Datenarten", "Betroffene Daten", "Kinds of data")


class Spoken(Strict):
    """How a list says that a member reads a language."""

    de: Names = ("de", "deutsch", "german")
    en: Names = ("en", "englisch", "english")


CardKind = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16)]


class Imports(Strict):
    """How the lists of the association look, and what needs a second person."""

    register_columns: RegisterColumns = RegisterColumns()
    card_columns: CardColumns = CardColumns()
    words_for_yes: Names = ("ja", "j", "yes", "y", "x", "1", "wahr", "true")
    words_for_no: Names = ("nein", "n", "no", "0", "falsch", "false", "-")
    words_for_languages: Spoken = Spoken()
    card_kinds: dict[CardKind, Names] = {
        "eHBA": ("eHBA", "HBA", "Arztausweis", "elektronischer Arztausweis"),
        "SMC-B": ("SMC-B", "SMCB", "Praxisausweis", "Institutionsausweis"),
    }
    card_digits: Annotated[int, Field(ge=0, le=64)] = 20
    separator: Annotated[str, StringConstraints(min_length=1, max_length=3)] = ","
    encodings: Annotated[tuple[Literal["utf-8", "cp1252"], ...], Field(min_length=1)] = ("utf-8", "cp1252")
    delimiter: Literal["", ";", ",", "tab"] = ""
    links_ended_percent: Annotated[float, Field(ge=0, le=100)] = 5
    findings_changed_percent: Annotated[float, Field(ge=0, le=100)] = 20

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        """A word that means two things would make the import guess."""
        named = (self.register_columns, self.card_columns, self.words_for_languages)
        groups = [tuple(getattr(model, name) for name in type(model).model_fields) for model in named]
        for lists in (*groups, (self.words_for_yes, self.words_for_no), tuple(self.card_kinds.values())):
            words = [word for names in lists for word in {"".join(name.casefold().split()) for name in names}]
            if twice := next((word for word in words if words.count(word) > 1), None):
                message = f"„{twice}“ hat zwei Bedeutungen. Lassen Sie es nur an einer Stelle stehen."
                raise ValueError(message)
        return self


class LetterColumns(Strict):
    """The names that a column of the register may have when letters are addressed."""

    number: Names = ("Mitgliedsnummer", "Mitglieds-Nr.", "Mitgliedsnr.", "Member number")
    salutation: Names = ("Briefanrede", "Anrede", "Salutation")
    title: Names = ("Titel", "Title")
    first_name: Names = ("Vorname", "First name")
    last_name: Names = ("Nachname", "Name", "Last name")
    addition: Names = ("Adresszusatz", "Zusatz", "Address line 2")
    street: Names = ("Straße", "Strasse", "Straße und Hausnummer", "Street")
    postcode: Names = ("PLZ", "Postleitzahl", "Postcode")
    city: Names = ("Ort", "Stadt", "City")
    country: Names = ("Land", "Country")

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        words = [
            word
            for name in type(self).model_fields
            for word in {"".join(title.casefold().split()) for title in getattr(self, name)}
        ]
        if twice := next((word for word in words if words.count(word) > 1), None):
            message = f"„{twice}“ hat zwei Bedeutungen. Lassen Sie es nur an einer Stelle stehen."
            raise ValueError(message)
        return self


class Letters(Strict):
    """How letters with activation codes are made."""

    columns: LetterColumns = LetterColumns()
    template: str = ""  # beside config.yaml; empty: the one that comes with the program


class Limits(Strict):
    chats_side_by_side: Annotated[int, Field(ge=1, le=64)]
    questions_per_minute: Annotated[int, Field(ge=1, le=600)]
    per_chat_per_second: Annotated[float, Field(gt=0, le=30)]
    overall_per_second: Annotated[float, Field(gt=0, le=1000)]


class Retention(Strict):
    questions_days: Annotated[int, Field(ge=1, le=365)]
    updates_days: Annotated[int, Field(ge=2, le=365)]


class Mail(Strict):
    """The mail server; no host, no e-mails."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.host and not re.fullmatch(r"[!-~]+@[A-Za-z0-9.-]+", self.sender):
            message = "sender fehlt oder ist keine E-Mail-Adresse. Ohne Mailserver bleibt host leer."
            raise ValueError(message)
        if self.host and self.security == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            message = "security: none geht nur mit einem Mailserver auf diesem Computer; sonst liest jeder mit."
            raise ValueError(message)
        return self


class StaffMember(Strict):
    id: Annotated[int, Field(gt=0)]
    role: Literal["editor", "agent", "admin"]
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=32)] = ""  # as members see it


class Staff(Strict):
    chat: int = 0  # 0: none
    members: tuple[StaffMember, ...] = ()


Hours = Annotated[str, StringConstraints(pattern=r"^(|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d)$")]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^(|([01]\d|2[0-3]):[0-5]\d)$")]


class Week(Strict):
    """When people answer, by the day: "09:00-16:00"; empty for not at all."""

    monday: Hours
    tuesday: Hours
    wednesday: Hours
    thursday: Hours
    friday: Hours
    saturday: Hours
    sunday: Hours


class Subject(Words):
    """What members can subscribe to."""

    id: Identifier


class Office(Strict):
    """The people behind the bot."""

    hours: Week
    holidays: tuple[date, ...] = ()
    time_zone: Annotated[str, AfterValidator(_a_time_zone)]
    alarm_minutes: Annotated[int, Field(ge=1, le=10080)]
    urgent_minutes: Annotated[int, Field(ge=1, le=1440)]
    keep_days: Annotated[int, Field(ge=1, le=365)]
    approval_hours: Annotated[int, Field(ge=1, le=168)]
    daily_digest: TimeOfDay
    weekly_digest: Literal["", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    subjects: tuple[Subject, ...] = ()


class Messenger(Strict):
    port: Annotated[int, Field(ge=1, le=65535)] = 8080


Port = Annotated[int, Field(ge=1, le=65535)]


class Serving(Strict):
    """Where Telegram reaches the program in webhook mode, and where it tells how it is."""

    address: str = ""
    host: Text = "127.0.0.1"
    port: Port = 8443
    certificate: str = ""  # beside config.yaml
    key: str = ""
    self_signed: bool = False
    connections: Annotated[int, Field(ge=1, le=100)] = 40
    health_host: Text = "127.0.0.1"
    health_port: Annotated[int, Field(ge=0, le=65535)] = 0
    silence_seconds: Annotated[int, Field(ge=60, le=3600)] = 120
    outbox_seconds: Annotated[int, Field(ge=60, le=86400)] = 600

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        """What Telegram calls: core.telegram.org/bots/api#setwebhook."""
        if not self.address:
            return self
        url = urlsplit(self.address)
        here = url.scheme == "http" and url.hostname in ("localhost", "127.0.0.1", "::1")
        if not here and (url.scheme != "https" or not url.hostname or (url.port or 443) not in TELEGRAM_CALLS):
            message = "address muss mit https:// beginnen; Telegram ruft nur die Ports 443, 80, 88 und 8443."
            raise ValueError(message)
        if not re.fullmatch(r"/[A-Za-z0-9/_.-]+", url.path) or url.query or url.fragment or url.username:
            message = "address braucht nach dem Namen einen Pfad, zum Beispiel /telegram, und nichts dahinter."
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _certified(self) -> Self:
        if self.key and not self.certificate:
            message = "Zu key gehört certificate."
            raise ValueError(message)
        if self.certificate and not (self.key or self.self_signed):
            message = "certificate allein bewirkt nichts: Dazu gehört key, oder self_signed: true."
            raise ValueError(message)
        if self.self_signed and not self.certificate:
            message = "Zu self_signed gehört certificate: Telegram bekommt es, um die Verbindung zu prüfen."
            raise ValueError(message)
        return self


class Config(Strict):
    """The content of `config.yaml`."""

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
