"""Which field of a source feeds which field of a candidate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from embedsvc.text.candidate import Candidate
from training.corpus.values import first_of, labels_of, skills_of, text_of

Record = dict[str, Any]
_Finder = Callable[[Record], Any]


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _sound(paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        if not all(part.strip() for part in path.split(".")):
            raise ValueError(f"{path!r} is not a path: write `field` or `outer.inner`")
    return paths


_TELLING = ("title", "summary", "skills", "experience", "education", "projects")

Paths = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), AfterValidator(_sound)]


class FieldMapping(BaseModel):
    """For every field of a candidate, where the source keeps it; the default is our own schema.

    A path is a field's name, or names joined by dots for nested objects (through a list it collects
    from each element). Several paths are tried in turn until one holds something; for `experience`
    and `projects` all of them are joined by line breaks instead, so that a job advertisement's `text`
    and `other` can be read together, and for `name` by spaces. An empty list switches a field off.
    A `label` may be a list: then a candidate has several.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Paths = ("id",)
    title: Paths = ("title",)
    summary: Paths = ("summary",)
    skills: Paths = ("skills",)
    experience: Paths = ("experience",)
    education: Paths = ("education",)
    projects: Paths = ("projects",)
    label: Paths = ("label", "labels")
    location: Paths = ("location",)
    updated_at: Paths = ("updated_at",)
    name: Paths = ()

    def roots(self) -> frozenset[str]:
        """Names of the outermost fields that are read: all that a table or collection need hand out."""
        return frozenset(name for paths in self._paths() for path in paths for name in _roots(path))

    def reads_text_from(self, columns: Iterable[str]) -> bool:
        """Whether a table with these columns can tell anything about a candidate beside its id and label."""
        known = set(columns)
        paths = (path for field in _TELLING for path in getattr(self, field))
        return any(name in known for path in paths for name in _roots(path))

    def _paths(self) -> Iterator[tuple[str, ...]]:
        return (getattr(self, field) for field in type(self).model_fields)


class ColumnMapping(FieldMapping):
    """A mapping that also reads the columns that candidates are filtered by, each where a source keeps it."""

    texts: dict[str, Paths] = {}
    numbers: dict[str, Paths] = {}

    def _paths(self) -> Iterator[tuple[str, ...]]:
        yield from (getattr(self, field) for field in FieldMapping.model_fields)
        yield from self.texts.values()
        yield from self.numbers.values()


def with_columns(
    mapping: FieldMapping, texts: Iterable[str], numbers: Iterable[str], places: Mapping[str, tuple[str, ...]]
) -> ColumnMapping:
    """`mapping` with columns, each at its place or, where none is named, at the field of its own name."""
    return ColumnMapping(
        **{name: getattr(mapping, name) for name in FieldMapping.model_fields},
        texts={name: places.get(name, (name,)) for name in texts},
        numbers={name: places.get(name, (name,)) for name in numbers},
    )


def _roots(path: str) -> tuple[str, str]:
    """A path may also be the name of one field with a dot in it."""
    return path, path.split(".")[0]


class CandidateBuilder:
    """Builds candidates from records by one mapping; the paths are taken apart once."""

    def __init__(self, mapping: FieldMapping) -> None:
        self._finders = {
            field: tuple(_finder(path) for path in getattr(mapping, field))
            for field in FieldMapping.model_fields
        }
        columns = mapping if isinstance(mapping, ColumnMapping) else ColumnMapping()
        self._texts, self._numbers = (
            {name: tuple(map(_finder, paths)) for name, paths in places.items()}
            for places in (columns.texts, columns.numbers)
        )

    def build(self, record: Record, fallback_id: str) -> Candidate:
        """The candidate that `record` describes.

        Args:
            record: A parsed JSON object.
            fallback_id: The id where the record has none.
        """
        label, *others = self._first_of_each(record, "label", labels_of) or (None,)
        return Candidate(
            id=self._first(record, "id", first_of) or fallback_id,
            title=self._first(record, "title", _line_of),
            summary=self._first(record, "summary", text_of),
            skills=self._first_of_each(record, "skills", skills_of),
            experience=self._joined(record, "experience", "\n"),
            education=self._first(record, "education", text_of),
            projects=self._joined(record, "projects", "\n"),
            label=label,
            location=self._first(record, "location", _line_of),
            updated_at=self._first(record, "updated_at", first_of),
            name=self._joined(record, "name", " "),
            other_labels=tuple(filter(None, others)),
            metadata=tuple(self._metadata(record)),
        )

    def _metadata(self, record: Record) -> Iterator[tuple[str, str | float]]:
        for name, finders in self._texts.items():
            text = next((text for find in finders if (text := _line_of(find(record)).strip())), "")
            if text:
                yield name, text
        for name, finders in self._numbers.items():
            number = next((n for find in finders if (n := _number_of(find(record))) is not None), None)
            if number is not None:
                yield name, number

    def _first(self, record: Record, field: str, read: Callable[[Any], str]) -> str:
        for find in self._finders[field]:
            text = read(find(record))
            if text and not text.isspace():
                return text
        return ""

    def _first_of_each(
        self, record: Record, field: str, read: Callable[[Any], tuple[str, ...]]
    ) -> tuple[str, ...]:
        return next((found for find in self._finders[field] if (found := read(find(record)))), ())

    def _joined(self, record: Record, field: str, separator: str) -> str:
        texts = [text_of(find(record), separator) for find in self._finders[field]]
        return separator.join(text for text in texts if text and not text.isspace())


def _line_of(value: Any) -> str:
    return text_of(value, ", ")


def _number_of(value: Any) -> float | None:
    """A finite number, or a text that is one; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _finder(path: str) -> _Finder:
    parts = path.split(".")
    if len(parts) == 1:
        return lambda record: record.get(path)
    # A field may have a dot in its own name.
    return lambda record: record[path] if path in record else _dig(record, parts)


def _dig(value: Any, parts: list[str]) -> Any:
    for position, part in enumerate(parts):
        if isinstance(value, list):
            found = [_dig(each, parts[position:]) for each in value if isinstance(each, dict)]
            return [each for each in found if each is not None]
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value
