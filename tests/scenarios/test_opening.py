"""What a researcher does with a release that was downloaded."""

from __future__ import annotations

import gc
import hashlib
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from operator import methodcaller

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import radrelease
from radrelease import open_release
from radrelease.adapters.parquet_rows import ParquetRows
from radrelease.errors import ConfigError, DamagedRelease
from radrelease.stages.pictures.gray_levels import preview_of, to_gray8, to_unit
from radrelease.stages.release.released_rows import age_years

pytestmark = pytest.mark.xdist_group("release")


@pytest.fixture(params=["release", "native", "rexgradient"])
def release(request, place):
    """A whole release, and each layout as somebody has downloaded it."""
    return open_release(place.release if request.param == "release" else place.release / request.param)


def study_rows(place):
    paths = [place.release / f"native/studies/{split}.parquet" for split in ("train", "validation", "test")]
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def test_every_study_is_there_once_with_what_the_tables_say_of_it(place, release):
    rows = study_rows(place)
    assert len(release) == len(rows)
    assert [study.id for study in release] == [row["id"] for row in rows]
    for study, row in zip(release, rows, strict=True):
        assert (study.findings, study.impression) == (row["Findings"], row["Impression"])
        assert (study.sex, study.age, study.study_date) == (
            row["PatientSex"],
            row["PatientAge"],
            row["StudyDate"],
        )
        assert [image.view for image in study.images] == row["View"]
        assert [image.spacing_mm for image in study.images] == row["PixelSpacing"]


def test_both_layouts_give_the_same_studies(place):
    native, legacy = (list(open_release(place.release / name)) for name in ("native", "rexgradient"))
    assert native == legacy


def test_the_pixels_are_those_that_the_table_states(release):
    for study in release[::7]:
        for image in study.images:
            pixels = image.pixels(check=True)
            assert pixels.dtype == np.uint16
            assert pixels.shape == (image.height, image.width)
            assert hashlib.sha256(pixels.astype(">u2").tobytes()).hexdigest() == image.sha256


def test_a_study_is_found_by_its_id_place_and_slice(release):
    last = release[-1]
    assert release[last.id] == last == release[len(release) - 1] == release[-3:][2]
    assert last in release
    with pytest.raises(KeyError):
        release["nobody"]
    with pytest.raises(IndexError):
        release[len(release)]


def test_the_prior_study_is_the_patient_s_last_one_before(release):
    later = [study for study in release if study.prior is not None]
    assert later
    for study in later:
        assert study.prior.patient_id == study.patient_id
        assert (study.study_date - study.prior.study_date).days == study.days_since_prior
    assert all(study.prior is None for study in release if study.prior_id is None)


def test_studies_are_chosen_by_split_view_sex_age_and_site(release):
    studies = list(release)
    site = studies[0].images[0].institution
    asked = {
        "split": ("train", lambda s: s.split == "train"),
        "view": (
            {"lateral", "frontal AP"},
            lambda s: any(i.view in {"lateral", "frontal AP"} for i in s.images),
        ),
        "sex": ("F", lambda s: s.sex == "F"),
        "age": ((30, 60.5), lambda s: s.age_years is not None and 30 <= s.age_years < 60.5),
        "site": (site, lambda s: any(i.institution == site for i in s.images)),
    }
    for name, (value, is_so) in asked.items():
        chosen = release.where(**{name: value})
        assert 0 < len(chosen) < len(studies)
        assert list(chosen) == [study for study in studies if is_so(study)]
    together = release.where(split="train", sex="F").where(age=(30, 60.5))
    assert list(together) == list(release.where(split="train", sex="F", age=(30, 60.5)))
    assert [s.id for s in release.where(split="validation")] == [s.id for s in release.where(split="valid")]
    assert len(release.where(sex=())) == 0
    with pytest.raises(ValueError, match="frontal'"):
        release.where(view="frontal")


def test_a_prior_outside_of_what_was_chosen_is_still_found(release):
    study = next(study for study in release if study.prior_id)
    chosen = release.where(age=(0, 200))[0:0]
    assert len(chosen) == 0
    assert chosen[study.id].prior == release[study.prior_id]


@pytest.mark.parametrize(
    ("age", "years"),
    [
        ("036Y", 36.0),
        ("006M", 0.5),
        ("002W", 14 / 365.25),
        ("010D", 10 / 365.25),
        ("090Y", 90.0),
        (None, None),
    ],
)
def test_an_age_string_is_years(age, years):
    assert age_years(age) == years


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_read_what_this_process_reads(release, method):
    images = [study.images[0] for study in release[:6]]
    here = [image.pixels() for image in images]  # files are open when the workers begin
    with ProcessPoolExecutor(2, mp_context=get_context(method)) as pool:
        for mine, theirs in zip(here, pool.map(methodcaller("pixels"), images), strict=True):
            assert np.array_equal(mine, theirs)


def test_what_is_pickled_holds_no_open_file(release):
    release[0].images[0].pixels()
    again = pickle.loads(pickle.dumps(release))  # noqa: S301 - what was just written
    assert again[0] == release[0]
    assert len(pickle.dumps(release.where(split="train"))) < 20_000


def test_iterating_holds_one_study_at_a_time(release):
    held = []
    for number, _ in enumerate(release, start=1):
        if number % 40 == 1:  # to look through all that is in memory takes half a second
            held.append(sum(isinstance(thing, radrelease.Study) for thing in gc.get_objects()))
    assert number == len(release)
    assert len(held) > 2
    assert max(held) <= min(held) + 2


def test_importing_the_package_reads_nothing_heavy():
    code = "import sys, radrelease; radrelease.__version__; print({'pyarrow', 'numpy', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
    with pytest.raises(AttributeError):
        radrelease.close_release  # noqa: B018


# --------------------------------------------------------------------------------- what goes wrong


def test_a_folder_without_a_release_says_what_to_name(tmp_path):
    (tmp_path / "dicom/studies").mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"no release is here\. Name the folder of a release"):
        open_release(tmp_path)


@pytest.mark.parametrize("harm", ["missing", "cut", "other"])
def test_a_download_that_is_not_whole_is_told(place, tmp_path, harm):
    folder = tmp_path / "native"
    shutil.copytree(place.release / "native", folder)
    files = sorted((folder / "data").glob("train-*.parquet"))
    if harm == "missing":
        files[0].unlink()
    elif harm == "cut":
        files[0].write_bytes(files[0].read_bytes()[:-100])
    else:
        shutil.copy(next((folder / "data").glob("validation-*.parquet")), files[0])
    with pytest.raises(DamagedRelease, match=r"^data: .* Compare the files with SHA256SUMS"):
        [image.pixels() for study in open_release(folder) for image in study.images]


@pytest.mark.parametrize("harm", ["missing", "changed", "unlisted"])
def test_a_broken_archive_is_told(place, tmp_path, harm):
    folder = tmp_path / "rexgradient"
    shutil.copytree(place.release / "rexgradient", folder)
    part = folder / "deid_png.part00"
    if harm == "missing":
        part.unlink()
    elif harm == "changed":
        part.write_bytes(b"x" * part.stat().st_size)
    else:
        (folder / "deid_png_index.csv").write_text("ImagePath,part,offset,length\na/1.png,0,0,1\n")
    with pytest.raises(DamagedRelease, match=r"^deid_png"):
        open_release(folder)[0].images[0].pixels()


def test_pixels_of_another_picture_are_told_on_request(place, tmp_path):
    folder = tmp_path / "rexgradient"
    shutil.copytree(place.release / "rexgradient", folder)
    path = folder / "metadata/train_metadata_view_position.json"
    digest = open_release(folder)[0].images[0].sha256
    path.write_text(path.read_text().replace(digest, "0" * 64))
    image = open_release(folder)[0].images[0]
    image.pixels()
    with pytest.raises(DamagedRelease, match="not those of PixelSha256"):
        image.pixels(check=True)


def test_a_line_of_metadata_that_is_cut_is_told(place, tmp_path):
    folder = tmp_path / "rexgradient"
    shutil.copytree(place.release / "rexgradient", folder)
    path = folder / "metadata/train_metadata_view_position.json"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DamagedRelease, match=r"^metadata: a line of JSON"):
        open_release(folder)[0]


# -------------------------------------------------------------------------------- levels and tables

levels = st.integers(0, 65535)


@given(st.lists(levels, min_size=1, max_size=50))
def test_eight_bits_are_the_nearest_level_and_no_other_common_way_is(values):
    pixels = np.array(values, np.uint16)
    assert np.array_equal(to_gray8(pixels), np.round(pixels / 257).astype(np.uint8))
    assert np.array_equal(to_gray8(pixels), np.round(to_unit(pixels) * 255).astype(np.uint8))
    assert to_unit(pixels).dtype == np.float32


def test_the_wrong_ways_are_wrong(release):
    image = release[0].images[0]
    pixels, right = image.pixels(), image.to_gray8()
    clipped = np.asarray(Image.fromarray(pixels).convert("L"))
    assert (clipped == 255).mean() > 0.8
    assert (right == 255).mean() < 0.3
    assert not np.array_equal(pixels.astype(np.uint8), right)
    assert 0 < np.abs((pixels >> 8).astype(int) - right).max() <= 1
    assert np.abs(image.to_unit() - pixels / 65535).max() < 1e-7


@settings(max_examples=50)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 256))
def test_a_preview_keeps_the_shape_and_is_never_larger(rows, columns, side):
    pixels = np.full((rows, columns), 40000, np.uint16)
    small = preview_of(pixels, side)
    assert small.dtype == np.uint8
    assert max(small.shape) == min(side, max(rows, columns))
    assert abs(small.shape[0] * columns - small.shape[1] * rows) <= max(rows, columns)
    assert (small == to_gray8(pixels)[0, 0]).all()


@settings(max_examples=50)
@given(st.data(), st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(1, 4), st.integers(1, 5))
def test_any_row_of_any_files_is_the_row_of_their_sum(tmp_path_factory, data, sizes, group, ahead):
    folder = tmp_path_factory.mktemp("rows")
    paths, total = [], 0
    for number, size in enumerate(sizes):
        paths.append(folder / f"{number}.parquet")
        pq.write_table(
            pa.table({"n": pa.array(range(total, total + size), pa.int64())}), paths[-1], row_group_size=group
        )
        total += size
    rows = ParquetRows(paths, ahead=ahead)
    for index in data.draw(st.lists(st.integers(0, max(0, total - 1)), max_size=10)) if total else ():
        assert rows.row(index) == {"n": index}
    assert len(rows) == total
    assert [row["n"] for row in rows.rows(["n"])] == list(range(total))
    for index in (-1, total):
        with pytest.raises(IndexError):
            rows.row(index)
