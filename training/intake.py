"""The sources of a recipe as one stream of candidates, with progress and counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from embedsvc.errors import EmptyCorpusError
from embedsvc.releases.journal import Journal
from embedsvc.releases.merging import snapshot
from embedsvc.text.candidate import Candidate
from training.corpus import FieldMapping, Origin, Source, SourceReport, open_source, read_candidates
from training.corpus.fields import with_columns
from training.preparation.cleaning import date_of
from training.progress import Meter
from training.recipe import LocatedRecipe


class Intake:
    """Reads a recipe's sources, as often as asked, with what was put in and erased at the service since.

    Who was erased is left out, whatever the sources hold. Of a candidate that was put in and is in a source
    too, the newer version by `updated_at` counts; one that is in no source comes behind them all.

    Attributes:
        changes: What was put in and erased when the intake was made.
        settled: After a reading, the ids put in of which a source holds as new a version.

    Raises:
        RecipeError: Keys of a source that do not go together, or a variable that is not set.
        SourceNotFoundError: A source's path matches no file, or its store cannot be reached.
        OptionalDependencyError: A library that a source needs is not installed.
    """

    def __init__(self, located: LocatedRecipe) -> None:
        corpus = located.recipe.corpus
        self._max_bad_share = corpus.max_bad_share
        self._columns = located.recipe.candidates.metadata
        sources = [source.model_copy(update={"fields": self._fields(source)}) for source in corpus.sources]
        self._sources = [(source, open_source(source, located.folder)) for source in sources]
        self._bytes = sum(origin.size() for _, origins in self._sources for origin in origins)
        self._reports: list[SourceReport] = []
        self.changes = snapshot(Journal(located.store))
        self.settled: set[str] = set()

    def _fields(self, source: Source) -> FieldMapping:
        """What is read of a source: its fields, and the columns that candidates are filtered by."""
        return with_columns(source.fields, *self._columns, source.metadata)

    def fingerprint(self) -> list[Any]:
        """Changes when a source's content does, as far as its `stamp` tells, or what the recipe says of it.

        Raises:
            SourceNotFoundError: A database or store cannot be reached.
        """
        of_sources = [
            [source.model_dump(mode="json"), [origin.stamp() for origin in origins]]
            for source, origins in self._sources
        ]
        through = [self.changes.through] if self.changes.through else []
        return [*of_sources, *self._columns, *through]

    def candidates(
        self, meter: Meter, *, searchable_only: bool = False, skills_needed: bool = True
    ) -> Iterator[tuple[Candidate, bool]]:
        """Every candidate with whether search may return it.

        Raises:
            BrokenSourceError: A source is cut short or holds too many lines that cannot be read.
            EmptyCorpusError: The sources hold no candidate, none is searchable where those are asked for,
            or none names a skill where all are and `skills_needed`.
        """
        self._reports = []
        self.settled, merged, done = set(), set[str](), 0
        for source, origins in self._sources:
            if source.searchable or not searchable_only:
                for candidate, searchable in self._read(source, origins, done, meter):
                    if not self.changes.is_erased(candidate.id):
                        yield from self._newest(candidate, searchable, merged)
            done += sum(origin.size() for origin in origins)
        self._refuse_empty(skills_needed=skills_needed and not searchable_only)
        yield from ((put.candidate, True) for name, put in self.changes.puts.items() if name not in merged)

    def _newest(
        self, candidate: Candidate, searchable: bool, merged: set[str]
    ) -> Iterator[tuple[Candidate, bool]]:
        """The candidate, or what was put in under its id, once, if that is not older."""
        put = self.changes.puts.get(candidate.id) if searchable else None
        if put is None:
            yield candidate, searchable
            return
        of_source, of_put = date_of(candidate.updated_at), date_of(put.candidate.updated_at)
        # A source that does not say how new it is has had until now to catch up.
        if of_source >= of_put or not of_source:
            self.settled.add(candidate.id)
        if candidate.id not in merged:
            merged.add(candidate.id)
            yield (candidate if of_source > of_put else put.candidate), True

    def _read(
        self, source: Source, origins: list[Origin], before: int, meter: Meter
    ) -> Iterator[tuple[Candidate, bool]]:
        report = SourceReport()
        self._reports.append(report)
        report.on_progress = lambda read, _total: meter.update(
            before + read, self._bytes or None, f"{self.count('candidates'):,} candidates"
        )
        stream = read_candidates(origins, source.fields, max_bad_share=self._max_bad_share, report=report)
        for candidate in stream:
            yield candidate, source.searchable

    def _refuse_empty(self, *, skills_needed: bool) -> None:
        if not self._reports:
            raise EmptyCorpusError("No source of the recipe is searchable; mark at least one so.")
        if not self.count("candidates"):
            raise EmptyCorpusError(
                "The corpus is empty: the sources hold no candidate; check the paths in the recipe."
            )
        if skills_needed and not self.count("with_skills"):
            raise EmptyCorpusError(
                f"None of the {self.count('candidates'):,} candidates names a skill; "
                "map `skills` to the field that lists them in the recipe's corpus.sources.fields."
            )

    def count(self, name: str) -> int:
        """A counter of `SourceReport`, over all sources."""
        return sum(getattr(report, name) for report in self._reports)

    def counts(self) -> dict[str, Any]:
        """What the last reading counted; JSON values."""
        names = ("files", "lines", "candidates", "bad_lines", "duplicate_ids", "with_skills", "with_label")
        bad = [str(line) for report in self._reports for line in report.first_bad]
        return {**{name: self.count(name) for name in names}, "first_bad": bad[:20]}
