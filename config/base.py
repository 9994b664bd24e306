"""What the sections of `config.yaml` are made of: the model, and the values that several of them hold."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _an_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", value):
        message = "keine Adresse: Sie beginnt mit https:// und enthält keine Leerzeichen."
        raise ValueError(message)
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Address = Annotated[str, AfterValidator(_an_address)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=28)]
EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=48)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Words(Strict):
    """The same words in each language."""

    de: Text
    en: Text

    def in_(self, language: str) -> str:
        return self.de if language == "de" else self.en
