"""The database and the desk for commands that do what the association does, beside a running bot or without one."""

import contextlib
from collections.abc import Iterator

import building
from checks import texts_of
from commands.shared import LANGUAGE, refuse, tell
from db.session import Database, DatabaseError, OutcomeUnknown
from faq.library import Shelf
from services.clock import system
from services.desk import Desk, Keys
from settings import Settings
from strict_yaml import Problems


@contextlib.contextmanager
def office(settings: Settings) -> Iterator[tuple[Database, Desk]]:
    """Ends the program when keys or database cannot be used.

    The desk has no FAQ: commands answer no questions, and a mistake in a FAQ file must not keep a list out.
    """
    texts = texts_of(settings)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        database = building.open_database(settings, texts)
        keys = Keys(building.open_keys(settings, database, texts, system))
    except Problems as problems:
        tell(problems)
    except building.CannotStart as reason:
        refuse(reason)
    except DatabaseError as error:
        refuse(texts.say_plain("imported.busy", LANGUAGE, reason=type(error).__name__))
    shelf = Shelf.__new__(Shelf)
    try:
        yield database, Desk(shelf, building.rules_of(settings), system, keys)
    except OutcomeUnknown:
        refuse(texts.say_plain("imported.in-doubt", LANGUAGE))
    except DatabaseError as error:
        refuse(texts.say_plain("imported.busy", LANGUAGE, reason=type(error).__name__))
    finally:
        database.close()
