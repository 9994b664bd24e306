"""Telegram in and out: the only place that knows python-telegram-bot."""

import os

# PTB's spans of time are timedeltas, as they will always be in its next version.
os.environ.setdefault("PTB_TIMEDELTA", "1")
