"""Inline search: the FAQ in any chat, for anybody, and nothing else."""

from telegram import InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import TelegramError

from faq.entry import Language
from handlers.context import Context
from handlers.incoming import Searched
from handlers.sending import keyboard
from markup import plain
from services import answers, languages

MOST = 8
CACHE_SECONDS = 60
DESCRIPTION = 120


async def searched(context: Context, searched: Searched) -> None:
    """Answers an inline query. A query that is too old is of no use to anybody, so nothing is owed for it."""
    reading = await context.read(searched.text)
    desk = context.desk
    language = languages.outside(reading.language, searched.client, desk.rules.languages)
    matched = [match.entry for part in reading.parts for match in part.matches]
    found = matched if searched.text.strip() else desk.rules.entries.first
    known = dict.fromkeys(
        entry for entry in found if entry in desk.store.entries and not desk.store.entries[entry].is_foreign
    )
    results = [_article(context, entry, language) for entry in list(known)[:MOST]]
    try:
        await context.bot.answer_inline_query(searched.query, results, cache_time=CACHE_SECONDS, is_personal=False)
    except TelegramError:
        return  # too old, or the network: the person types on and asks again


def _article(context: Context, entry: str, language: Language) -> InlineQueryResultArticle:
    shown = answers.shown(context.desk.store, entry, language)
    html, rows = context.replies.inline_text(shown)
    content = InputTextMessageContent(
        html, parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    first = plain(html).strip().partition("\n")[0][:DESCRIPTION]
    return InlineQueryResultArticle(entry, shown.title, content, reply_markup=keyboard(rows), description=first)
