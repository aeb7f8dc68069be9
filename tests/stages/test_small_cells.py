"""The smallest cells and the risk, against a count by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrelease.stages.audit.small_cells import ShownStudy, age_band, find_rare_shown, judge_cells


def study(patient, sex="F", age="040Y", group="WHITE", site="A", year=2020, *, public=True, **more):
    values = {"PatientSex": sex, "PatientAge": age, "EthnicGroup": group, **more}
    return ShownStudy(
        patient_id=patient, public=public, year=year, values=values, per_image={"InstitutionName": [site]}
    )


STUDIES = st.lists(
    st.builds(
        study,
        st.sampled_from("abcdefghij"),
        st.sampled_from(["F", "M", None]),
        st.sampled_from(["004D", "040Y", "047Y", "090Y", None]),
        st.sampled_from(["WHITE", None]),
        st.sampled_from(["A", "B", None]),
        st.sampled_from([2019, 2020]),
        public=st.booleans(),
    ),
    max_size=30,
)


@settings(max_examples=200)
@given(STUDIES, st.integers(2, 6))
def test_the_risk_is_what_a_prosecutor_computes(studies, k):
    public = [row for row in studies if row.public]

    def looks_alike(one, other):
        return all(
            (
                one.values["PatientSex"] == other.values["PatientSex"],
                age_band(one.values["PatientAge"]) == age_band(other.values["PatientAge"]),
                one.values["EthnicGroup"] == other.values["EthnicGroup"],
                one.per_image == other.per_image,
                one.year == other.year,
            )
        )

    sizes = []
    for patient in sorted({row.patient_id for row in public}):
        own = [row for row in public if row.patient_id == patient]
        sizes.append(
            min(len({other.patient_id for other in public if looks_alike(row, other)}) for row in own)
        )
    risk = judge_cells(studies, k)
    assert risk.patients == len(sizes)
    assert risk.unique == sizes.count(1)
    assert risk.below_k == len([size for size in sizes if size < k])
    assert risk.average == pytest.approx(sum(1 / size for size in sizes) / len(sizes) if sizes else 0)
    assert risk.maximum == (1 / min(sizes) if sizes else 0)
    assert [cell.patients for cell in risk.smallest] == sorted(cell.patients for cell in risk.smallest)
    assert risk.small == sum(cell.patients < k for cell in risk.smallest)


@pytest.mark.parametrize(
    ("age", "band"),
    [("003D", "0-9"), ("119M", "0-9"), ("120M", "10-19"), ("039Y", "30-39"), ("090Y", "90+"), (None, "")],
)
def test_age_bands(age, band):
    assert age_band(age) == band


@pytest.mark.parametrize(
    ("rare", "column", "value"),
    [
        ({"site": "B"}, "InstitutionName", "B"),
        ({"group": "ASIAN"}, "EthnicGroup", "ASIAN"),
        ({"age": "004D"}, "PatientAge", "004D"),
        ({"age": "001Y"}, "PatientAge", "001Y"),
        ({"age": "087Y"}, "PatientAge", "087Y"),
        ({"PatientWeight": "140.0"}, "PatientWeight", "140.0"),
        ({"StudyDescription": "CXR"}, "StudyDescription", "CXR"),
    ],
)
def test_a_single_value_of_one_patient_is_a_finding(rare, column, value):
    many = [study(str(number), PatientWeight="70.0") for number in range(9)]
    found = list(find_rare_shown([*many, study("z", **({"PatientWeight": "70.0"} | rare))], 5))
    assert [(row.check, row.where, row.detail) for row in found] == [
        ("value of too few patients", column, value)
    ]


def test_years_between_two_and_the_oldest_are_nobodys():
    many = [study(str(number), age="070Y") for number in range(9)]
    assert list(find_rare_shown([*many, study("z", age="035Y")], 5)) == []


def test_the_private_split_shows_nothing_that_the_public_ones_hide():
    many = [study(str(number)) for number in range(9)]
    private = [study(f"p{number}", site="B", public=False) for number in range(9)]
    assert [row.detail for row in find_rare_shown([*many, *private], 5)] == ["B"]
    assert list(find_rare_shown([*many, *private], 1)) == []
