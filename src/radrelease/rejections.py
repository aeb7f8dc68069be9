"""Why an input may not leave: one reason, one sentence.

The table in docs/reference/rejections.md is generated from this module.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["SENTENCES", "Reason"]


class Reason(StrEnum):
    """The reasons; :data:`SENTENCES` says each in words."""

    # catalog: files
    NOT_DICOM = "not_dicom"
    EMPTY_FILE = "empty_file"
    UNREADABLE_FILE = "unreadable_file"
    DICOMDIR = "dicomdir"
    MISSING_IDENTIFIER = "missing_identifier"
    MISSING_STUDY_DATE = "missing_study_date"
    NO_PIXEL_DATA = "no_pixel_data"
    LINK_OR_DEVICE = "link_or_device"
    # catalog: reports
    REPORT_UNREADABLE = "report_unreadable"
    REPORT_EMPTY = "report_empty"
    REPORT_WITHOUT_KEY = "report_without_key"
    REPORT_CANCELLED = "report_cancelled"
    # linkage
    DUPLICATE_INSTANCE = "duplicate_instance"
    CONFLICTING_INSTANCE = "conflicting_instance"
    IMAGES_WITHOUT_REPORT = "images_without_report"
    REPORT_WITHOUT_IMAGES = "report_without_images"
    REPORT_SUPERSEDED = "report_superseded"
    DUPLICATE_REPORT = "duplicate_report"
    AMBIGUOUS_REPORTS = "ambiguous_reports"
    REPORT_SHARED = "report_shared"
    TWO_PATIENTS = "two_patients"
    STUDY_DATES_DISAGREE = "study_dates_disagree"
    ACCESSION_DISAGREES = "accession_disagrees"
    NUMBER_OF_TWO = "number_of_two"
    WITHDRAWN = "withdrawn"
    # eligibility
    MODALITY = "modality"
    BODY_PART = "body_part"
    VIEW = "view"
    NOT_FOR_PRESENTATION = "not_for_presentation"
    NOT_HUMAN = "not_human"
    MULTI_FRAME = "multi_frame"
    COLOUR = "colour"
    MISSING_SECTION = "missing_section"
    REPORT_NOT_ENGLISH = "report_not_english"
    REPORT_NOT_PROSE = "report_not_prose"
    NO_IMAGE_LEFT = "no_image_left"
    SURPLUS = "surplus"
    # shards
    FILE_CHANGED = "file_changed"
    UNDECODABLE_PIXELS = "undecodable_pixels"
    TRUNCATED_PIXELS = "truncated_pixels"
    CONSTANT_PIXELS = "constant_pixels"
    UNSUPPORTED_PIXELS = "unsupported_pixels"
    PIXELS_DISAGREE = "pixels_disagree"
    BITS_STORED = "bits_stored"
    DECODERS_DISAGREE = "decoders_disagree"
    BURNED_IN_TEXT = "burned_in_text"
    BURNED_IN_TEXT_LEFT = "burned_in_text_left"
    BURNED_IN_TEXT_REVIEW = "burned_in_text_review"
    RESIDUAL_IDENTIFIER = "residual_identifier"
    WORKER_CRASHED = "worker_crashed"
    WORKER_TIMEOUT = "worker_timeout"
    WORKER_MEMORY = "worker_memory"


SENTENCES: dict[Reason, str] = {
    Reason.NOT_DICOM: "The file is not DICOM.",
    Reason.EMPTY_FILE: "The file has no bytes.",
    Reason.UNREADABLE_FILE: "The file looks like DICOM, and its header cannot be read.",
    Reason.DICOMDIR: "The file is a DICOM directory, not an image.",
    Reason.MISSING_IDENTIFIER: "PatientID, StudyInstanceUID, SeriesInstanceUID or SOPInstanceUID is absent.",
    Reason.MISSING_STUDY_DATE: "StudyDate is absent or no date of a radiograph, so it cannot be shifted.",
    Reason.NO_PIXEL_DATA: "The file has no pixel data.",
    Reason.LINK_OR_DEVICE: "The entry is a symbolic link, a device or a pipe.",
    Reason.REPORT_UNREADABLE: "The report's row or file cannot be read.",
    Reason.REPORT_EMPTY: "The report has no words.",
    Reason.REPORT_WITHOUT_KEY: "The report names neither an accession nor a study.",
    Reason.REPORT_CANCELLED: "The report was cancelled.",
    Reason.DUPLICATE_INSTANCE: "The same SOP instance is in the export again, byte for byte.",
    Reason.CONFLICTING_INSTANCE: "One SOP Instance UID names files with different bytes.",
    Reason.IMAGES_WITHOUT_REPORT: "The study has no report.",
    Reason.REPORT_WITHOUT_IMAGES: "The report belongs to no usable image of the export.",
    Reason.REPORT_SUPERSEDED: "A later or more final report of the same study was used.",
    Reason.DUPLICATE_REPORT: "The same report is in the export again.",
    Reason.AMBIGUOUS_REPORTS: "Two reports claim the study, and nothing says which is valid.",
    Reason.REPORT_SHARED: "One report covers several imaging studies.",
    Reason.TWO_PATIENTS: "One accession or study UID belongs to two patients.",
    Reason.STUDY_DATES_DISAGREE: "The files of one study state different study dates.",
    Reason.ACCESSION_DISAGREES: "The files of one study state different accession numbers.",
    Reason.NUMBER_OF_TWO: "The headers of one patient number describe two people.",
    Reason.WITHDRAWN: "The patient was withdrawn.",
    Reason.MODALITY: "The modality is not among the eligible ones.",
    Reason.BODY_PART: "Nothing says that the picture shows an eligible body part.",
    Reason.VIEW: "The view is not among the eligible ones.",
    Reason.NOT_FOR_PRESENTATION: "The image is FOR PROCESSING, not for reading.",
    Reason.NOT_HUMAN: "The header describes an animal or a test object.",
    Reason.MULTI_FRAME: "The image has several frames.",
    Reason.COLOUR: "The image is not grayscale.",
    Reason.MISSING_SECTION: "The report has none of the required sections.",
    Reason.REPORT_NOT_ENGLISH: "The report is not in English, so no rule can judge its words.",
    Reason.REPORT_NOT_PROSE: "The report is mostly numbers, signs or encoded data.",
    Reason.NO_IMAGE_LEFT: "No image of the study may be released.",
    Reason.SURPLUS: "The splits asked for are full.",
    Reason.FILE_CHANGED: "The file vanished or changed after it was catalogued.",
    Reason.UNDECODABLE_PIXELS: "The pixel data cannot be decoded.",
    Reason.TRUNCATED_PIXELS: "The pixel data is shorter than the header says.",
    Reason.CONSTANT_PIXELS: "All pixels have one value.",
    Reason.UNSUPPORTED_PIXELS: "The pixels are of a form that is not published (float, non-square, ...).",
    Reason.PIXELS_DISAGREE: "Size, precision, sign or syntax of the pixels is not what the header says.",
    Reason.BITS_STORED: "Pixels go beyond BitsStored, and nothing tells a wrong header from an overlay.",
    Reason.DECODERS_DISAGREE: "Two libraries do not decode the picture to the same pixels.",
    Reason.BURNED_IN_TEXT: "Text that may identify is burned into the picture.",
    Reason.BURNED_IN_TEXT_LEFT: "Text that may identify was still seen in the picture after masking.",
    Reason.BURNED_IN_TEXT_REVIEW: "A picture of the study shows text that a person is to look at.",
    Reason.RESIDUAL_IDENTIFIER: "An identifier the export knows was still found after scrubbing.",
    Reason.WORKER_CRASHED: "The study ended the process that worked on it.",
    Reason.WORKER_TIMEOUT: "The study took longer than is allowed.",
    Reason.WORKER_MEMORY: "The study took more memory than is allowed.",
}
