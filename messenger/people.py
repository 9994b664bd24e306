"""The demonstration's people and groups, with ids that stay the same in every fresh folder.

A demo configuration may name these ids. They look like Telegram's: people are ten-digit numbers, a group is negative, a
supergroup begins with -100 (core.telegram.org/bots/api, "Chat"; "Dialog IDs" in api/bots/ids).
"""

from typing import Final

from messenger.store import Json, Store, dump

AYLIN_YILMAZ: Final = 5218034417  # member, German
HEINZ_BRANDT: Final = 6120457893  # member, 81, German
EMMA_CLARKE: Final = 5873310264  # member, English client
SOMMER: Final = 1450982213  # staff, owner of the staff group
KELLER: Final = 1987340556  # staff, administrator of the staff group
LANG: Final = 1739025468  # staff, member of the staff group
VOGT: Final = 1826417390  # staff, member of the staff group
STAFF_GROUP: Final = (
    -1002187654301
)  # "Kammer – Mitarbeitende", forum; the bot is an administrator with can_manage_topics
STAMMTISCH: Final = -4182736450  # "Stammtisch", an ordinary group; the bot is a member, with privacy mode
TOPIC_ARRANGEMENTS: Final = 2  # topic "Absprachen" of the staff group
TOPIC_TECHNOLOGY: Final = 3  # topic "Technik" of the staff group

DEMO_TOKEN: Final = "7712345678:local-demonstration-only"  # noqa: S105 - opens nothing but this messenger
DEMO_BOT: Final = 7712345678  # the bot's own id with DEMO_TOKEN

FIRST_UPDATE: Final = 583120001

_PEOPLE: Final = (
    (AYLIN_YILMAZ, "Dr. Aylin", "Yilmaz", "aylin_yilmaz", "de", "member"),
    (HEINZ_BRANDT, "Dr. Heinz", "Brandt", None, "de", "member"),
    (EMMA_CLARKE, "Dr. Emma", "Clarke", "emma_clarke", "en", "member"),
    (SOMMER, "Frau", "Sommer", "sommer_kammer", "de", "staff"),
    (KELLER, "Herr", "Keller", None, "de", "staff"),
    (LANG, "Frau", "Lang", None, "de", "staff"),
    (VOGT, "Herr", "Vogt", None, "de", "staff"),
)
_TOPICS: Final = ((TOPIC_ARRANGEMENTS, "Absprachen", 7322096), (TOPIC_TECHNOLOGY, "Technik", 16766590))
_PHONES: Final = {AYLIN_YILMAZ: "4915550100211", HEINZ_BRANDT: "4915550100312", EMMA_CLARKE: "4915550100413"}


def user(person: Json) -> Json:
    """A person as Telegram's User object."""
    kept = ("id", "is_bot", "first_name", "last_name", "username", "language_code")
    return {key: person[key] for key in kept if person.get(key) is not None}


def private_chat(person: Json) -> Json:
    """The person's private chat with the bot as Telegram's Chat object: it has the person's id."""
    kept = ("id", "first_name", "last_name", "username")
    return {key: person[key] for key in kept if person.get(key) is not None} | {"type": "private"}


def fill(store: Store, bot: int, now: int) -> None:
    """Creates the demo people and, in an empty folder, their groups. What is there already stays as it is."""
    is_new = not store.row("SELECT 1 FROM people LIMIT 1")
    for place, (number, first, last, username, language, role) in enumerate(_PEOPLE):
        person = {"id": number, "is_bot": False, "first_name": first, "last_name": last, "username": username}
        person |= {"language_code": language, "role": role, "phone": _PHONES.get(number, "4930555010000")}
        store.write(
            "INSERT OR IGNORE INTO people VALUES (?, ?)",
            number,
            dump(person | {"place": place, "started": False, "blocked": False}),
        )
    if is_new:
        _group(store, {"id": STAFF_GROUP, "title": "Kammer – Mitarbeitende", "type": "supergroup", "is_forum": True})
        _group(store, {"id": STAMMTISCH, "title": "Stammtisch", "type": "group"})
        members = dict.fromkeys((HEINZ_BRANDT, EMMA_CLARKE, bot), "member")
        _join(store, STAMMTISCH, {AYLIN_YILMAZ: "creator", **members})
        for thread, name, color in _TOPICS:
            _topic(store, thread, name, color, now)
    leading = {SOMMER: "creator", KELLER: "administrator", bot: "administrator"}
    _join(store, STAFF_GROUP, {**leading, LANG: "member", VOGT: "member"})


def _group(store: Store, chat: Json) -> None:
    store.write("INSERT INTO chats VALUES (?, ?, 2)", chat["id"], dump(chat))


def _join(store: Store, chat: int, members: dict[int, str]) -> None:
    for person, status in members.items():
        store.write("INSERT OR IGNORE INTO members VALUES (?, ?, ?)", chat, person, status)


def _topic(store: Store, thread: int, name: str, color: int, now: int) -> None:
    chat, sender = store.body("SELECT body FROM chats WHERE id = ?", STAFF_GROUP), SOMMER
    creator = store.body("SELECT body FROM people WHERE id = ?", sender)
    assert chat
    assert creator
    made = {"name": name, "icon_color": color}
    message = {"message_id": thread, "from": user(creator), "chat": chat, "date": now, "message_thread_id": thread}
    message |= {"is_topic_message": True, "forum_topic_created": made}
    store.write("INSERT INTO messages VALUES (?, ?, ?, ?, 1, ?)", STAFF_GROUP, thread, thread, sender, dump(message))
    store.write("INSERT INTO topics VALUES (?, ?, ?, 0)", STAFF_GROUP, thread, dump(made))
    store.write("UPDATE chats SET next_message = ? WHERE id = ?", thread + 1, STAFF_GROUP)
