"""How words of medicine are formed, as data: endings, beginnings, and the stems by which drugs are named."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["WordForms", "load_word_forms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordForms:
    """``whole`` matches words that an ending or beginning tells; ``prefix`` what others are put to."""

    whole: re.Pattern[str]
    prefix: re.Pattern[str]


@cache
def load_word_forms() -> WordForms:
    """The forms of ``word_forms.toml``."""
    text = resources.files("radrelease.profiles").joinpath("word_forms.toml").read_text(encoding="utf-8")
    rows = {name: "|".join(sorted(row, key=len, reverse=True)) for name, row in tomllib.loads(text).items()}
    return WordForms(
        whole=re.compile(
            rf"[a-z]{{3,}}(?:{rows['endings']})|(?:{rows['roots']})[a-z]*(?:{rows['ends']})|(?=[a-z]{{8}})[a-z]{{2,}}(?:{rows['drugs']})"
        ),
        prefix=re.compile(rf"(?:{rows['prefixes']})(?=[a-z]{{6}})"),
    )
