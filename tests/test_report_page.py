"""The report as a browser shows it: on a desk and on a telephone, by day and by night, and offline."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from radrelease.adapters.rendering import templates

pytestmark = pytest.mark.xdist_group("release")

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip

MEASURE = """<script>addEventListener("load", () => {
  const wide = [...document.querySelectorAll("body *")].filter((one) =>
    !one.closest(".scroll, pre, nav, .skip") && one.getBoundingClientRect().right > innerWidth + 1);
  const said = document.createElement("pre");
  said.id = "measured";
  said.textContent = JSON.stringify({
    width: innerWidth,
    page: document.documentElement.scrollWidth,
    wide: wide.map((one) => one.outerHTML.slice(0, 80)),
    images: [...document.images].map((image) => image.naturalWidth),
    small: [...document.querySelectorAll("main *")].filter((one) => one.childNodes.length
      && one.textContent.trim() && parseFloat(getComputedStyle(one).fontSize) < 12).length,
    fetched: performance.getEntriesByType("resource").map((one) => one.name.slice(0, 40)),
  });
  parent.document.body.append(said);
});</script>"""

needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def page(place):
    return place.release / "report.html"


def browse(folder, *options):
    made = subprocess.run(
        [BROWSER, *OPTIONS, f"--user-data-dir={folder / 'profile'}", *options],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return made.stdout


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_its_window_and_shows_every_picture(page, tmp_path, width):
    inner = html.escape(page.read_text(encoding="utf-8") + MEASURE)
    frame = tmp_path / "frame.html"  # a window of Chromium has 500 pixels or more
    frame.write_text(f'<iframe style="width:{width}px;height:900px;border:0" srcdoc="{inner}"></iframe>')
    shown = browse(tmp_path, "--window-size=1400,1000", "--dump-dom", frame.as_uri())
    said = json.loads(html.unescape(re.search(r'<pre id="measured">(.*?)</pre>', shown, re.DOTALL)[1]))
    assert said["width"] == width
    assert said["page"] <= width, "nothing must be scrolled aside"
    assert said["wide"] == []
    assert said["images"]
    assert min(said["images"]) > 0, "every picture was decoded"
    assert said["small"] == 0, "no letter is too small to read"
    assert [name for name in said["fetched"] if not name.startswith("data:")] == []


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
def test_what_is_drawn_is_not_blank(page, tmp_path, width, dark):
    target = tmp_path / "shot.png"
    night = ["--blink-settings=preferredColorScheme=0"] if dark else []
    browse(tmp_path, f"--window-size={width},1400", *night, f"--screenshot={target}", page.as_uri())
    with Image.open(target) as picture:
        gray = np.asarray(picture.convert("L"), float)
    assert gray.shape == (1400, width)
    assert (np.median(gray) < 60) == dark
    for third in np.array_split(gray, 3):
        assert third.std() > 8


class Outline(HTMLParser):
    """What a reader that does not see goes by."""

    def __init__(self, page):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(page):
    outline = Outline(page)
    assert not outline.all("script")
    assert not outline.all("link")
    for tag, attributes in outline.found:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href", "srcset", "poster", "data", "action"}:
                assert value.startswith(("data:image/png;base64,", "#")), (tag, name)
    style = page.read_text(encoding="utf-8").partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_pictures_headings_and_tables_speak_to_who_cannot_see_them(page):
    outline = Outline(page)
    assert all(image["alt"].startswith("Chest radiograph") for image in outline.all("img"))
    assert all(image["width"] and image["height"] for image in outline.all("img"))
    levels = [int(tag[1]) for tag, _ in outline.found if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in zip(levels, levels[1:], strict=False))
    assert outline.all("html")[0]["lang"] == "en"
    assert len(outline.all("main")) == len(outline.all("nav")) == 1
    ids = [attributes["id"] for _, attributes in outline.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in outline.all("a"):
        assert link["href"].removeprefix("#") in ids
    assert all(cell.get("scope") in {"row", "col"} for cell in outline.all("th"))
    regions = [attributes for _, attributes in outline.found if attributes.get("role") == "region"]
    assert all(region["tabindex"] == "0" and region["aria-labelledby"] in ids for region in regions)


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_letters_stand_out_from_their_ground_by_day_by_night_and_on_paper(page):
    style = page.read_text(encoding="utf-8").partition("</style>")[0]
    palettes = [dict(re.findall(r"--(\w+):(#\w+)", rule)) for rule in re.findall(r":root\{([^}]+)\}", style)]
    assert len(palettes) == 3
    for palette in palettes:
        for letters in ("ink", "soft", "accent", "out"):
            for ground in ("paper", "card"):
                light, dark = sorted(map(luminance, (palette[letters], palette[ground])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (letters, ground, palette)


def test_what_a_release_is_called_cannot_become_markup(place):
    from dataclasses import replace

    from radrelease.adapters.report_page import render_report
    from radrelease.describing import about_of
    from radrelease.stages.release.flow import Flow

    about = replace(about_of(place.config, []), name="<script>alert(1)</script>")
    text = render_report(place.built.description, Flow(files=0, reports=0, steps=()), about, [])
    assert "<script" not in text
    assert templates(escaped=True).autoescape
