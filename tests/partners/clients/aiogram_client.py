"""aiogram, written for Telegram itself, must work against our simulator of the Bot API; and the updates with which the
stories of the bot are told must be those that aiogram builds.

Usage: aiogram_client.py <root> <token> <file of updates> [write]
"""

import asyncio
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    Chat,
    ChatMemberBanned,
    ChatMemberMember,
    ChatMemberUpdated,
    Contact,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    Location,
    MenuButtonCommands,
    MenuButtonWebApp,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    Update,
    User,
    WebAppInfo,
)
from aiogram.utils.web_app import safe_parse_webapp_init_data

GUEST = 700000001
AT = datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)
# One white pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe"
    "0def46b80000000049454e44ae426082"
)


class Updates:
    """The updates of the stories, in their order."""

    def __init__(self):
        self.user = User(id=GUEST, is_bot=False, first_name="Guest", language_code="ru")
        self.bot = User(id=6000000001, is_bot=True, first_name="Brand", username="brand_bot")
        self.chat = Chat(id=GUEST, type="private", first_name="Guest")
        self.number = 910000000
        self.made = {}

    def add(self, name, **event):
        self.number += 1
        self.made[name] = Update(update_id=self.number, **event)

    def message(self, name, **content):
        message = Message(message_id=self.number % 1000, date=AT, chat=self.chat, from_user=self.user, **content)
        self.add(name, message=message)

    def command(self, name, text):
        command = text.split()[0]
        self.message(name, text=text, entities=[MessageEntity(type="bot_command", offset=0, length=len(command))])

    def press(self, name, data, message_id):
        said = Message(message_id=message_id, date=AT, chat=self.chat, from_user=self.bot, text="?")
        query = CallbackQuery(
            id=str(3006500000000000000 + self.number), from_user=self.user, chat_instance="-2719", data=data, message=said
        )
        self.add(name, callback_query=query)

    def build(self):
        self.command("start", "/start ref_ABCD2345")
        self.press("terms", "at", 1)
        self.press("personal_data", "ap", 1)
        self.press("agreed", "ag", 1)
        self.message("foreign_contact", contact=Contact(phone_number="77019999999", first_name="Friend", user_id=GUEST + 1))
        self.message("own_contact", contact=Contact(phone_number="77019999998", first_name="Guest", user_id=GUEST))
        self.command("card", "/card")
        self.press("card_number", "cs", 5)
        self.message("balance_before", text="⭐ Баллы")
        self.message("balance_after", text="⭐ Баллы")
        self.message("place", location=Location(latitude=43.24, longitude=76.9))
        self.command("unlink", "/unlink")
        self.press("unlinked", "yu", 9)
        self.command("balance_as_stranger", "/balance")
        change = ChatMemberUpdated(
            chat=self.chat,
            from_user=self.user,
            date=AT,
            old_chat_member=ChatMemberMember(status="member", user=self.bot),
            new_chat_member=ChatMemberBanned(status="kicked", user=self.bot, until_date=AT),
        )
        self.add("blocked", my_chat_member=change)
        return {
            name: json.loads(update.model_dump_json(by_alias=True, exclude_unset=True))
            for name, update in self.made.items()
        }


async def refused(kind, call):
    try:
        await call
    except kind as error:
        return error
    raise AssertionError(f"not refused with {kind.__name__}")


async def control(session, root, path, body):
    client = await session.create_session()
    async with client.post(f"{root}/_control/{path}", json=body) as response:
        assert response.status == 200, await response.text()


async def talk(root, token):
    session = AiohttpSession(api=TelegramAPIServer.from_base(root))
    bot = Bot(token, session=session)
    me = await bot.get_me()
    assert me.is_bot and me.username == "brand_bot", me
    assert await bot.set_webhook(
        "https://api.example.com/hook", secret_token="a-secret", allowed_updates=["message", "callback_query", "my_chat_member"]
    )
    assert (await bot.get_webhook_info()).url == "https://api.example.com/hook"
    assert await bot.set_my_commands([BotCommand(command="card", description="Card")])
    app = WebAppInfo(url="https://example.com/app")
    assert await bot.set_chat_menu_button(menu_button=MenuButtonWebApp(text="Brand", web_app=app))
    await refused(
        TelegramBadRequest,
        bot.set_chat_menu_button(menu_button=MenuButtonWebApp(text="Brand", web_app=WebAppInfo(url="http://example.com"))),
    )
    assert await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    error = await refused(TelegramBadRequest, bot.set_webhook("http://api.example.com/hook", secret_token="x", allowed_updates=[]))
    assert "HTTPS" in error.message

    await control(session, root, "limits", {"on": False})
    buttons = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="5 ★", callback_data="s5token")]])
    said = await bot.send_message(GUEST, "How was it?", reply_markup=buttons)
    assert said.chat.id == GUEST and said.reply_markup.inline_keyboard[0][0].callback_data == "s5token", said
    edited = await bot.edit_message_text("Thank you", chat_id=GUEST, message_id=said.message_id)
    assert edited.text == "Thank you"
    error = await refused(TelegramBadRequest, bot.edit_message_text("Thank you", chat_id=GUEST, message_id=said.message_id))
    assert "message is not modified" in error.message
    keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="My number", request_contact=True)]], resize_keyboard=True)
    await bot.send_message(GUEST, "Your number?", reply_markup=keys)
    photo = await bot.send_photo(GUEST, BufferedInputFile(PNG, "card.png"), caption="Card")
    assert photo.photo[-1].file_id and photo.caption == "Card", photo
    media = InputMediaPhoto(media=BufferedInputFile(PNG + b"2", "card.png"), caption="Card 2")
    changed = await bot.edit_message_media(media, chat_id=GUEST, message_id=photo.message_id)
    assert changed.caption == "Card 2", changed
    assert await bot.answer_callback_query("3006500000000000001", text="Noted")

    for state, kind in [("blocked", TelegramForbiddenError), ("deactivated", TelegramForbiddenError), ("missing", TelegramBadRequest)]:
        await control(session, root, "chats", {"chat": 5, "state": state})
        await refused(kind, bot.send_message(5, "x"))
    await control(session, root, "limits", {"on": True})
    await bot.send_message(GUEST + 1, "one")
    error = await refused(TelegramRetryAfter, bot.send_message(GUEST + 1, "two"))
    assert error.retry_after == 1, error
    for other in range(29):
        await bot.send_message(1000 + other, "x")
    await refused(TelegramRetryAfter, bot.send_message(2000, "x"))
    stranger = Bot(token[:-1] + "1", session=session)
    await refused(TelegramUnauthorizedError, stranger.get_me())

    client = await session.create_session()
    async with client.get(f"{root}/_control/violations") as response:
        violations = (await response.json())["violations"]
    # The one call above that is wrong on purpose.
    assert all("setWebhook" in violation for violation in violations), violations
    await bot.session.close()


# As tests of crate `telegram` have it.
INIT_DATA = (
    "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A700000001%2C%22is_bot%22%3Afalse%2C%22first_name%22%3A%22"
    "%D0%93%D0%BE%D1%81%D1%82%D1%8C%22%2C%22language_code%22%3A%22ru%22%7D&auth_date=1795246900"
    "&signature=c2lnbmF0dXJlLXRlc3Q&hash=c8676569e59dc64b578ebe3c8e66b7578b70314fc113f9495ef5e20235448182"
)


def main():
    root, token, path = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    updates = Updates().build()
    text = json.dumps(updates, ensure_ascii=False, indent=1) + "\n"
    if "write" in sys.argv[4:]:
        path.write_text(text)
    assert path.read_text() == text, f"{path} differs from what aiogram builds: run this script with `write`"
    for update in updates.values():
        Update.model_validate(update)
    data = safe_parse_webapp_init_data("6000000001:AAExampleExampleExampleExampleExample00", INIT_DATA)
    assert data.user.id == GUEST
    asyncio.run(talk(root, token))
    print(f"aiogram: {len(updates)} updates as it builds them; calls, edits, pictures, limits and refusals understood")


if __name__ == "__main__":
    main()
