"""FAQ files of a test's own that the program watches, small and good."""

import asyncio

import checks
from faq.history import History
from handlers.editing import Editing
from handlers.reloading import Reloading
from tests.support.faq_files import FaqFiles


def watch(program, root, told=None):
    """The program answers from new files in `root/content` and may write them; gives their folder."""
    files = FaqFiles(root)
    folder = files.write()
    (folder / "other.yaml").write_text(OTHER, encoding="utf-8")
    take_over(program, folder, root / "history", told)
    return folder


def take_over(program, folder, history, told=None):
    desk = program.desk
    desk.shelf.replace(checks.open_library(program.settings, program.texts, folder))

    def open_edited(copy):
        return checks.open_edited(program.texts, copy, before=desk.library, today=desk.clock().date())

    kept = History(history)
    kept.keep(folder, desk.clock())
    reloading = Reloading(program.context, folder, kept, open_edited, (told if told is not None else []).append)
    program.context.editing = Editing(program.context, reloading, program.texts.fill)


async def settled(program):
    """Waits for what is done on the side."""
    for _ in range(50):
        aside = list(program.context._aside)
        if not aside:
            break
        await asyncio.wait(aside, timeout=30)
    await program.context.courier.idle()


OTHER = """\
# Anderes
category: other
title: {de: Anderes, en: Other}
entries:
  - id: other-weather   # bleibt
    owner: Redaktion
    as_of: 2026-11-24
    review_by: 2027-05-31
    de:
      title: Wie wird das Wetter?
      button: Wetter
      ask:
        - wie wird das wetter
        - regnet es morgen
      answer: |
        Das weiß ich nicht.
    en:
      title: What about the weather?
      button: Weather
      ask:
        - how is the weather
      answer: |
        I do not know that.
"""
