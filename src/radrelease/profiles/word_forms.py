"""How words of medicine are formed, as data: endings, beginnings, and the stems by which drugs are named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from radrelease.profiles.data_files import read_profile

__all__ = ["WordForms", "load_word_forms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordForms:
    """``whole`` matches words that an ending or beginning tells; ``prefix`` what others are put to."""

    whole: re.Pattern[str]
    prefix: re.Pattern[str]


@cache
def load_word_forms() -> WordForms:
    """The forms of ``word_forms.toml``."""
    document = read_profile("word_forms.toml")
    rows = {name: "|".join(sorted(row, key=len, reverse=True)) for name, row in document.items()}
    return WordForms(
        whole=re.compile(
            rf"[a-z]{{3,}}(?:{rows['endings']})|(?:{rows['roots']})[a-z]*(?:{rows['ends']})|(?=[a-z]{{8}})[a-z]{{2,}}(?:{rows['drugs']})"
        ),
        prefix=re.compile(rf"(?:{rows['prefixes']})(?=[a-z]{{6}})"),
    )
