"""Images and reports that belong together, and those of which nobody can say."""

from __future__ import annotations

from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from sample_records import make_instance

from radrelease.records.private import InputKind, ReportRow, ReportStatus
from radrelease.rejections import Reason
from radrelease.stages.cohort.linkage import link

FINAL, PRELIMINARY, ADDENDUM = ReportStatus.FINAL, ReportStatus.PRELIMINARY, ReportStatus.ADDENDUM


def image(path="1", *, patient="P1", accession="A1", study="S1", sop=None, day=date(2019, 3, 4), source="s"):
    return make_instance(
        source=source,
        path=path,
        patient_id=patient,
        accession=accession,
        study_uid=study,
        sop_uid=sop or path,
        study_date=day,
    )


def report(
    location="r1", *, accession="A1", study="", patient="", text="FINDINGS: Clear.", status=FINAL, hour=None
):
    return ReportRow(
        source="s", location=location, accession=accession, study_uid=study, patient_id=patient, text=text,
        status=status, timestamp=None if hour is None else datetime(2019, 3, 4, hour), identifiers=(),
    )  # fmt: skip


def run(images, reports, digest=lambda instance: "same"):
    return link(images, reports, domains={"s": "s", "t": "t"}, digest=digest)


def reasons(linked):
    return {row.subject: row.reason for row in linked.rejected}


def test_a_report_is_linked_by_accession_or_by_study_uid():
    for row in (report(), report(accession="", study="S1"), report(accession="wrong", study="S1")):
        (study,) = run([image()], [row]).studies
        assert study.report == "FINDINGS: Clear."


def test_images_without_report_and_report_without_images():
    linked = run([image()], [report(accession="A9")])
    assert reasons(linked) == {
        "S1": Reason.IMAGES_WITHOUT_REPORT, "1": Reason.IMAGES_WITHOUT_REPORT, "r1": Reason.REPORT_WITHOUT_IMAGES,
    }  # fmt: skip


def test_the_final_report_wins_over_the_preliminary_even_if_older():
    linked = run([image()], [report("p", text="wet", status=PRELIMINARY, hour=9), report("f", hour=8)])
    assert linked.studies[0].report_locations == ("f",)
    assert reasons(linked) == {"p": Reason.REPORT_SUPERSEDED}


def test_the_latest_final_wins():
    linked = run([image()], [report("a", text="one", hour=8), report("b", text="two", hour=9)])
    assert linked.studies[0].report == "two"


def test_an_addendum_is_kept_with_its_final_report():
    rows = [
        report("f", hour=8),
        report("x", text="Left.", status=ADDENDUM, hour=9),
        report("y", text="Right.", status=ADDENDUM, hour=10),
    ]
    linked = run([image()], rows)
    assert linked.studies[0].report == "FINDINGS: Clear.\n\nRight."
    assert reasons(linked) == {"x": Reason.REPORT_SUPERSEDED}


def test_a_preliminary_report_alone_is_used():
    assert run([image()], [report(status=PRELIMINARY)]).studies


def test_two_finals_without_times_are_undecidable():
    linked = run([image()], [report("a", text="one"), report("b", text="two")])
    assert not linked.studies
    assert set(reasons(linked).values()) == {Reason.AMBIGUOUS_REPORTS}


def test_a_report_exported_twice_is_used_once():
    linked = run([image()], [report("a"), report("b")])
    assert linked.studies[0].report_locations == ("a",)
    assert reasons(linked) == {"b": Reason.DUPLICATE_REPORT}


def test_one_accession_with_two_patients():
    linked = run([image(), image("2", patient="P2", study="S2")], [report()])
    assert not linked.studies
    assert Reason.TWO_PATIENTS in reasons(linked).values()


def test_one_study_uid_with_two_patients():
    linked = run(
        [image(), image("2", patient="P2", accession="A2")], [report(), report("r2", accession="A2")]
    )
    assert set(reasons(linked).values()) == {Reason.TWO_PATIENTS}


def test_one_study_uid_in_two_health_systems():
    linked = run([image(), image("2", source="t")], [report()])
    assert set(reasons(linked).values()) == {Reason.TWO_PATIENTS}


def test_one_instance_in_two_health_systems_is_published_once():
    linked = run([image("a", sop="X"), image("b", sop="X", source="t")], [report()])
    assert reasons(linked) == {"b": Reason.DUPLICATE_INSTANCE}


def test_a_report_that_names_another_patient():
    assert reasons(run([image()], [report(patient="P2")]))["r1"] is Reason.TWO_PATIENTS


def test_one_report_for_several_accessions():
    both = [image(), image("2", accession="A2", study="S2")]
    assert set(reasons(run(both, [report(accession="A1;A2")])).values()) == {Reason.REPORT_SHARED}
    assert run(both[:1], [report(accession="A1;A2")]).studies


def test_the_same_instance_twice_with_equal_and_with_different_bytes():
    twice = [image("a", sop="X"), image("b", sop="X")]
    linked = run(twice, [report()])
    assert [item.path for item in linked.studies[0].instances] == ["a"]
    assert reasons(linked) == {"b": Reason.DUPLICATE_INSTANCE}
    linked = run(twice, [report()], digest=lambda instance: instance.path)
    assert reasons(linked) == {
        "a": Reason.CONFLICTING_INSTANCE, "b": Reason.CONFLICTING_INSTANCE, "r1": Reason.REPORT_WITHOUT_IMAGES,
    }  # fmt: skip


def test_study_dates_and_accessions_that_disagree():
    later = image("2", day=date(2019, 3, 5))
    assert reasons(run([image(), later], [report()]))["S1"] is Reason.STUDY_DATES_DISAGREE
    other = image("2", accession="A2")
    assert reasons(run([image(), other], [report()]))["S1"] is Reason.ACCESSION_DISAGREES


few = st.sampled_from(["1", "2", "3"])
images = st.builds(
    image,
    st.uuids().map(str),
    patient=few,
    accession=few,
    study=few,
    sop=few,
    day=st.dates(date(2019, 3, 4), date(2019, 3, 5)),
)
statuses = st.sampled_from([FINAL, PRELIMINARY, ADDENDUM])
reports = st.builds(
    report, st.uuids().map(str), accession=st.sampled_from(["1", "2", "3", "1;2", "9"]), patient=st.sampled_from(["", "1"]),
    text=few, status=statuses, hour=st.none() | st.integers(1, 3),
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(images, max_size=7), st.lists(reports, max_size=7), st.randoms())
def test_every_input_is_in_one_study_or_rejected_once(files, rows, random):
    linked = run(files, rows)
    used = [item.path for study in linked.studies for item in study.instances]
    used += [row.subject for row in linked.rejected if row.kind is InputKind.FILE]
    assert sorted(used) == sorted(item.path for item in files)
    told = [location for study in linked.studies for location in study.report_locations]
    told += [row.subject for row in linked.rejected if row.kind is InputKind.REPORT]
    assert sorted(told) == sorted(row.location for row in rows)
    random.shuffle(files)
    random.shuffle(rows)
    again = run(files, rows)
    assert again.studies == linked.studies
    assert sorted(map(repr, again.rejected)) == sorted(map(repr, linked.rejected))
