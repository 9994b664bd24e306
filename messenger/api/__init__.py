"""The Bot API over HTTP, one module per family of methods (core.telegram.org/bots/api)."""
