"""Words that speak of judging people, wherever they stand: in names, in columns, in members of documents."""

import re
from collections.abc import Iterator
from typing import Any

JUDGING = frozenset((
    "score", "scores", "scored", "scoring", "scorer", "rank", "ranks", "ranked", "ranking", "rated", "rating",
    "ratings", "grade", "graded", "grading", "predict", "predicts", "predicted", "predictor", "prediction",
    "predictions", "probability", "probabilities", "likelihood", "likely", "propensity", "churn", "forecast",
    "forecasts", "affinity", "lookalike", "lookalikes", "ltv", "clv", "rfm", "percentile", "decile", "quantile",
    "classifier", "classification", "solvency", "creditworthiness", "loyalty", "persona", "personas", "profile",
    "profiled", "profiling",
))  # fmt: skip

Path = tuple[str, ...]


def judging(name: str) -> set[str]:
    """Such words in a name: `matchScore`, `match_score` → `score`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return {word for word in re.split(r"[^a-z]+", apart.lower()) if word in JUDGING}


def members(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every member of a document; places in lists are left out."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield (*path, key)
            yield from members(below, (*path, key))
    elif isinstance(value, list):
        for one in value:
            yield from members(one, path)


def judged(document: Any) -> set[Path]:
    """The members of a document that speak of judging somebody."""
    return {path for path in members(document) if judging(path[-1])}
