"""Which language models may be asked: every mistake is one message with its line, before any work."""

from __future__ import annotations

import importlib.util

import pytest

from radrelease.adapters.config_file import load_config, with_line
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
price_in = 0
price_out = 0
"""

needs_extra = pytest.mark.skipif(importlib.util.find_spec("openai") is None, reason="openai is not installed")


def checked(folder, llm, sectioner="rules+llm"):
    path = folder / "release.toml"
    path.write_text(TOML.format(sectioner=sectioner) + llm)
    config = load_config(path)
    try:
        check_labelling(config)
    except ConfigError as error:
        raise with_line(path, error) from None
    return config


@needs_extra
@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:1/v1"])
def test_this_machine_needs_no_permission(tmp_path, url):
    assert checked(tmp_path, f'{LLM}base_url = "{url}"\n').llm.base_url == url


@needs_extra
def test_another_machine_must_be_allowed_by_name(tmp_path):
    setting = f'{LLM}base_url = "https://API.example.org/v1"\n'
    with pytest.raises(
        ConfigError, match=r"release.toml:17 \[llm\]: the host api.example.org is not allowed"
    ):
        checked(tmp_path, setting)
    checked(tmp_path, setting + 'allowed_hosts = ["api.example.org"]\n')


@needs_extra
@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080", "ftp://127.0.0.1/", "http:///v1", "http://me:pass@127.0.0.1/v1", "http://127.0.0.1/v1?k=s",
     "http://127.0.0.1:port/v1", "http://[::1/v1", "http://127.0.0.1.example.org/v1"],
)  # fmt: skip
def test_what_is_no_plain_address_of_this_machine_is_refused(tmp_path, url):
    with pytest.raises(ConfigError, match=r"release.toml:17 \[llm\]"):
        checked(tmp_path, f'{LLM}base_url = "{url}"\n')


@needs_extra
def test_a_key_that_is_not_there_is_told_before_any_work(tmp_path, monkeypatch):
    monkeypatch.delenv("LABELLER_KEY", raising=False)
    with pytest.raises(ConfigError, match="LABELLER_KEY holds no key"):
        checked(tmp_path, f'{LLM}base_url = "http://localhost/v1"\nkey_env = "LABELLER_KEY"\n')


def test_a_cap_needs_prices(tmp_path):
    with pytest.raises(ConfigError, match=r"\[llm\] price_out: is missing"):
        checked(tmp_path, '\n[llm]\nbase_url = "http://localhost/v1"\nmodel = "m"\nprice_in = 1\n')


def test_a_setting_that_is_misspelt_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"release.toml:21 \[llm\] modle: .* Did you mean model"):
        checked(tmp_path, f'{LLM}modle = "m"\nbase_url = "http://localhost/v1"\n')


@pytest.mark.parametrize("sectioner", ["rules+llm", "llm"])
def test_a_model_must_be_named_where_one_is_to_be_asked(tmp_path, sectioner):
    with pytest.raises(
        ConfigError, match=r"release.toml:15 \[reports\] sectioner: .* there is no table \[llm\]"
    ):
        checked(tmp_path, "", sectioner)
    checked(tmp_path, "", "rules")


def test_without_the_extra_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("radrelease.adapters.llm.checking.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'radrelease\[llm\]'"):
        checked(tmp_path, f'{LLM}base_url = "http://localhost/v1"\n')
