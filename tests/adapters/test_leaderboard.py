"""External values, result cards, the leaderboard's files, and ``bench lint``."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import stat
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from radrelease.adapters.external_metrics import read_external
from radrelease.adapters.leaderboard_page import render_leaderboard
from radrelease.adapters.replicates_file import read_replicates, replicates_path, write_replicates
from radrelease.adapters.result_cards import card_json, parse_card, read_card
from radrelease.cli.bench import bench
from radrelease.errors import ConfigError
from radrelease.records.benchmark import ExternalScores, Metric, Reference, ResultCard, ScoringSettings
from radrelease.stages.scoring.assessing import assess
from radrelease.stages.scoring.board import REXRANK_COLUMNS, board_of

PARTS = (Metric.RADGRAPH_F1, Metric.SEMB_SCORE, Metric.BERT_SCORE)
SETTINGS = ScoringSettings(commitment="c0ffee", replicates=100)


def reference(number):
    return Reference(
        id=f"s{number}", patient_id=f"p{number}", findings=f"Small effusion {number}.", impression=None, context="",
        site="A" if number % 2 else "B", sex="F", age="040Y", views=(),
    )  # fmt: skip


REFERENCES = [reference(number) for number in range(20)]


def scored(model, value, *, substitute=False, team="Team", parts=PARTS, **changes):
    """The card and the replicates of a model."""
    external = [
        ExternalScores(metric=m, values={one.id: value + 0.01 * (n % 3) for n, one in enumerate(REFERENCES)},
                       official=not (substitute and m is Metric.BERT_SCORE))
        for m in parts
    ]  # fmt: skip
    done = assess(REFERENCES, {one.id: one.findings for one in REFERENCES}, SETTINGS, external)
    card = ResultCard(
        dataset="demo", dataset_version="1.0", team=team, model=model, model_url="https://example.org/a",
        date="2026-11-29", submission_sha256=hashlib.sha256(model.encode()).hexdigest(), log_head="0" * 64,
        evaluation=done.evaluation,
    )  # fmt: skip
    return dataclasses.replace(card, **changes), done.replicates


@pytest.fixture
def cards(tmp_path):
    """Three models: two alike and one worse, as files."""
    for model, value in (("one", 0.6), ("two", 0.6), ("three", 0.3)):
        card, own = scored(model, value)
        (tmp_path / f"{model}.json").write_bytes(card_json(card))
        write_replicates(replicates_path(tmp_path, card.submission_sha256), own)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(bench, [str(argument) for argument in arguments])


def test_the_board_is_made_of_files_of_cards(cards):
    done = run("leaderboard", *sorted(cards.glob("*.json")), "--replicates", cards, "--output", cards / "out")
    assert done.exit_code == 0, done.output
    with (cards / "out/leaderboard.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(REXRANK_COLUMNS)
    assert [(row["Model Name"], row["Rank"]) for row in rows][2] == ("three", "3")
    assert {row["Rank"] for row in rows[:2]} == {"1"}
    page = (cards / "out/index.html").read_text()
    assert "cannot be told apart" in page
    assert page.count('class="letters"') == 3
    with (cards / "out/scores.csv").open(newline="") as file:
        details = list(csv.DictReader(file))
    assert {row["status"] for row in details} == {"official", "not run"}
    assert {row["attribute"] for row in details} >= {"all", "site", "reference"}


def test_the_same_cards_make_the_same_bytes(cards):
    for name in ("first", "second"):
        run("leaderboard", *sorted(cards.glob("*.json")), "--replicates", cards, "--output", cards / name)
    for file in ("index.html", "leaderboard.csv", "scores.csv"):
        assert (cards / "first" / file).read_bytes() == (cards / "second" / file).read_bytes()


def test_our_own_board_passes_our_own_lint(cards):
    run("leaderboard", *sorted(cards.glob("*.json")), "--output", cards / "out")
    done = run("lint", cards / "out/leaderboard.csv")
    assert (done.exit_code, done.output) == (0, "3 of 3 rows agree with their parts.\n")


def test_a_board_without_replicates_says_that_nothing_was_tested(cards):
    run("leaderboard", *sorted(cards.glob("*.json")), "--output", cards / "out")
    page = (cards / "out/index.html").read_text()
    assert "Differences between models were not tested" in page
    assert 'class="letters"' not in page


def test_replicates_that_are_absent_are_asked_for(cards):
    with pytest.raises(ConfigError, match="those of 1 cards are not there"):
        board_of([scored("one", 0.6)[0]], {})
    (cards / f"{hashlib.sha256(b'two').hexdigest()}.npz").unlink()
    done = run("leaderboard", *sorted(cards.glob("*.json")), "--replicates", cards, "--output", cards / "out")
    assert isinstance(done.exception, ConfigError)
    assert not (cards / "out").exists()


def test_replicates_come_back_as_they_were_and_are_private(tmp_path):
    _, own = scored("one", 0.6)
    for name in ("a.npz", "b.npz"):
        write_replicates(tmp_path / name, own)
    back = read_replicates(tmp_path / "a.npz")
    assert (back.drawn, back.scores) == (own.drawn, own.scores)
    assert all(back.values[metric].tolist() == values.tolist() for metric, values in own.values.items())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert stat.S_IMODE((tmp_path / "a.npz").stat().st_mode) == 0o600
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(ConfigError, match="holds no replicates"):
        read_replicates(tmp_path / "a.npz")


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.links, self.names = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src", "action"}]


def test_names_cannot_bring_markup_scripts_or_formulas():
    card, _ = scored("<script>alert(1)</script>", 0.6, team="=1+1", model_url="javascript:alert(1)")
    board = board_of([card], None)
    tags = Tags(render_leaderboard(board))
    assert "script" not in tags.names
    assert set(tags.links) == {"leaderboard.csv", "scores.csv"}
    from radrelease.stages.scoring.board import detail_rows, rexrank_rows

    assert next(rexrank_rows(board))[3] == "'=1+1"
    assert list(detail_rows(board))[1][1] == "'=1+1"


def test_the_page_loads_nothing():
    tags = Tags(render_leaderboard(board_of([scored("one", 0.6)[0]], None)))
    assert {"link", "img", "iframe", "script"}.isdisjoint(tags.names)
    assert set(tags.links) == {"https://example.org/a", "leaderboard.csv", "scores.csv"}


def test_a_substitute_is_not_printed_under_the_name_it_stands_in_for(tmp_path):
    from radrelease.stages.scoring.board import rexrank_rows

    board = board_of([scored("one", 0.6, substitute=True)[0]], None)
    row = dict(zip(REXRANK_COLUMNS, next(rexrank_rows(board)), strict=True))
    assert (row["BertScore"], row["1/RadCliQ-v1"], row["RadGraph"]) == ("", "", "0.6")
    assert "substitute</small>" in render_leaderboard(board)


def test_a_model_without_the_metric_of_the_order_has_no_rank():
    one, own = scored("one", 0.6)
    bare, _ = scored("bare", 0.6, parts=())
    board = board_of([bare, one], {one.submission_sha256: own})
    assert [(row.card.model, row.rank) for row in board.rows] == [("one", "1"), ("bare", "")]
    assert board_of([bare, one], None, Metric.BLEU_2).rows[0].rank == "1"


def test_radcliq_below_zero_is_flagged():
    board = board_of([scored("one", 0.97)[0]], None)
    assert board.rows[0].misleads
    assert "no rank: RadCliQ is not above 0" in render_leaderboard(board)


def test_cards_that_do_not_belong_together_are_refused():
    one, _ = scored("one", 0.6)
    other = dataclasses.replace(scored("two", 0.6)[0], dataset_version="2.0")
    for cards_, message in (
        ([], "no card"),
        ([one, other], "the cards differ"),
        ([one, one], "on two cards"),
    ):
        with pytest.raises(ConfigError, match=message):
            board_of(cards_, None)


def test_a_card_comes_back_as_it_was(tmp_path):
    card, _ = scored("Größe – 模型", 0.6)
    (tmp_path / "bare.json").write_bytes(card_json(card))
    (tmp_path / "signed.json").write_text(json.dumps({"card": json.loads(card_json(card)), "signature": "x"}))
    assert read_card(tmp_path / "bare.json") == card == read_card(tmp_path / "signed.json")
    assert card_json(read_card(tmp_path / "signed.json")) == card_json(card)


@pytest.mark.parametrize("change", [{"extra": 1}, {"date": 3}, {"evaluation": None}])
def test_what_is_no_card_is_refused(change, tmp_path):
    document = json.loads(card_json(scored("one", 0.6)[0])) | change
    with pytest.raises(ConfigError, match="no result card"):
        parse_card(document, "card")
    for text in ("[]", "{", "[" * 100_000):
        (tmp_path / "card").write_text(text)
        with pytest.raises(ConfigError, match="no result card"):
            read_card(tmp_path / "card")


# ------------------------------------------------------------------------------ external values


def test_values_computed_elsewhere_are_read_by_id(tmp_path):
    path = tmp_path / "values.csv"
    path.write_text("\ufeffid,GREEN, BertScore\ns1,0.5,-0.1\n\ns2,1,1e-1\n", encoding="utf-8")
    green, bert = read_external(path, {Metric.BERT_SCORE})
    assert (green.metric, green.values, green.official) == (Metric.GREEN, {"s1": 0.5, "s2": 1.0}, True)
    assert (bert.metric, bert.values, bert.official) == (Metric.BERT_SCORE, {"s1": -0.1, "s2": 0.1}, False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("id,RadCliQ\ns1,1\n", "other columns"),
        ("GREEN\n1\n", "other columns"),
        ("id,GREEN,GREEN\ns1,1,1\n", "other columns"),
        ("id,GREEN\ns1,1,2\n", "1 rows have more or fewer"),
        ("id,GREEN\nsecret-id,1\nsecret-id,1\n", "1 ids are there twice"),
        ("id,GREEN\nsecret-id,nan\n", "1 values of GREEN"),
        ("id,GREEN\nsecret-id,\nsecret-2,inf\n", "2 values of GREEN"),
        ('id,GREEN\n"s1,1\n', "cannot be read as CSV"),
        (b"id,GREEN\n\xff,1\n", "cannot be read as CSV"),
    ],
)
def test_tables_that_cannot_be_trusted_are_refused_without_being_quoted(text, message, tmp_path):
    path = tmp_path / "values.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError, match=message) as refused:
        read_external(path)
    assert "secret" not in str(refused.value)


# ----------------------------------------------------------------------------------------- lint

# Rows as ReXrank publishes them: trailing zeros are gone, columns may be missing at the end.
BOARD = """Rank,Date,Model Name,Institution,Model URL,BLEU,BertScore,SembScore,RadGraph,1/RadCliQ-v1,RaTEScore
1,2024,A,x,,0.093,0.305,0.366,0.08,0.674,0.428
2,2024,B,x,,0.21,0.431,0.498,0.202,1.008
3,2025,C,x,,0.291,0.538,0.576,0.298,{printed},0.618
"""


@pytest.mark.parametrize(("printed", "code"), [("1.622", 0), ("1.623", 0), ("1.66", 1), ("abc", 1), ("", 0)])
def test_lint_finds_the_row_that_does_not_follow(printed, code, tmp_path):
    (tmp_path / "board.csv").write_text(BOARD.format(printed=printed))
    done = run("lint", tmp_path / "board.csv")
    assert done.exit_code == code
    assert ("does not" in done.output) == bool(code)
    assert ("1 rows print no RadCliQ" in done.output) == (printed == "")


def test_lint_reads_radcliq_itself_too(tmp_path):
    header = "Model,BLEU,BertScore,SembScore,RadGraph,RadCliQ-v1\n"
    (tmp_path / "board.csv").write_text(
        header + "CheX,0.102,0.38,0.494,0.157,1.137\nMed,0.195,0.518,0.601,0.244,0.8\n"
    )
    done = run("lint", tmp_path / "board.csv", "--all")
    assert done.exit_code == 1
    assert "1 of 2 rows agree" in done.output


def test_lint_says_where_the_reciprocal_is_no_rank(tmp_path):
    (tmp_path / "board.csv").write_text(BOARD.format(printed="1.622") + "4,,Perfect,,,1,1,1,1,-0.694\n")
    done = run("lint", tmp_path / "board.csv")
    assert done.exit_code == 0
    assert "no rank" in " ".join(done.output.replace("│", " ").split())


def test_lint_asks_for_the_column_that_is_missing(tmp_path):
    (tmp_path / "board.csv").write_text("Model,BLEU\nx,1\n")
    done = run("lint", tmp_path / "board.csv")
    assert isinstance(done.exception, ConfigError)
    assert "has no column RadGraph F1" in str(done.exception)
