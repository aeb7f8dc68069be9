"""What is compiled once for all workers says the same after it was written and read."""

from __future__ import annotations

import pickle
import stat

import pytest

from radrelease.adapters.compiled_knowledge import read_compiled, write_compiled
from radrelease.errors import BrokenPromise
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.knowledge.audit_vocabulary import build_vocabulary
from radrelease.stages.knowledge.export_knowledge import ExportKnowledge
from radrelease.stages.knowledge.known_terms import compile_export

KNOWN = [
    Identifier(IdentifierKind.PATIENT_NAME, "ROE-Đỗ^JANE^Q"),
    Identifier(IdentifierKind.STAFF_NAME, "Quivers^Ann"),
    Identifier(IdentifierKind.INSTITUTION, "Cherry Hill Manor"),
    Identifier(IdentifierKind.PATIENT_ID, "OPD-22-00419"),
    Identifier(IdentifierKind.PHONE, "+1 (401) 555-0148"),
    Identifier(IdentifierKind.ADDRESS, "14 Elm Street, Quincy 02169"),
    Identifier(IdentifierKind.UID, "1.2.840.99.1"),
]
ASKED = frozenset(
    {"roe", "do", "jane", "quivers", "quivrs", "ann", "cherry", "hill", "manor", "lungs"}
    | {"opd2200419", "22419", "5550148", "14", "elm", "street", "1.2.840.99.1"}
)


def test_the_same_is_known_after_it_was_written(tmp_path):
    said = []
    terms, vocabulary = compile_export(KNOWN), build_vocabulary([("", KNOWN)])
    written = write_compiled(tmp_path / "terms", terms), write_compiled(tmp_path / "vocabulary", vocabulary)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    read = tuple(map(read_compiled, written))
    for known in ((terms, vocabulary), read):
        of_all = ExportKnowledge(terms=known[0], given_back=frozenset({"wibble"}), vocabulary=known[1])
        said.append(of_all.answers(ASKED))
    assert said[0] == said[1]
    nobody = ExportKnowledge(
        terms=compile_export([]), given_back=frozenset({"wibble"}), vocabulary=build_vocabulary([])
    )
    assert said[0] != nobody.answers(ASKED)
    assert set(read[0].codes) == set(terms.codes)
    assert read[0].heads == terms.heads
    assert dict(read[0].phrases) == dict(terms.phrases)
    assert set(read[1].uids) == {"1.2.840.99.1"}


def test_bytes_that_the_driver_did_not_write_are_not_loaded(tmp_path):
    class Forged:
        def __reduce__(self):
            return (tmp_path / "ran").touch, ()

    written = write_compiled(tmp_path / "terms", compile_export([]))
    written.path.write_bytes(pickle.dumps(Forged()))
    with pytest.raises(BrokenPromise, match="was changed in the work folder"):
        read_compiled(written)
    assert not (tmp_path / "ran").exists()
    pickle.loads(written.path.read_bytes())  # noqa: S301 - which would have
    assert (tmp_path / "ran").exists()
