"""The page in a real Chromium: members and staff write, tap, edit; with the keyboard, on a phone, in the dark."""

import asyncio
import re
import shutil
from contextlib import suppress

import pytest
import pytest_asyncio
from playwright.async_api import Error, async_playwright, expect
from telegram import (
    BotCommandScopeChat,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram import ReplyKeyboardMarkup as Keyboard

from messenger.handouts import Handout
from messenger.people import (
    AYLIN_YILMAZ,
    EMMA_CLARKE,
    HEINZ_BRANDT,
    KELLER,
    SOMMER,
    STAFF_GROUP,
    STAMMTISCH,
    TOPIC_ARRANGEMENTS,
    TOPIC_TECHNOLOGY,
)
from tests.messenger.conftest import serving
from tests.messenger.picture import PNG

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
).split()
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 780}
MENU = InlineKeyboardMarkup([
    [InlineKeyboardButton("Danke", callback_data="toast"), InlineKeyboardButton("Wichtig", callback_data="alert")],
    [InlineKeyboardButton("Ändern", callback_data="edit"), InlineKeyboardButton("Löschen", callback_data="delete")],
])  # fmt: skip
ANSWER = (
    "Ja. <b>PINs</b> waren nicht betroffen.\n<blockquote expandable>Zeile 1\nZeile 2\nZeile 3\nZeile 4\nZeile 5</blockquote>\n"
    '<tg-spoiler>verdeckt</tg-spoiler> <a href="https://t.me/auskunft_bot?start=f_mehr">Mehr dazu</a>'
)


async def answer_message(bot, message):
    text = message.text or ""
    if text.startswith("/start"):
        await bot.send_message(message.chat_id, f"Guten Tag. {text}", reply_markup=MENU)
    elif "pin" in text:
        await bot.send_message(message.chat_id, ANSWER, parse_mode="HTML", reply_to_message_id=message.message_id)
    elif "karte" in text:
        await bot.send_message(message.chat_id, "Ihre Karte: geheim", protect_content=True)
    elif "code" in text:
        await bot.send_message(message.chat_id, "Ihr Code?", reply_markup=ForceReply(input_field_placeholder="K7QM"))
    elif "tasten" in text:
        keyboard = Keyboard([["Ja", "Nein"]], one_time_keyboard=True, input_field_placeholder="Ja oder Nein")
        await bot.send_message(message.chat_id, "Wählen Sie", reply_markup=keyboard)
    elif message.chat.type == "private" and not message.photo:
        await bot.send_message(message.chat_id, f"Gehört: {text}")


async def answer_tap(bot, query):
    if query.data == "alert":
        await asyncio.sleep(0.3)
        await bot.answer_callback_query(query.id, "Bitte lesen", show_alert=True)
        return
    await bot.answer_callback_query(query.id, "Gern" if query.data == "toast" else None)
    if query.data == "edit":
        await bot.edit_message_text("Geändert", query.message.chat.id, query.message.message_id)
    elif query.data == "delete":
        await bot.delete_message(query.message.chat.id, query.message.message_id)


async def serve_bot(bot):
    offset = 0
    while True:
        for update in await bot.get_updates(offset=offset, timeout=20):
            offset = update.update_id + 1
            if update.message:
                await answer_message(bot, update.message)
            elif update.callback_query:
                await answer_tap(bot, update.callback_query)
            elif update.inline_query:
                content = InputTextMessageContent("<b>PIN</b>: sicher", parse_mode="HTML")
                results = [InlineQueryResultArticle("1", "Ist meine PIN sicher?", content, description="FAQ")]
                await bot.answer_inline_query(update.inline_query.id, results)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    if not shutil.which(CHROMIUM):
        pytest.skip("no Chromium here: the page of the messenger was NOT tested (apt-get install chromium)")
    async with async_playwright() as playwright:
        try:
            found = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        except Error as error:
            pytest.skip(f"Chromium does not start, the page was NOT tested: {error}")
        yield found
        await found.close()


@pytest_asyncio.fixture(loop_scope="module")
async def place(tmp_path):
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7\n%%EOF\n")
    title = {"de": "Brief der Kammer", "en": "Letter from the Chamber"}
    handouts = [Handout(EMMA_CLARKE, title, letter, "Second check: 7781", "K7QM2XRD")]
    handouts.append(Handout(HEINZ_BRANDT, title, letter, "Zweite Prüfung: 2309", "B3ND9FGH"))
    async with serving(tmp_path / "folder", handouts=lambda: handouts) as found:
        await found.bot.set_my_description("Ich frage nie nach PIN oder Passwort.")
        await found.bot.set_my_commands([("start", "Von vorne"), ("karte", "Meine Karte"), ("mensch", "Mensch")])
        task = asyncio.create_task(serve_bot(found.bot))
        yield found
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest_asyncio.fixture(loop_scope="module")
async def opened(place, browser):
    """Opens pages; afterwards looks whether one complained or asked another computer for anything."""
    contexts, troubles = [], []

    async def open_page(query="", viewport=DESKTOP, **options):
        context = await browser.new_context(viewport=viewport, locale="de-DE", **options)
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(6000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
        page.on(
            "request",
            lambda request: None if request.url.startswith((place.root, "blob:")) else troubles.append(request.url),
        )
        await page.goto(f"{place.root}/{query}")
        await page.wait_for_selector("body[data-ready]")
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert not troubles


def pane(page, name):
    return page.get_by_role("region", name=re.compile(f"Gespräch.*{name}"))


async def write(where, text):
    box = where.get_by_role("combobox")
    await box.fill(text)
    await box.press("Enter")


async def test_a_member_starts_asks_and_taps(opened):
    page = await opened()
    member = pane(page, "Yilmaz")
    await expect(page.get_by_role("note")).to_contain_text("nichts verlässt diesen Computer")
    await expect(member).to_contain_text("Ich frage nie nach PIN oder Passwort.")
    await member.get_by_role("button", name="STARTEN").click()
    await expect(member.get_by_role("log")).to_contain_text("Guten Tag. /start")
    await member.get_by_role("button", name="Danke").click()
    await expect(page.locator(".toast")).to_have_text("Gern")
    await member.get_by_role("button", name="Wichtig").click()
    await expect(member.get_by_role("button", name="Wichtig")).to_have_attribute("aria-busy", "true")
    await expect(page.get_by_role("dialog")).to_contain_text("Bitte lesen")
    await page.get_by_role("button", name="OK").click()
    await member.get_by_role("button", name="Ändern").click()
    await expect(member.locator(".message").last).to_contain_text("Geändert")
    await expect(member.locator(".message").last).to_contain_text("bearbeitet")


async def test_an_answer_with_all_kinds_of_text(opened):
    page = await opened(f"?person={HEINZ_BRANDT}&start=abc")
    member = pane(page, "Brandt")
    await member.get_by_role("button", name="STARTEN").click()
    await expect(member.get_by_role("log")).to_contain_text("/start abc")
    await write(member, "ist die pin sicher?")
    answer = member.locator(".message.other").last
    await expect(answer.locator("strong")).to_have_text("PINs")
    await expect(answer.locator(".quote")).to_contain_text("ist die pin sicher?")
    await answer.get_by_role("button", name="Mehr anzeigen").click()
    await expect(answer.get_by_role("button", name="Weniger anzeigen")).to_be_visible()
    await answer.get_by_role("button", name="Verdeckter Text").click()
    await expect(answer.locator(".spoiler.shown")).to_have_text("verdeckt")
    await answer.get_by_role("link", name="Mehr dazu").click()
    await member.get_by_role("button", name="STARTEN").click()
    await expect(member.get_by_role("log")).to_contain_text("/start f_mehr")
    await member.get_by_role("button", name="Löschen").last.click()
    await expect(member.get_by_role("log")).not_to_contain_text("Guten Tag. /start f_mehr")


async def test_with_the_keyboard_alone(opened):
    page = await opened(f"?person={AYLIN_YILMAZ}")
    member = pane(page, "Yilmaz")
    await expect(member.get_by_role("button", name="STARTEN")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(member.get_by_role("combobox")).to_be_focused()
    await page.keyboard.type("erste frgae")
    await page.keyboard.press("Enter")
    await expect(member.get_by_role("log")).to_contain_text("Gehört: erste frgae")
    await page.keyboard.press("ArrowUp")
    await expect(member.get_by_role("combobox")).to_have_value("erste frgae")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("erste Frage")
    await page.keyboard.press("Enter")
    await expect(member.locator(".message.own").last).to_contain_text("erste Frage")
    await expect(member.locator(".message.own").last).to_contain_text("bearbeitet")
    await page.keyboard.type("/ka")
    await expect(member.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(member.get_by_role("log")).to_contain_text("geschützt")
    await member.get_by_role("log").focus()
    await page.keyboard.press("ArrowUp")
    await expect(member.locator(".message").last).to_be_focused()
    await page.keyboard.press("Enter")
    menu = page.get_by_role("menu")
    await expect(menu).not_to_contain_text("Weiterleiten")
    await expect(menu).not_to_contain_text("kopieren")
    for _ in range(5):
        await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitem", name="Antworten")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type("danke")
    await page.keyboard.press("Enter")
    await expect(member.locator(".message.own").last.locator(".quote")).to_contain_text("geheim")


async def test_inline_results_and_reply_keyboards(opened):
    page = await opened(f"?person={AYLIN_YILMAZ}")
    member = pane(page, "Yilmaz")
    await page.keyboard.press("Enter")
    await write(member, "tasten")
    await expect(member.get_by_placeholder("Ja oder Nein")).to_be_visible()
    await member.get_by_role("group", name="Antwortmöglichkeiten").get_by_role("button", name="Ja").click()
    await expect(member.get_by_role("log")).to_contain_text("Gehört: Ja")
    await expect(member.get_by_role("group", name="Antwortmöglichkeiten")).to_have_count(0)
    await write(member, "code")
    await expect(member.get_by_placeholder("K7QM")).to_be_visible()
    await expect(member.locator(".bar")).to_contain_text("Ihr Code?")
    await write(member, "K7QM-2XRD")
    await expect(member.locator(".message.own").last.locator(".quote")).to_contain_text("Ihr Code?")
    await expect(member.locator(".bar")).to_be_empty()
    await member.get_by_role("combobox").fill("@auskunft_bot pin")
    await member.get_by_role("option", name="Ist meine PIN sicher?").click()
    await expect(member.locator(".message.own").last).to_contain_text("über @auskunft_bot")


async def test_photos_and_blocking(opened):
    page = await opened(f"?person={AYLIN_YILMAZ}")
    member = pane(page, "Yilmaz")
    await page.keyboard.press("Enter")
    await member.get_by_role("button", name="Anhängen").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name="Foto").click()
    await (await chooser.value).set_files({"name": "brief.png", "mimeType": "image/png", "buffer": PNG})
    await page.get_by_label("Bildunterschrift").fill("Mein Brief")
    await page.keyboard.press("Enter")
    await member.get_by_role("button", name="Foto groß ansehen: Mein Brief").click()
    await expect(page.get_by_role("dialog").get_by_role("img")).to_have_js_property("naturalWidth", 2)
    await page.keyboard.press("Escape")
    await member.get_by_role("button", name="Weitere Möglichkeiten").click()
    await page.get_by_role("menuitem", name="Bot blockieren").click()
    await expect(member).to_contain_text("Sie haben den Bot blockiert")
    await member.get_by_role("button", name="Blockierung aufheben").click()
    await expect(member.get_by_role("combobox")).to_be_visible()


async def test_a_photo_is_a_reply(opened, place):
    page = await opened()
    staff = pane(page, "Sommer")
    await staff.get_by_role("button", name="Technik").click()
    sent = await place.bot.send_message(STAFF_GROUP, "Mitglied: Wie sieht das aus?", message_thread_id=TOPIC_TECHNOLOGY)
    await staff.locator(f'[data-message="{sent.message_id}"]').click(button="right")
    await page.get_by_role("menuitem", name="Antworten").click()
    await staff.get_by_role("button", name="Anhängen").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name="Foto").click()
    await (await chooser.value).set_files({"name": "bild.png", "mimeType": "image/png", "buffer": PNG})
    await page.get_by_label("Bildunterschrift").fill("So")
    await page.keyboard.press("Enter")
    await expect(staff.locator(".message.own").last.locator(".quote")).to_contain_text("Wie sieht das aus?")
    await expect(staff.locator(".bar")).to_be_empty()


async def test_a_command_that_is_chosen_is_a_reply(opened, place):
    await place.bot.set_my_commands([("offene", "Offene Fälle")], scope=BotCommandScopeChat(STAFF_GROUP))
    page = await opened()
    staff = pane(page, "Sommer")
    await staff.get_by_role("button", name="Technik").click()
    await write(staff, "Das ging an das Mitglied")
    await staff.locator(".message.own").last.click(button="right")
    await page.get_by_role("menuitem", name="Antworten").click()
    await staff.get_by_role("combobox").fill("/off")
    await page.keyboard.press("Enter")
    await expect(staff.locator(".message.own").last).to_contain_text("/offene")
    await expect(staff.locator(".message.own").last.locator(".quote")).to_contain_text("Das ging an das Mitglied")


async def test_a_link_leads_to_a_topic(opened, place):
    page = await opened()
    staff = pane(page, "Sommer")
    await staff.get_by_role("button", name="Technik").click()
    address = f"https://t.me/c/{str(STAFF_GROUP).removeprefix('-100')}/{TOPIC_ARRANGEMENTS}"
    text = f'<a href="{address}">#214</a>'
    await place.bot.send_message(STAFF_GROUP, text, parse_mode="HTML", message_thread_id=TOPIC_TECHNOLOGY)
    await staff.get_by_role("link", name="#214").click()
    await expect(staff.get_by_role("heading", name="Absprachen")).to_be_visible()


async def test_member_and_staff_side_by_side(opened, place):
    page = await opened()
    staff = pane(page, "Sommer")
    await staff.get_by_role("button", name="Technik").click()
    sent = await place.bot.send_message(STAFF_GROUP, "Fall #1", message_thread_id=TOPIC_TECHNOLOGY)
    await expect(staff.get_by_role("log")).to_contain_text("Fall #1")
    await write(staff, "Ich übernehme")
    await expect(staff.locator(".message.own")).to_contain_text("Ich übernehme")
    await expect(page.get_by_role("button", name=re.compile("Keller"))).to_contain_text("2 ungelesen")
    await place.say(KELLER, "Danke", chat=STAFF_GROUP, thread=TOPIC_ARRANGEMENTS)
    await place.say(HEINZ_BRANDT, "Bis morgen", chat=STAMMTISCH)
    await expect(page.get_by_role("button", name=re.compile("Stammtisch"))).to_contain_text("Dr. Brandt: Bis morgen")
    await place.bot.delete_message(STAFF_GROUP, sent.message_id)
    await expect(staff.get_by_role("log")).not_to_contain_text("Fall #1")
    await place.bot.close_forum_topic(STAFF_GROUP, TOPIC_TECHNOLOGY)
    await staff.get_by_role("button", name="Zurück").click()
    await expect(staff.get_by_role("button", name="Technik")).to_contain_text("geschlossen")
    await expect(staff.get_by_role("button", name="Absprachen")).to_contain_text("Herr Keller: Danke")
    await staff.get_by_role("button", name="Neues Thema").click()
    await page.get_by_label("Name des Themas").fill("Rückfragen")
    await page.keyboard.press("Enter")
    await expect(pane(page, "Sommer")).to_have_attribute("aria-label", re.compile("Rückfragen"))
    await expect(pane(page, "Yilmaz")).to_be_visible()


async def test_on_a_phone(opened):
    page = await opened(viewport=PHONE, has_touch=True)
    await expect(page.get_by_role("main")).to_be_hidden()
    await page.get_by_role("button", name=re.compile("Brandt")).tap()
    await page.get_by_role("button", name=re.compile("^Auskunft")).tap()
    assert (await page.get_by_role("button", name="QR-Code scannen").bounding_box())["height"] >= 40
    await page.get_by_role("button", name="STARTEN").tap()
    await expect(page.get_by_role("log")).to_contain_text("Guten Tag")
    await expect(page.get_by_role("navigation")).to_be_hidden()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    assert (await page.get_by_role("button", name="Danke").bounding_box())["height"] >= 40
    await page.get_by_role("button", name="Zurück").tap()
    await expect(page.get_by_role("heading", name="Chats")).to_be_visible()


CONTRAST = """() => {
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = numbers(getComputedStyle(at).backgroundColor);
      if (alpha > .75) return [r, g, b];
      if (getComputedStyle(at).backgroundImage !== "none") return null;
    }
    return null;
  };
  const found = [];
  for (const node of document.querySelectorAll("p, h1, h2, span, b, time, button, small, strong, .text, .meta, .toast")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.offsetParent || node.closest(".avatar, .spoiler, .hidden")) continue;
    const back = ground(node);
    if (!back) continue;
    const [light, dark] = [luminance(numbers(getComputedStyle(node).color)), luminance(back)].sort((a, b) => b - a);
    const ratio = (light + .05) / (dark + .05);
    if (ratio < 4.5) found.push(`${node.className} ${node.textContent.slice(0, 20)} ${ratio.toFixed(2)}`);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_colours_can_be_read(opened, scheme):
    page = await opened(f"?person={HEINZ_BRANDT}", color_scheme=scheme)
    member = pane(page, "Brandt")
    await page.keyboard.press("Enter")
    await write(member, "pin")
    await write(member, "karte")
    await expect(member.get_by_role("log")).to_contain_text("geheim")
    await expect(member.locator(".message.new").last).to_be_visible()
    await page.wait_for_timeout(300)
    assert await page.evaluate(CONTRAST) == []
    panel = await page.evaluate("getComputedStyle(document.querySelector('.pane')).backgroundColor")
    assert panel == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(21, 31, 41)")


async def test_english_people_read_english_at_twice_the_size(opened):
    page = await opened(f"?person={EMMA_CLARKE}", viewport={"width": 720, "height": 450})
    await expect(page.get_by_role("button", name="START")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "en"
    assert await page.evaluate("document.documentElement.scrollWidth") <= 720
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    await page.get_by_role("button", name="START").click()
    await expect(page.get_by_role("combobox")).to_be_visible()
    box = await page.get_by_role("combobox").bounding_box()
    assert box["y"] + box["height"] <= 450


async def test_a_letter_is_looked_at_and_its_code_scanned(opened):
    page = await opened(f"?person={HEINZ_BRANDT}")
    member = pane(page, "Brandt")
    letter = member.get_by_role("region", name="Brief der Kammer")
    look = letter.get_by_role("link", name="Brief der Kammer ansehen (PDF)")
    await expect(look).to_have_accessible_description("Zweite Prüfung: 2309")
    await expect(look).to_have_attribute("target", "_blank")
    async with page.context.expect_event("response", lambda answer: "/handouts/" in answer.url) as answer:
        await look.focus()
        await page.keyboard.press("Enter")
    assert (await (await answer.value).all_headers())["content-type"] == "application/pdf"
    await page.bring_to_front()
    await letter.get_by_role("button", name="QR-Code scannen").focus()
    await page.keyboard.press("Enter")
    await expect(member.get_by_role("button", name="STARTEN")).to_be_focused()
    await expect(member.locator(".composer")).to_contain_text("Link zum Bot")
    await page.keyboard.press("Enter")
    await expect(member.get_by_role("log")).to_contain_text("/start B3ND9FGH")
    await expect(letter).to_be_visible()
    await page.get_by_role("button", name=re.compile("Yilmaz")).click()
    await expect(page.get_by_role("region", name="Brief der Kammer")).to_have_count(0)


async def test_the_page_comes_back_after_a_break(opened, place):
    page = await opened(f"?person={SOMMER}&chat={STAFF_GROUP}&topic={TOPIC_TECHNOLOGY}")
    staff = pane(page, "Sommer")
    await place.bot.send_message(STAFF_GROUP, "vorher", message_thread_id=TOPIC_TECHNOLOGY)
    await expect(staff.get_by_role("log")).to_contain_text("vorher")
    await page.reload()
    await place.bot.send_message(STAFF_GROUP, "nachher", message_thread_id=TOPIC_TECHNOLOGY)
    await expect(staff.get_by_role("log")).to_contain_text("nachher")
