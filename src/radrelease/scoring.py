"""Scoring a submission on a sealed split: checked first, logged, then opened, scored and signed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radrelease.adapters.files import make_private
from radrelease.adapters.predictions_file import largest_file, parse_predictions, read_submission
from radrelease.adapters.references import open_references
from radrelease.adapters.release_files import read_study_rows
from radrelease.adapters.replicates_file import replicates_path, write_replicates
from radrelease.adapters.result_cards import card_json, parse_card
from radrelease.adapters.sealed_folder import clear_part, read_sealed_manifest
from radrelease.adapters.signing import is_signed, read_signing_pub, sign
from radrelease.errors import ConfigError
from radrelease.identifiers import PatientId
from radrelease.records.benchmark import ExternalScores, Reference, ResultCard, ScoringSettings, StudyKey
from radrelease.records.release import View
from radrelease.records.sealing import SealedStudy
from radrelease.stages.scoring.assessing import assess
from radrelease.stages.sealed.commitment import context_of
from radrelease.stages.sealed.openings import Request, is_plain_name
from radrelease.stages.sealed.submissions import Checked, check

__all__ = ["Entrant", "Submission", "contexts_of", "read_signed", "score", "take_submission"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """Who submits. The names go into the log and onto the card; raises :class:`ConfigError` for odd ones."""

    team: str
    model: str
    url: str = ""

    def __post_init__(self) -> None:
        """Check the names, which may come from strangers."""
        for option, name in (("--team", self.team), ("--model", self.model)):
            if not is_plain_name(name):
                mend = (
                    "Use up to 80 letters, digits, blanks and .,:()&+/@#'-, beginning with a letter or digit"
                )
                raise ConfigError(option, "is no plain name", mend)
        if self.url and not _is_plain_url(self.url):
            raise ConfigError(
                "--url", "is no plain web address", "Give https://... of letters, digits and ./_~-"
            )


@dataclass(frozen=True, slots=True)
class Submission:
    """A file of predictions, looked at without a reference."""

    sha256: str
    checked: Checked


def _is_plain_url(url: str) -> bool:
    start, _, rest = url.partition("://")
    signs = rest.translate(str.maketrans("", "", "./_~-:"))
    return start in {"http", "https"} and signs.isascii() and signs.isalnum() and len(url) <= 200


def contexts_of(split: Path) -> Mapping[StudyKey, str]:
    """The studies of a sealed split, or of its inputs alone, with what a participant knows of each."""
    rows = read_study_rows(clear_part(split))
    contexts = {StudyKey(row["id"]): context_of(row["Indication"], row["Comparison"]) for row in rows}
    if not contexts:
        raise ConfigError(str(split), "holds no studies", "Name a sealed private_test, or its inputs")
    return contexts


def take_submission(path: Path, contexts: Mapping[StudyKey, str]) -> Submission:
    """Read and check a file of predictions; :class:`ConfigError` where it cannot be read at all."""
    data, sha256 = read_submission(path, largest_file(len(contexts)))
    return Submission(sha256, check(parse_predictions(data, path.name), contexts))


def score(
    sealed: Path,
    submission: Submission,
    entrant: Entrant,
    settings: ScoringSettings,
    keys: tuple[Any, Any],
    private: Path,
    external: Sequence[ExternalScores] = (),
    training: Iterable[str] | None = None,
) -> bytes:
    """Open the references with the first of ``keys``, score, and give the card signed by the second.

    The replicates, which only the organiser may have, go to the folder ``private``.
    """
    manifest = read_sealed_manifest(sealed)
    _check_external(external, submission.checked.answered)
    request = Request(
        purpose="score",
        commitment=settings.commitment,
        team=entrant.team,
        model=entrant.model,
        submission_sha256=submission.sha256,
    )
    opening, studies = open_references(sealed, keys[0], request)
    references = [_reference(study) for study in studies]
    assessment = assess(references, submission.checked.predictions, settings, external, training)
    if not private.exists():
        make_private(private)
    write_replicates(replicates_path(private, submission.sha256), assessment.replicates)
    card = ResultCard(
        dataset=manifest.name,
        dataset_version=manifest.version,
        team=entrant.team,
        model=entrant.model,
        model_url=entrant.url,
        date=opening.time,
        submission_sha256=submission.sha256,
        log_head=opening.hash,
        evaluation=assessment.evaluation,
    )
    return _signed(card, keys[1])


def _check_external(external: Sequence[ExternalScores], answered: Set[StudyKey]) -> None:
    """Refuse what would be refused once the references are open, and then count as an opening."""
    for scores in external:
        if lacking := len(answered - scores.values.keys()):
            problem = f"{lacking} predictions have no value of {scores.metric.value}"
            raise ConfigError("--external", problem, "Give one for every prediction")


def _signed(card: ResultCard, key: Any) -> bytes:
    """The card and its signature as one JSON document; what is signed is the card's canonical JSON."""
    data = card_json(card)
    document = {"card": json.loads(data), "signature": sign(data, key)}
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def read_signed(path: Path, public: Path) -> ResultCard | None:
    """The card in the file, None if the signature is not that of the key; it may say anything then."""
    key = read_signing_pub(public)
    try:
        document = json.loads(path.read_bytes())
        signature = str(document["signature"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise ConfigError(
            str(path), "is no signed result card", "Name a file that bench score wrote"
        ) from None
    card = parse_card(document, str(path))
    return card if is_signed(card_json(card), signature, key) else None


def _reference(study: SealedStudy) -> Reference:
    return Reference(
        id=StudyKey(study.id),
        patient_id=PatientId(study.patient_id),
        findings=study.findings,
        impression=study.impression,
        context=study.context,
        site=study.site,
        sex=study.sex,
        age=study.age,
        views=tuple(map(View, study.views)),
    )
