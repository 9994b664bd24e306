"""`messenger`: the one on this computer, where there is no token."""

from config.base import Port, Strict


class Messenger(Strict):
    port: Port = 8080
