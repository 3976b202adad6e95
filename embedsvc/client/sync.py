"""The blocking client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, Self

import httpx

from embedsvc.client import plans
from embedsvc.client.calls import Progress
from embedsvc.client.candidates import Candidates
from embedsvc.client.jobs import Jobs
from embedsvc.client.skills import Skills
from embedsvc.client.streams import Streams
from embedsvc.client.transport import SyncTransport
from embedsvc.schemas import (
    ActivateResponse,
    ClassifyResponse,
    Condition,
    EmbeddingsResponse,
    LiveResponse,
    ModelListResponse,
    ReadyResponse,
    ReleaseListResponse,
    ReleaseResponse,
    SearchResponse,
    SimilarityResponse,
)


class Client:
    """Asks a running service; may be shared between threads.

    Every method raises errors of `embedsvc.errors` only: those the service answers with, and
    TransportError where it could not be reached.

    Args:
        base_url: Where the service is.
        timeout: Seconds to wait for a connection, and for each part of an answer.
        retries: How often to ask again after 429, 502, 503, 504 or a broken connection.
        transport: Replaces the network, in tests.
        api_key: Sent with every request; EMBEDSVC_API_KEY where left out.

    Raises:
        InputError: `base_url` is not an http or https address.

    Example:
        with Client("http://127.0.0.1:8000") as client:
            for other in client.skills.related("php", k=10).related:
                print(other.skill, other.score)
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8000",
        *,
        timeout: float = 10.0,
        retries: int = 2,
        api_key: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._transport = SyncTransport(base_url, timeout, retries, transport, api_key=api_key)
        self.skills = Skills(self._transport)
        self.candidates = Candidates(self._transport)
        self.jobs = Jobs(self._transport)
        self.stream = Streams(self._transport)
        self.similarity = Similarity(self._transport)
        self.health = Health(self._transport)

    @classmethod
    def local(cls, store: str | PathLike[str], *, recipe: str | PathLike[str] | None = None) -> Self:
        """A client that answers from a store by itself, without a server: the same values and errors.

        It follows the store's live release, as the service does, and begins jobs with the recipe; without one
        with that of EMBEDSVC_RECIPE.

        Raises:
            OptionalDependencyError: Only the SDK is installed.
            StoreError: There is no store at that path.
        """
        from embedsvc.client.local import LOCAL_URL, LocalTransport

        return cls(LOCAL_URL, retries=0, transport=LocalTransport(store, recipe))

    def search(
        self,
        texts: Sequence[str],
        k: int = 10,
        *,
        where: Condition | Mapping[str, Any] | None = None,
        exact: bool = False,
        effort: int | None = None,
        progress: Progress | None = None,
    ) -> SearchResponse:
        """Find the k candidates that read most like each text; long batches are split and joined.

        Args:
            texts: Jobs, sentences, lists of skills.
            k: How many at most.
            where: Whom to look among: `{"field": "label", "in": ["IT"]}`, or as `embedsvc.schemas` has it.
            exact: Compare everybody who may be found instead of asking the index.
            effort: How much the index looks at for a text, in its own unit (efSearch of a graph, lists
                visited): more finds more. Its usual effort by default; from the number of candidates on
                everybody is compared.
            progress: Called with the texts answered and all texts, after each part of a long batch.
        """
        return self._transport.run(plans.search(texts, k, where, exact, effort), progress)

    def classify(
        self,
        texts: Sequence[str],
        *,
        classifier: str | None = None,
        examples: Mapping[str, Sequence[str]] | None = None,
        top_k: int = 3,
        threshold: float | None = None,
        progress: Progress | None = None,
    ) -> ClassifyResponse:
        """Label each text.

        Args:
            texts: Any number.
            classifier: Which one of the release; `label` by default.
            examples: Instead of a classifier, 1 to 20 texts of each of up to 100 labels.
            top_k: Labels a text at most.
            threshold: Probability from which a label is given; the classifier's own by default.
            progress: Called with the texts answered and all texts, after each part of a long batch.
        """
        plan = plans.classify(texts, classifier, examples, top_k, threshold)
        return self._transport.run(plan, progress)

    def embeddings(
        self,
        texts: Sequence[str],
        model: str = "sentences",
        *,
        dimensions: int | None = None,
        progress: Progress | None = None,
    ) -> EmbeddingsResponse:
        """The unit vector of each text, `answer.vectors`; long batches are split and joined.

        Args:
            texts: Any number.
            model: `sentences`, or `skills` where each text is a skill; `models()` lists them.
            dimensions: Only the first numbers of each vector, where the model was trained for that.
            progress: Called with the texts answered and all texts, after each part of a long batch.

        Raises:
            UnsupportedError: The model was not trained to have its vectors cut.
        """
        return self._transport.run(plans.embeddings(texts, model, dimensions), progress)

    def models(self) -> ModelListResponse:
        """List what makes vectors in the live release."""
        return self._transport.run(plans.models())

    def releases(self) -> ReleaseListResponse:
        """List the releases of the service's store, newest first."""
        return self._transport.run(plans.releases())

    def release(self, name: str) -> ReleaseResponse:
        """What a release is, how good, and, of the one that answers, what can be asked of it.

        Raises:
            UnknownReleaseError: The service's store has no such release.
        """
        return self._transport.run(plans.release(name))

    def activate(self, release: str) -> ActivateResponse:
        """Make a release the live one; needs an API key of the scope admin where there are keys.

        Every file of it is read first: give the client a `timeout` for that.

        Raises:
            UnknownReleaseError: The service's store has no such release.
            GateError: Its canary query fails, its gate refuses it, or it is damaged; the one before stays.
        """
        return self._transport.run(plans.activate(release))

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Similarity:
    """Cosines of texts in [-1, 1], None where a text holds no known word; `client.similarity`."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def pairs(
        self, pairs: Sequence[tuple[str, str]], *, progress: Progress | None = None
    ) -> SimilarityResponse:
        """One score a pair; long batches are split and joined."""
        return self._transport.run(plans.pairs(pairs), progress)

    def one_to_many(
        self, source: str, targets: Sequence[str], *, progress: Progress | None = None
    ) -> SimilarityResponse:
        """One score a target; long batches are split and joined."""
        return self._transport.run(plans.one_to_many(source, targets), progress)


class Health:
    """Is the service there, and can it answer; `client.health`. Never asks twice."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def live(self) -> LiveResponse:
        """Return when the process answers."""
        return self._transport.run(plans.live())

    def ready(self) -> ReadyResponse:
        """Return when a canary query on the live release gives its known answer.

        Raises:
            NoActiveReleaseError: Nothing has been activated in the service's store.
            NotReadyError: The canary query does not give its known answer.
        """
        return self._transport.run(plans.ready())
