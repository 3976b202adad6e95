"""A source as the recipe names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_serializer, model_validator

from embedsvc.errors import RecipeError
from training.corpus.fields import FieldMapping, Paths
from training.corpus.presets import PRESETS, PresetName
from training.corpus.sources.address import Kind, kind_of, masked

Format = Literal["auto", "jsonl", "json", "csv", "tsv", "parquet"]
_TEXT_TABLES = ("auto", "csv", "tsv")


class Source(BaseModel):
    """One place candidates come from: files of this machine (`path`), or what a `url` names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str | None = Field(None, description="Files of this machine; a glob is expanded in sorted order.")
    url: str | None = Field(
        None,
        repr=False,
        description="Files elsewhere, a database or a MongoDB; `${NAME}` is that environment variable.",
    )
    format: Format = Field("auto", description="Of files; by default their names and first bytes tell.")
    table: str | None = Field(None, description="Of a database: `name` or `schema.name`; a view will do.")
    query: str | None = Field(None, description="Of a database, in place of `table`: one SELECT.")
    collection: str | None = Field(None, description="Of a MongoDB.")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = Field(
        None,
        description="Of CSV: one character; by default whichever of comma, semicolon, tab and bar leads.",
    )
    quote: Annotated[str, Field(max_length=1)] = Field(
        '"', description="Of CSV: what cells are quoted with; empty where they never are."
    )
    encoding: str = Field("utf-8", description="Of CSV; a byte order mark is dropped.")
    columns: tuple[str, ...] = Field((), description="Of CSV without a header line: the columns' names.")
    preset: PresetName = Field("ours", description="A ready mapping of fields; see below.")
    fields: FieldMapping = Field(
        FieldMapping(), description="Where the source keeps each field of a candidate; see below."
    )
    metadata: dict[str, Paths] = Field(
        {},
        description="Where the source keeps what `[candidates]` makes filterable, by the column's name: "
        '`{ years = "experience.total_years" }`; by default in a field of that name.',
    )
    searchable: bool = Field(
        True, description="False for text that trains but is nobody to find: job ads, skill lists."
    )

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, given: Any) -> Any:
        """Lay the fields that are named over those of the preset."""
        if not isinstance(given, Mapping):
            return given
        preset = PRESETS.get(given.get("preset", "ours"), {}) if isinstance(given.get("preset"), str) else {}
        fields = given.get("fields", {})
        if isinstance(fields, FieldMapping):
            fields = fields.model_dump(exclude_unset=True)
        return {**given, "fields": {**preset, **fields}} if isinstance(fields, Mapping) else given

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        """Refuse keys that do not go together."""
        if (self.path is None) == (self.url is None):
            raise ValueError("a source has either `path`, for files of this machine, or `url`")
        try:
            kind = "files" if self.url is None else kind_of(self.url)
            if kind is not None:
                self.check(kind)
            "".encode(self.encoding)
        except RecipeError as error:
            raise ValueError(error.message.rstrip(".")) from None
        except LookupError:
            raise ValueError(f"there is no encoding {self.encoding!r}") from None
        return self

    @field_serializer("url", when_used="json-unless-none")
    def _without_password(self, url: str) -> str:
        """What a release's manifest and a stage's key hold."""
        return masked(url)

    def check(self, kind: Kind) -> None:
        """Refuse keys that do not go with what the source is.

        Raises:
            RecipeError: There is one.
        """
        given = {name for name in ("table", "query", "collection") if getattr(self, name) is not None}
        wanted = {"files": set[str](), "sql": {"table", "query"}, "mongo": {"collection"}}[kind]
        what = {"files": "files", "sql": "a database", "mongo": "a MongoDB"}[kind]
        if wrong := sorted(given - wanted):
            raise RecipeError(f"`{wrong[0]}` does not go with {what}")
        if wanted and len(given) != 1:
            raise RecipeError(
                f"{what} needs " + " or ".join(f"`{name}`" for name in sorted(wanted, reverse=True))
            )
        if kind != "files" and self.format != "auto":
            raise RecipeError(f"`format` does not go with {what}")
        if kind != "files" or self.format not in _TEXT_TABLES:
            defaults = {name: type(self).model_fields[name].default for name in _OF_TABLES}
            if odd := [name for name, default in defaults.items() if getattr(self, name) != default]:
                raise RecipeError(f"`{odd[0]}` goes with CSV files only")


_OF_TABLES = ("delimiter", "quote", "encoding", "columns")
