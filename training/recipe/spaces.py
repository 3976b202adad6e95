"""Sections on the spaces of words, skills and sentences."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from training.recipe.section import Section, Share


class Word2VecSection(Section):
    """The word space (gensim)."""

    algorithm: Literal["skip-gram", "cbow"] = Field(
        "skip-gram", description="Predict the words around a word, or a word from those around it."
    )
    dimension: Annotated[int, Field(ge=2, le=2000)] = Field(100, description="Numbers a vector.")
    window: Annotated[int, Field(ge=1, le=100)] = Field(5, description="Words to each side in text.")
    list_window: Annotated[int, Field(ge=1, le=1000)] = Field(
        20, description="Skills to each side in a skill list, whose order is ignored."
    )
    min_count: Annotated[int, Field(ge=1)] = Field(5, description="Rarer words have no vector.")
    epochs: Annotated[int, Field(ge=1, le=1000)] = Field(5, description="Passes over the corpus.")
    negative: Annotated[int, Field(ge=1, le=100)] = Field(5, description="Noise words a positive one.")
    sample: Share = Field(1e-3, description="Down-sampling threshold of frequent words.")
    learning_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        0.025, description="Step size at the start; it falls linearly."
    )
    workers: Annotated[int, Field(ge=0)] = Field(
        0, description="0 = all cores; 1 gives the same bytes twice."
    )


class GloveSection(Section):
    """A second word space (GloVe), beside that of word2vec."""

    enabled: bool = Field(False, description="True trains it and puts it into the release.")
    dimension: Annotated[int, Field(ge=1, le=2000)] = Field(100, description="Numbers a vector.")
    window: Annotated[int, Field(ge=1, le=100)] = Field(
        10, description="Words to each side in text; one at distance d counts 1 / d."
    )
    symmetric: bool = Field(True, description="False counts only the words before a word, in text.")
    list_window: Annotated[int, Field(ge=1, le=10_000)] = Field(
        1000, description="Skills of a list that count as near each other: more than a list has, for all."
    )
    list_weight: Literal["shared", "one"] = Field(
        "shared",
        description="Two skills of one list count 1 / (length - 1), so that long lists do not drown short "
        "ones, or 1.",
    )
    min_count: Annotated[int, Field(ge=1)] = Field(5, description="Rarer words have no vector.")
    x_max: Annotated[float, Field(gt=0)] = Field(
        10.0, description="Count from which a pair has full weight; more for larger corpora."
    )
    alpha: Annotated[float, Field(gt=0, le=2)] = Field(
        0.75, description="How the weight of rarer pairs falls: (count / x_max) to this power."
    )
    epochs: Annotated[int, Field(ge=1, le=1000)] = Field(15, description="Passes over the pairs.")
    learning_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        0.05, description="Size of a first step; AdaGrad makes later ones smaller."
    )
    memory: Annotated[float, Field(gt=0)] = Field(
        2.0, description="GiB for counts and pairs; what is more goes to disk."
    )
    workers: Annotated[int, Field(ge=0)] = Field(
        0, description="0 = all cores; 1 gives the same bytes twice."
    )


class FastTextSection(Section):
    """A word space made of subwords (fastText), so that unseen words and misspellings have vectors too."""

    enabled: bool = Field(
        False,
        description="True trains it and puts it into the release, and the query ladder gets the step "
        "`subwords`.",
    )
    algorithm: Literal["skip-gram", "cbow"] = Field(
        "skip-gram", description="Predict the words around a word, or a word from those around it."
    )
    dimension: Annotated[int, Field(ge=2, le=2000)] = Field(100, description="Numbers a vector.")
    window: Annotated[int, Field(ge=1, le=100)] = Field(
        5, description="Words to each side; skill lists are read several times in random orders instead."
    )
    min_count: Annotated[int, Field(ge=1)] = Field(5, description="Rarer words have no row of their own.")
    epochs: Annotated[int, Field(ge=1, le=1000)] = Field(5, description="Passes over the corpus.")
    negative: Annotated[int, Field(ge=1, le=100)] = Field(5, description="Noise words a positive one.")
    min_n: Annotated[int, Field(ge=1, le=20)] = Field(3, description="Characters of the shortest subword.")
    max_n: Annotated[int, Field(ge=1, le=20)] = Field(6, description="Characters of the longest.")
    bucket: Annotated[int, Field(ge=1, le=20_000_000)] = Field(
        500_000, description="Rows that subwords share by hash while training, 4 * dimension bytes each."
    )
    sample: Share = Field(1e-4, description="Down-sampling threshold of frequent words.")
    learning_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        0.05, description="Step size at the start; it falls linearly."
    )
    keep: Annotated[float, Field(gt=0, le=1)] = Field(
        0.25,
        description="The served space takes at most this share of fastText's .bin; the buckets that fewest "
        "words use are dropped until it fits, those that none uses always.",
    )
    precision: Literal["int8", "float16", "float32"] = Field(
        "int8", description="Of the served numbers; int8 has one scale a row."
    )
    workers: Annotated[int, Field(ge=0)] = Field(
        0,
        description="0 = all cores; 1 gives the same bytes twice. From 2 on, at least 11 threads are "
        "started, as fastText fills its memory by tenths, one a thread.",
    )


class AlignmentSection(Section):
    """New spaces turned onto those of the live release, so that vectors kept elsewhere still mean something.

    The word space and the learned sentence encoder are rotated as a whole: what is like what does not change.
    """

    enabled: bool = Field(
        True,
        description="False leaves them as they were trained. Without a live release, or one of another "
        "dimension, nothing is rotated.",
    )


class RelationsSection(Section):
    """The neighbour tables of skills."""

    neighbours: Annotated[int, Field(ge=1, le=1000)] = Field(
        100, description="Rows kept a skill in `similar`."
    )
    used_with_neighbours: Annotated[int, Field(ge=1, le=1000)] = Field(
        300,
        description="Rows kept a skill in `used_with`, 8 bytes each: more of them find more of what a list "
        "also names when its skills vote.",
    )
    min_candidates: Annotated[int, Field(ge=1)] = Field(
        10, description="Skills named by fewer have neighbours but are nobody's neighbour in `similar`."
    )
    lift: Annotated[float, Field(ge=0, le=1)] = Field(
        0.6,
        description="How far `similar` lifts the cosine of two skills towards 1 because lists name both; "
        "0 leaves the cosine.",
    )
    ease_skills: Annotated[int, Field(ge=2, le=50_000)] = Field(
        12_000,
        description="The most frequent skills, between which EASE weighs: 4 bytes times its square of "
        "memory, 0.6 GB for 12,000. Rarer ones score normalised PMI.",
    )
    ridge: Annotated[float, Field(gt=0)] = Field(
        20.0,
        description="EASE's ridge for `used_with`, in lists: the more, the less pairs seen seldom count.",
    )
    power: Annotated[float, Field(gt=0, le=1)] = Field(
        0.6,
        description="Of EASE's weights for `used_with`: below 1, several weak hints outvote a strong one.",
    )
    popularity: Annotated[float, Field(ge=0, le=1)] = Field(
        0.07,
        description="A skill of n lists scores 1 / n^popularity in `used_with`: the more, the fewer "
        "everyday skills on top.",
    )
    damping: Annotated[float, Field(ge=0)] = Field(
        50.0,
        description="Co-occurrences at which being named together has half its weight: in `similar`, and in "
        "`used_with` of rarer skills.",
    )


class SentencesSection(Section):
    """The sentence encoder: `sif`, `static` or `transformer`.

    `sif` is a weighted mean of word vectors, `static` of learned token vectors; `transformer` is a checkpoint
    that somebody else trained, fine-tuned on the candidates.

    On candidates held out, `static` finds about twice as many of the same label and three times as often the
    experience that belongs to a summary (`python -m benchmarks.candidate_sentences`). `a`, `components` and
    `sample` are of SIF, from which `static` starts; `[static]` has the rest of it.
    """

    kind: Literal["auto", "sif", "static", "transformer"] = Field(
        "auto",
        description="Which encoder the release has; auto is static where there are `static.min_pairs` pairs.",
    )
    a: Annotated[float, Field(gt=0)] = Field(
        1e-3,
        description="A word of frequency p weighs a / (a + p): the smaller, the less frequent words count.",
    )
    components: Annotated[int, Field(ge=0, le=50)] = Field(1, description="Common directions projected out.")
    sample: Annotated[int, Field(ge=1)] = Field(
        20_000, description="Documents the directions are taken from."
    )


class StaticSection(Section):
    """The learned sentence encoder, trained where `sentences.kind` asks for it.

    It learns from pairs of texts of one candidate: summary and experience, title and skills, earlier and
    later experience.
    """

    dimension: Annotated[int, Field(ge=0, le=2000)] = Field(
        0, description="Numbers a vector, at most those of the word space; 0 = as many."
    )
    prefixes: list[Annotated[int, Field(ge=1, le=2000)]] = Field(
        [32], description="First numbers of a vector that must do alone too; those below the dimension count."
    )
    epochs: Annotated[int, Field(ge=1, le=1000)] = Field(10, description="Passes over the pairs.")
    batch: Annotated[int, Field(ge=2, le=8192)] = Field(
        512, description="Pairs a step; each must be told from all others in it."
    )
    area_run: Annotated[int, Field(ge=1, le=8192)] = Field(
        2, description="Pairs of one label that stand together as each other's hard negatives; 1 = none do."
    )
    scale: Annotated[float, Field(gt=0, le=1000)] = Field(
        10.0, description="What cosines are multiplied by in the loss; 1 / temperature."
    )
    learning_rate: Annotated[float, Field(gt=0, le=10)] = Field(
        0.3, description="Size of a first step; AdaGrad makes later ones smaller, and it falls linearly."
    )
    max_tokens: Annotated[int, Field(ge=1)] = Field(
        128, description="Tokens of each text that training reads; encoding reads all."
    )
    min_pairs: Annotated[int, Field(ge=2)] = Field(
        1_000, description="With fewer pairs to learn from, `auto` takes SIF."
    )
    max_pairs: Annotated[int, Field(ge=2)] = Field(
        300_000, description="Of more pairs so many are read, evenly spread; memory is about 1.5 KB each."
    )


class TransformerSection(Section):
    """A fine-tuned transformer, where `sentences.kind = "transformer"`; it needs the extra `transformer`.

    It learns from the same pairs as `static` and is served by ONNX Runtime, without torch: the extra
    `transformer-serve`. The fine-tuned checkpoint itself, which sentence-transformers opens, stays in the
    work folder: `finetuned-*/checkpoint`.
    """

    checkpoint: str = Field(
        "",
        description="Folder of a sentence-transformers model with safetensors, or its name on the Hugging "
        "Face hub. One for lower-case words: it reads tokens.",
    )
    revision: str | None = Field(
        None, description="Commit on the hub, so that the same recipe gives the same release."
    )
    epochs: Annotated[int, Field(ge=0, le=100)] = Field(
        1, description="Passes over the pairs; 0 serves the checkpoint as it is."
    )
    objective: Literal["pairs", "triplets"] = Field(
        "pairs", description="With triplets each pair brings a text of another person of the same label."
    )
    batch: Annotated[int, Field(ge=2, le=4096)] = Field(
        32, description="Pairs a step; each must be told from all others in it."
    )
    area_run: Annotated[int, Field(ge=1, le=4096)] = Field(
        2, description="Pairs of one label that stand together as each other's hard negatives; 1 = none do."
    )
    scale: Annotated[float, Field(gt=0, le=1000)] = Field(
        20.0, description="What cosines are multiplied by in the loss; 1 / temperature."
    )
    learning_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        2e-5, description="Largest step; it rises through `warmup` and falls linearly."
    )
    warmup: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.1, description="Share of the steps in which it rises."
    )
    max_tokens: Annotated[int, Field(ge=4, le=8192)] = Field(
        256, description="Pieces of words of a text that are read, at most those the checkpoint is made for."
    )
    max_pairs: Annotated[int, Field(ge=2)] = Field(
        10_000, description="Of more pairs so many are read, evenly spread; without a GPU an hour's work."
    )
    dimension: Annotated[int, Field(ge=0, le=8192)] = Field(
        0, description="First numbers of a vector that are served; 0 = all."
    )
    prefixes: list[Annotated[int, Field(ge=1, le=8192)]] = Field(
        [], description="First numbers of a vector that must do alone too, learned where `epochs` > 0."
    )
    precision: Literal["int8", "float32"] = Field(
        "int8", description="Of the served weights; float32 is four times as large and slower."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="Where it is trained; auto takes a GPU that torch sees."
    )
    workers: Annotated[int, Field(ge=0)] = Field(
        0, description="Threads of training, 0 = as torch chooses; 1 and no GPU gives the same bytes twice."
    )
