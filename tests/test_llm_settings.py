"""Which language models may be asked: every mistake is one message with its line, before any work."""

from __future__ import annotations

import pytest

from radrelease.adapters.config_file import load_config
from radrelease.errors import ConfigError
from radrelease.labelling import check_labelling

TOML = """[release]
name = "t"
output = "release"
work = "work"

[[source]]
name = "a"
dicom = "dicom"
reports = "reports"

[secret]
key_env = "KEY"

[reports]
sectioner = "{sectioner}"
"""
LLM = """
[llm]
model = "m"
"""


def config_of(folder, llm, sectioner="rules+llm"):
    path = folder / "release.toml"
    path.write_text(TOML.format(sectioner=sectioner) + llm)
    return load_config(path)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:1/v1"])
def test_this_machine_needs_no_permission(tmp_path, url):
    config = config_of(tmp_path, f'{LLM}base_url = "{url}"\n')
    check_labelling(config)
    assert config.llm.is_here


def test_another_machine_must_be_allowed_by_name(tmp_path):
    setting = f'{LLM}base_url = "https://API.example.org/v1"\nprice_in = 1\nprice_out = 1\n'
    with pytest.raises(ConfigError, match=r"release.toml:17 .*leave this machine for api.example.org"):
        config_of(tmp_path, setting)
    allowed = config_of(tmp_path, setting + 'allowed_hosts = ["api.example.org"]\n')
    assert not allowed.llm.is_here


def test_a_cap_needs_prices(tmp_path):
    setting = f'{LLM}base_url = "https://api.example.org/v1"\nallowed_hosts = ["api.example.org"]\n'
    with pytest.raises(ConfigError, match="write 0 for free"):
        config_of(tmp_path, setting + "price_in = 1\n")


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080", "ftp://127.0.0.1/", "http:///v1", "http://me:pass@127.0.0.1/v1", "http://127.0.0.1/v1?k=s",
     "http://127.0.0.1:port/v1", "http://[::1/v1"],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(tmp_path, url):
    with pytest.raises(ConfigError, match=r"release.toml:18 \[llm\] base_url"):
        config_of(tmp_path, f'\n[llm]\nbase_url = "{url}"\nmodel = "m"\n')


@pytest.mark.parametrize("url", ["http://127.0.0.1.example.org/v1", "http://localhost.example.org/v1"])
def test_a_name_that_begins_like_this_machine_is_another(tmp_path, url):
    with pytest.raises(ConfigError, match="leave this machine"):
        config_of(tmp_path, f'{LLM}base_url = "{url}"\n')


@pytest.mark.parametrize("sectioner", ["rules+llm", "llm"])
def test_a_model_must_be_named_where_one_is_to_be_asked(tmp_path, sectioner):
    with pytest.raises(ConfigError, match=r"\[reports\] sectioner: .* there is no table \[llm\]"):
        check_labelling(config_of(tmp_path, "", sectioner))
    check_labelling(config_of(tmp_path, "", "rules"))
