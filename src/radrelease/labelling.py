"""Between plan and rounds: what the rules are not sure of, a language model labels, where that is asked for.

Reports are scrubbed and cut by the rules in the workers, exactly as the shards do it. What is in doubt is
asked about; a usable answer is kept by the digest of its text, and of everything else the rules' cut stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from radrelease.adapters.files import write_private
from radrelease.adapters.llm.labelling import check_endpoint, label_all
from radrelease.adapters.parquet import write_records
from radrelease.adapters.private_pages import render_labels
from radrelease.adapters.workers import Failure, in_batches, run_bisecting
from radrelease.cohort import Cohort, Key
from radrelease.config import Config
from radrelease.config.language_model import LanguageModel
from radrelease.errors import ConfigError
from radrelease.identifiers import Mrn, RawUid
from radrelease.planning import Plan, crosswalk_of
from radrelease.progress import Progress
from radrelease.records.endpoints import Endpoint, JsonMode, Spending
from radrelease.records.labels import Fault, LabelAnswer, LabelRequest, Usage
from radrelease.records.private import Patient
from radrelease.records.sections import Sectioned
from radrelease.scrubbing import Scrubber, knowledge_for, scrub_report
from radrelease.stages.knowledge.known_terms import compile_patient
from radrelease.stages.labels.label_costs import CostEstimate, estimate_cost
from radrelease.stages.labels.labelled import request_of
from radrelease.stages.labels.labels import LabelRow, Labels, account_of, judge_answer
from radrelease.stages.labels.spending import cost_of
from radrelease.stages.sections import find_sections
from radrelease.stages.text.spans import ScrubbedText
from radrelease.stages.text.units import digest_of_text

__all__ = ["LABELS", "LABELS_PAGE", "check_labelling", "estimate_labelling", "label_reports"]

LABELS, LABELS_PAGE = "labels.parquet", "labels.html"
"""In the work folder: a row per report that was asked about, and the page that sums them up."""

CACHE = "answers.sqlite"
"""In the work folder: every answer that was paid for."""

SETTING = "[llm]"

_BATCH = 32
_SAMPLE = 400
"""Studies whose reports are scrubbed for an estimate."""

_NOTHING = Usage(prompt=0, completion=0)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A scrubbed report that a model is to be asked about, and its cut by the rules."""

    study_uid: RawUid
    text: ScrubbedText
    rules: Sectioned


def check_labelling(config: Config) -> None:
    """Raise :class:`ConfigError` where a model is to be asked and none can be."""
    if config.reports.asks_model:
        check_endpoint(_endpoint(_model(config)), SETTING)


def label_reports(plan: Plan, scrubber: Scrubber, progress: Progress) -> Labels:
    """Ask about the reports in doubt, or about all; write the account to the work folder."""
    config = scrubber.config
    work = config.release.work
    if not config.reports.asks_model:
        for name in (LABELS, LABELS_PAGE):
            (work / name).unlink(missing_ok=True)
        return Labels({}, {})
    model = _model(config)
    doubtful = _doubtful(plan.patients, scrubber, progress)
    answers = _answers(doubtful, config, progress)
    rows = [
        judge_answer(item.study_uid, item.text.text, item.rules, answers[digest_of_text(item.text.text)])
        for item in doubtful
    ]
    usage = _total(answers)
    account = account_of(rows, plan.studies, usage, cost_of(usage, _spending(model), batch=model.batch))
    write_records(work / LABELS, LabelRow, rows)
    write_private(work / LABELS_PAGE, render_labels(account, model.model).encode())
    if account.faults:
        left = account.asked - account.labelled
        progress.say(f"{left} of {account.asked} reports that a model was asked about are left to the rules")
    return Labels.of(rows)


def estimate_labelling(plan: Plan, scrubber: Scrubber, progress: Progress) -> CostEstimate:
    """What labelling will cost, from a keyed sample of patients. Nothing is asked."""
    config = scrubber.config
    crosswalk = crosswalk_of(config, scrubber.secret)
    ranked = sorted(plan.patients, key=lambda key: crosswalk.rank(key[0], Mrn(key[1])))
    sample: list[Key] = []
    for key in ranked:
        if sum(len(plan.patients.light[one]) for one in sample) >= _SAMPLE:
            break
        sample.append(key)
    chosen = Cohort({key: plan.patients.light[key] for key in sample}, plan.store)
    made = [request_of(item.text) for item in _doubtful(chosen, scrubber, progress)]
    requests = [request for request in made if isinstance(request, LabelRequest)]
    sampled = sum(len(studies) for studies in chosen.light.values())
    model = _model(config)
    return estimate_cost(requests, sampled, plan.studies, _spending(model), batch=model.batch)


def find_doubtful(batch: tuple[tuple[Scrubber, Patient], ...]) -> list[Doubtful]:
    """The reports of a batch of patients that a model is to be asked about; what a worker runs."""
    found = []
    for scrubber, patient in batch:
        terms = compile_patient(patient.identifiers)
        everything = scrubber.config.reports.sectioner == "llm"
        for study in patient.studies:
            text = scrub_report(study, patient, scrubber, terms, knowledge_for(scrubber)).text
            rules = find_sections(text.text, scrubber.config.headers_of(study.source))
            if text.text.strip() and (everything or not rules.accepted):
                found.append(Doubtful(study.study_uid, text, rules))
    return found


def _doubtful(patients: Cohort, scrubber: Scrubber, progress: Progress) -> list[Doubtful]:
    """The reports to ask about, in the order of their studies; what fails here, the shards turn away."""
    items = ((scrubber, _without_pictures(patient)) for patient in patients.values())
    most = max(map(len, patients.light.values()), default=1)
    found: list[Doubtful] = []
    with progress.step("Cutting reports", len(patients)) as step:
        for batch, outcome in run_bisecting(
            find_doubtful,
            in_batches(items, _BATCH),
            config=scrubber.config,
            timeout_s=scrubber.config.workers.study_timeout_s * most,
        ):
            step.advance(len(batch))
            found += [] if isinstance(outcome, Failure) else outcome
    return sorted(found, key=lambda item: item.study_uid)


def _without_pictures(patient: Patient) -> Patient:
    return replace(patient, studies=tuple(replace(study, instances=()) for study in patient.studies))


def _answers(doubtful: Sequence[Doubtful], config: Config, progress: Progress) -> Mapping[str, LabelAnswer]:
    """The answer about each text, by its digest; what cannot be asked about has its fault."""
    made = {digest_of_text(item.text.text): request_of(item.text) for item in doubtful}
    requests = {digest: row for digest, row in made.items() if isinstance(row, LabelRequest)}
    refused = {digest: _fault(row) for digest, row in made.items() if isinstance(row, Fault)}
    return refused | dict(_ask(requests, config, progress))


def _fault(fault: Fault) -> LabelAnswer:
    return LabelAnswer(content="", fault=fault, usage=_NOTHING)


def _total(answers: Mapping[str, LabelAnswer]) -> Usage:
    return Usage(
        prompt=sum(answer.usage.prompt for answer in answers.values()),
        completion=sum(answer.usage.completion for answer in answers.values()),
    )


def _ask(
    requests: Mapping[str, LabelRequest], config: Config, progress: Progress
) -> Mapping[str, LabelAnswer]:
    model = _model(config)
    return label_all(
        requests,
        _endpoint(model),
        cache_path=config.release.work / CACHE,
        spending=_spending(model),
        progress=progress,
        batch=model.batch,
        where=SETTING,
    )


def _model(config: Config) -> LanguageModel:
    if config.llm is None:
        raise ConfigError(
            "[reports] sectioner",
            f'"{config.reports.sectioner}" needs a language model, and there is no table [llm]',
            'Add [llm] with base_url and model, or set sectioner = "rules"',
        )
    return config.llm


def _endpoint(model: LanguageModel) -> Endpoint:
    return Endpoint(
        base_url=model.base_url,
        model=model.model,
        key_env=model.key_env,
        allowed_hosts=frozenset(model.allowed_hosts),
        timeout_s=model.timeout_s,
        concurrency=model.concurrency,
        max_completion_tokens=model.max_completion_tokens,
        retries=model.retries,
        json_mode=JsonMode(model.json_mode),
        temperature=0.0 if model.send_temperature else None,
        seed=0 if model.send_temperature else None,
    )


def _spending(model: LanguageModel) -> Spending:
    return Spending(cap=model.spending_cap, prompt_price=model.price_in, completion_price=model.price_out)
