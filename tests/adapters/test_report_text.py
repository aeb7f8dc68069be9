"""Reports that an information system exports as Rich Text or HTML."""

import pytest

from radrelease.adapters.report_files import read_reports
from radrelease.adapters.report_text import plain_text
from radrelease.config.sources import Source
from radrelease.records.private import Rejected
from radrelease.rejections import Reason

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fnil Courier New;}}"
    r"{\colortbl ;\red255\green0\blue0;}{\*\generator Riched20 10.0}{\info{\author Jane Roe}{\operator jroe}}"
    "\r\n"
    r"\viewkind4\uc1\pard\b\f0\fs22 "
)
BODY = (
    r"INDICATION:\b0  Cough. Patient Jos\'e9 Mar\'edn.\par"
    "\r\n"
    r"\b FINDINGS:\b0  Swan-Ganz tip unchanged, 4\u8211-5 mm.\par"
    "\r\n"
    r"\b IMPRESSION:\b0  Clear."
)
SEEN = (
    "INDICATION: Cough. Patient José Marín.\nFINDINGS: Swan-Ganz tip unchanged, 4–5 mm.\nIMPRESSION: Clear."
)


def rows(folder):
    return list(read_reports(Source(name="s", dicom=folder, reports=folder)))


def test_a_report_in_rich_text_is_what_its_reader_sees(tmp_path):
    (tmp_path / "A1.rtf").write_bytes((HEAD + BODY + "}\r\n\0").encode("ascii"))
    (tmp_path / "t.csv").write_text("accession,text\nA2,{\\rtf1 No change since 3/4/2019.}\nA3,No change.\n")
    assert [row.text for row in rows(tmp_path)] == [SEEN, "No change since 3/4/2019.", "No change."]


@pytest.mark.parametrize(
    "document",
    [
        HEAD + BODY,
        HEAD + BODY[:40],
        HEAD + BODY + "} Addendum: pneumothorax.",
        "Addendum: pneumothorax. " + HEAD + BODY + "}",
        HEAD + BODY + "}" + HEAD + BODY + "}",
        HEAD + r"Clear.\v  Seen by Roe.\v0 }",
        HEAD + r"Clear. {\deleted Pneumothorax.}}",
        HEAD + r"Clear. \strike Pneumothorax.\strike0 }",
        HEAD + r"Clear.{\footnote Not so.}}",
        HEAD + r"{\shp{\*\shpinst{\shptxt Not clear.}}}Clear.}",
        HEAD + r"Clear \u99999999?.}",
        HEAD + r"Clear \u-10179?.}",
        r"{\rtf1\ansicpg932 Clear \'e9.}",
        r"{\rtf1\ansicpg932 Clear \uc\u12354.}",
    ],
)
def test_rich_text_that_is_not_certain_is_no_report(tmp_path, document):
    (tmp_path / "A1.rtf").write_text(document)
    (tmp_path / "A2.txt").write_text("Clear.")
    broken, whole = rows(tmp_path)
    assert isinstance(broken, Rejected)
    assert broken.reason is Reason.REPORT_UNREADABLE
    assert whole.text == "Clear."


def test_what_rich_text_escapes_is_no_end_and_no_control_word():
    assert plain_text(r"{\rtf1 a \{b\} \\v c}") == r"a {b} \v c"
    assert plain_text(r"{\rtf1\strike0\striked0\viewkind4\version1 Clear.}") == "Clear."


def test_text_that_is_no_rich_text_stays_as_it_is():
    for text in (r"\b FINDINGS:\b0 Clear.\par", "{rtf}", "Clear.", ""):
        assert plain_text(text) == text


def test_a_picture_in_rich_text_is_no_text():
    assert plain_text(r"{\rtf1 {\pict\wmetafile8 0102ff}Clear.{\*\datastore 4a616e65}}") == "Clear."


PAGE = (
    "<html><head><title>Roe, Jane</title><style>p {color: red}</style></head><body>\n"
    "<p><b>INDICATION:</b> Cough &amp; fever.</p>\n<p><b>FINDINGS:</b><br/>Lungs are\nclear.&nbsp;O2 &lt; 90%. "
    "M&uuml;ller seen.</p><!-- by Roe --><table><tr><td>CTR</td><td>0.5</td></tr></table></body></html>"
)


@pytest.mark.parametrize(
    ("document", "seen"),
    [
        (
            PAGE,
            "INDICATION: Cough & fever.\n\nFINDINGS:\nLungs are clear.\xa0O2 < 90%. Müller seen.\n\nCTR\t0.5",
        ),
        ("<div><pre>FINDINGS:\n  Clear.\n\nIMPRESSION:</pre></div>", "FINDINGS:\n  Clear.\n\nIMPRESSION:"),
        ("FINDINGS:\n<b>No</b> change.\nIMPRESSION:\nClear.", "FINDINGS:\nNo change.\nIMPRESSION:\nClear."),
        ("Size <3 mm, <b>not</b> <name> of 5 < 6.", "Size <3 mm, not <name> of 5 < 6."),
        ("Ren&eacute;e, O2 &lt; 90&#37;, AT&T; R&D;", "Renée, O2 < 90%, AT&T; R&D;"),
        ("Size <3 mm, <unknown> & more; a<b>c", "Size <3 mm, <unknown> & more; ac"),
        ('<?xml version="1.0"?><html><body>Clear.</body></html>', "Clear."),
    ],
)
def test_a_report_in_html_is_what_its_reader_sees(document, seen):
    assert plain_text(document) == seen


@pytest.mark.parametrize(
    "document",
    [
        "<p>Clear. <s>Pneumothorax.</s></p>",
        '<p>Clear. <span style="display: none">Roe</span></p>',
        '<p>Clear. <span style="text-decoration:line-through">Pneumothorax.</span></p>',
        '<?xml version="1.0"?><report><findings>Clear.</findings></report>',
        "<ClinicalDocument><text>Clear.</text></ClinicalDocument>",
        "<p>Clear.</p><![CDATA[Roe]]>",
        "<p>Clear.</p><!-- Pneumothorax.",
        "<head><title>Clear.",
    ],
)
def test_html_that_is_not_certain_is_no_text(document):
    assert plain_text(document) is None
