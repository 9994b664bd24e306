"""`association`: who speaks."""

from typing import Annotated

from pydantic import StringConstraints

from config.base import Address, Strict, Text


class Association(Strict):
    """Who speaks; the values that texts and answers name in braces."""

    name: Text
    short_name: Text
    topic: Text
    topic_en: Text
    supplier: Text
    phone: Text
    hours: Text
    hours_en: Text
    email: Text
    address: Text
    website: Address
    portal: Address
    bot_page: Address
    bot_name: Annotated[str, StringConstraints(pattern=r"^@[A-Za-z0-9_]{5,32}$")]
    dpo: Text
    press: Text
    authority: Text
    cme_portal: Address
    fees_contact: Text

    @property
    def addresses(self) -> tuple[str, ...]:
        """The association's own on the web, which members know."""
        return self.website, self.portal, self.bot_page, self.cme_portal
