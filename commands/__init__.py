"""The command line, a module for each noun; `bot.py` puts them together."""
