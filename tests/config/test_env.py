"""Settings from the environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from loudou.config import database, env, secrets
from loudou.config.env import Environment, terminal_language


def environment(monkeypatch, **variables: str) -> Environment:
    """Read settings from these variables and no others."""
    for name in Environment.model_fields:
        monkeypatch.delenv(f"LOUDOU_{name.upper()}", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(f"LOUDOU_{name.upper()}", value)
    return Environment()


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    assert environment(monkeypatch, database_url="", port="").database_url is None


def test_a_port_that_cannot_be_is_named_on_the_command_line(monkeypatch):
    with pytest.raises(ValidationError):
        environment(monkeypatch, port="99999")
    monkeypatch.setenv("PYTHONPATH", str(Path(database.__file__).parents[2]))
    done = subprocess.run([sys.executable, "-m", "loudou", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("LOUDOU_PORT: ")
    assert "Traceback" not in done.stderr


def test_a_database_elsewhere_is_used_as_written(monkeypatch, tmp_path):
    url = "postgresql://ann:p%40ss@db.example.com:6432/sales"
    settings = database.settings(environment(monkeypatch, database_url=url, home=str(tmp_path)))
    found = {name: settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert found == {"NAME": "sales", "USER": "ann", "PASSWORD": "p@ss", "HOST": "db.example.com", "PORT": "6432"}


def test_a_database_may_ask_for_encryption_or_listen_in_a_folder(monkeypatch):
    url = "postgresql://ann@%2Frun%2Fpostgresql/sales?sslmode=verify-full&connect_timeout=20"
    settings = database.settings(environment(monkeypatch, database_url=url))
    assert (settings["HOST"], settings["NAME"], settings["PORT"]) == ("/run/postgresql", "sales", "")
    assert settings["OPTIONS"] == {"connect_timeout": "20", "application_name": "loudou", "sslmode": "verify-full"}


def test_secrets_may_be_files_of_a_folder(monkeypatch, tmp_path):
    (tmp_path / "loudou_smtp_password").write_text("from a file\n")
    monkeypatch.setenv("LOUDOU_SECRETS_DIR", str(tmp_path))
    env.environment.cache_clear()
    assert env.environment().smtp_password.get_secret_value() == "from a file"
    env.environment.cache_clear()


def test_half_a_sign_in_provider_or_one_in_the_clear_is_refused(monkeypatch):
    address = "https://id.example.com/.well-known/openid-configuration"
    assert str(environment(monkeypatch, oidc_discovery_url=address, oidc_client_id="us").oidc_discovery_url) == address
    with pytest.raises(ValidationError, match="LOUDOU_OIDC_CLIENT_ID"):
        environment(monkeypatch, oidc_discovery_url=address)
    with pytest.raises(ValidationError, match="https"):
        environment(monkeypatch, oidc_discovery_url=address.replace("https", "http"), oidc_client_id="us")


def test_without_an_address_the_embedded_server_of_the_home_is_meant(monkeypatch, tmp_path):
    settings = database.settings(environment(monkeypatch, home=str(tmp_path)))
    assert settings["HOST"] == str(tmp_path / "pg" / "socket")
    assert "PORT" not in settings


def test_the_signing_key_is_made_once_and_only_the_owner_reads_it(monkeypatch, tmp_path):
    env = environment(monkeypatch, home=str(tmp_path))
    key = secrets.secret_key(env)
    assert len(key) >= 50
    assert secrets.secret_key(env) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_the_signing_key_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    env = environment(monkeypatch, secret_key_file=str(tmp_path / "key"), home=str(tmp_path / "home"))
    assert secrets.secret_key(env) == "from a file"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({}, "en"),
    ],
)
def test_the_terminal_says_which_language_it_speaks(monkeypatch, variables, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert terminal_language() == language
