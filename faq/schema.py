"""The JSON Schema of the FAQ files: what an editor that reads YAML completes, explains and underlines."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from faq.entry import CategoryFile

FILE = "schema.json"
# The YAML language server "supports JSON Schema 7 and below" (its README); nothing here is newer.
DIALECT = "http://json-schema.org/draft-07/schema#"
# First line of each file of entries; editors with the YAML language server understand it.
MODELINE = f"# yaml-language-server: $schema={FILE}"


class _AsWritten(GenerateJsonSchema):
    """Describes what people write, which is never `null`: they leave a key out instead."""

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  "As Of" helps nobody
        return False


def schema(hints: Mapping[str, str]) -> str:
    """The text of the schema's file. `hints` explain keys to whoever edits: "entry.owner" → a sentence."""
    whole = CategoryFile.model_json_schema(schema_generator=_AsWritten)
    for model in (whole, *whole["$defs"].values()):
        name = str(model.pop("title")).lower()
        model.pop("description", None)  # a docstring, meant for programmers
        for key, value in model.get("properties", {}).items():
            if hint := hints.get(f"{name}.{key}"):
                value["description"] = hint
    return json.dumps({"$schema": DIALECT, **whole}, ensure_ascii=False, indent=2) + "\n"
