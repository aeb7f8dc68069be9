"""Named-entity models: what is installed or lies in a folder here. Nothing is ever fetched.

A model is the name of an installed spaCy package, or a folder: of a spaCy model (``config.cfg``) or of
a transformers model for token classification (``config.json`` with ``id2label``). Each report is read
alone, so that what is found in it depends on nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from radrelease.adapters.files import sha256_of
from radrelease.errors import BrokenPromise, ConfigError, MissingExtra
from radrelease.records.entities import Entity, ModelIdentity
from radrelease.stages.scrub.model_names import USED_LABELS
from radrelease.stages.text.windows import cut_windows

__all__ = ["EntityModel", "digest_of", "find_entities", "identity_of", "load_model"]

SETTING = "[deidentification] ner_model"

_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
_NO_LIMIT = 10**9
_USUAL_TOKENS = 512
_TRIAL = "Seen by John Smith in London."

_SHARED = frozenset({"tok2vec", "transformer", "curated_transformer"})
_UNNEEDED = frozenset(
    {"tagger", "parser", "morphologizer", "attribute_ruler", "lemmatizer", "trainable_lemmatizer", "senter"}
    | {"sentencizer", "textcat", "textcat_multilabel", "spancat", "entity_linker"}
)
"""The components of a spaCy pipeline that find no entities, by factory."""


class EntityModel(Protocol):
    """Something that finds entities in a text."""

    identity: ModelIdentity
    labels: frozenset[str]

    def find(self, text: str) -> tuple[Entity, ...]:
        """All entities of the text, of whatever kind."""
        ...


def identity_of(model: str | Path | None) -> ModelIdentity | None:
    """Which model this is; None for none. It is loaded, and raises as :func:`load_model` does."""
    return None if model is None else load_model(model).identity


def find_entities(text: str, model: str | Path | None, expected: ModelIdentity | None) -> tuple[Entity, ...]:
    """What the model finds in a report; nothing where there is no model.

    Raises :class:`BrokenPromise` when it is another model than ``expected``.
    """
    if model is None:
        return ()
    loaded = load_model(model)
    if loaded.identity != expected:
        raise BrokenPromise("the named-entity model changed while the release was made")
    return loaded.find(text)


@cache
def load_model(model: str | Path, where: str = SETTING) -> EntityModel:
    """The model, loaded once per process and tried on a sentence.

    Raises :class:`ConfigError` where it or the library that runs it is not there or does not work.
    """
    if isinstance(model, str):
        _require(where, "spacy", "radrelease[ner]")
    folder = _folder_of(model, where)
    engine = _engine_of(folder, where)
    try:
        loaded = engine(folder)
        loaded.find(_TRIAL)
    except Exception as error:  # whatever the library holds against the files
        mend = "Was it made for another version of the library that runs it?"
        raise ConfigError(where, f"the model cannot be loaded ({type(error).__name__})", mend) from error
    if not loaded.labels & USED_LABELS:
        raise ConfigError(where, "the model looks for neither people nor places", "Name one that does")
    return loaded


def digest_of(folder: Path) -> str:
    """The SHA-256 over the names and bytes of the folder's files, hidden and compiled ones aside.

    ``find * -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum`` in it gives the same.
    """
    named = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    shown = {name: path for name, path in named.items() if not re.search(r"(^|/)(\.|__pycache__/)", name)}
    lines = [f"{sha256_of(path)}  {name}\n" for name, path in sorted(shown.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _folder_of(model: str | Path, where: str) -> Path:
    """The folder of the model's files; a package is looked at and not run."""
    if isinstance(model, Path):
        if not model.is_dir():
            raise ConfigError(where, f"{model} is not a folder", "Name the folder that holds the model")
        return model
    package = find_spec(model)
    roots = list(package.submodule_search_locations or ()) if package else []
    found = [config.parent for root in roots for config in sorted(Path(root).glob("*/config.cfg"))]
    if len(found) != 1:
        problem = f"no spaCy model package {model} is installed"
        raise ConfigError(where, problem, "Install it, or name the folder that holds the model")
    return found[0]


def _engine_of(folder: Path, where: str) -> type[_Spacy] | type[_Transformers]:
    """What runs the model in the folder."""
    if (folder / "config.cfg").is_file() and (folder / "meta.json").is_file():
        _require(where, "spacy", "radrelease[ner]")
        return _Spacy
    if "id2label" in _json(folder / "config.json"):
        _require(where, "torch", "radrelease[ner-transformers]")
        _require(where, "transformers", "radrelease[ner-transformers]")
        return _Transformers
    problem = f"{folder} holds neither a spaCy model nor a transformers model for token classification"
    raise ConfigError(where, problem, "Name the folder with the model's config.cfg or config.json")


def _require(where: str, library: str, extra: str) -> None:
    if find_spec(library) is None:
        raise MissingExtra(where, f"{library} is not installed", f"Install it: pip install '{extra}'")


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


class _Spacy:
    """A spaCy model, without the components that find no entities."""

    def __init__(self, folder: Path) -> None:
        spacy = import_module("spacy")
        meta = _json(folder / "meta.json")
        self.identity = ModelIdentity(
            name=f"{meta['lang']}_{meta['name']}",
            version=meta["version"],
            engine=f"spacy {version('spacy')}",
            sha256=digest_of(folder),
        )
        components = spacy.util.load_config(folder / "config.cfg")["components"]
        self._model = spacy.load(folder, exclude=_unneeded(components))
        self._model.max_length = _NO_LIMIT  # a limit would be an exception, and not a rejected row
        self.labels = frozenset(label for labels in self._model.pipe_labels.values() for label in labels)

    def find(self, text: str) -> tuple[Entity, ...]:
        return tuple(
            Entity(found.start_char, found.end_char, found.label_) for found in self._model(text).ents
        )


def _unneeded(components: dict[str, Any]) -> list[str]:
    """The components to leave out; what is shared stays where one that stays listens to it."""
    factories = {name: part.get("factory") for name, part in components.items()}
    kept = [name for name, factory in factories.items() if factory not in _UNNEEDED | _SHARED]
    listens = any("Listener" in str(components[name]) for name in kept)
    unneeded = _UNNEEDED if listens else _UNNEEDED | _SHARED
    return [name for name, factory in factories.items() if factory in unneeded]


class _Transformers:
    """A transformers model for token classification, on one thread of the processor."""

    def __init__(self, folder: Path) -> None:
        os.environ.update(_OFFLINE)
        torch, transformers = import_module("torch"), import_module("transformers")
        torch.set_num_threads(1)
        transformers.utils.logging.set_verbosity_error()  # the screen is the progress display's
        transformers.utils.logging.disable_progress_bar()
        self.identity = ModelIdentity(
            name=folder.resolve().name,
            version="",
            engine=f"transformers {version('transformers')}, torch {version('torch')}",
            sha256=digest_of(folder),
        )
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        classifier = transformers.AutoModelForTokenClassification
        model = classifier.from_pretrained(folder, local_files_only=True).float().eval()
        self._size = _window_size(self._tokenizer, model.config)
        self._tokenizer.model_max_length = _NO_LIMIT  # what is too long fails, and is never cut in silence
        self._classify = transformers.pipeline(
            "token-classification",
            model=model,
            tokenizer=self._tokenizer,
            aggregation_strategy="simple",
            device="cpu",
        )
        self.labels = frozenset(_plain(label) for label in model.config.id2label.values())

    def find(self, text: str) -> tuple[Entity, ...]:
        encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        found = {
            Entity(start + row["start"], start + row["end"], _plain(row["entity_group"]))
            for start, end in cut_windows(text, encoded["offset_mapping"], self._size)
            for row in self._classify(text[start:end])
        }
        return tuple(sorted(found))


def _window_size(tokenizer: Any, config: Any) -> int:
    """Tokens of a window: an eighth is kept back, as a text that is cut has more tokens than its pieces."""
    places = getattr(config, "max_position_embeddings", 0) or _USUAL_TOKENS
    most = min(int(tokenizer.model_max_length), places - 2)  # some models count their places from 2
    return (most - int(tokenizer.num_special_tokens_to_add())) * 7 // 8


def _plain(label: str) -> str:
    """The label without the mark of its place in the entity: B-PER is PER."""
    return re.sub(r"^[BIELSU]-", "", label).upper()
