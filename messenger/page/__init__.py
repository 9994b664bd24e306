"""The page in the browser: what people see and do. The bot's side is `messenger.api`."""
