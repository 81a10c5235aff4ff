"""Everything Loudou reads from its environment, typed and documented in one place."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, PostgresDsn, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """Environment variables, each prefixed with `LOUDOU_`; secrets may come from files in `LOUDOU_SECRETS_DIR`."""

    model_config = SettingsConfigDict(env_prefix="LOUDOU_", env_ignore_empty=True, extra="ignore")

    home: Path = Field(
        Path("var"), description="Folder for the embedded database, uploaded files and generated secrets."
    )
    database_url: PostgresDsn | None = Field(
        None, description="Any PostgreSQL 15+; without it the embedded one is used."
    )
    port: int = Field(8000, ge=1, le=65535, description="Port to serve on.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    workers: int = Field(2, ge=1, le=64, description="Web server processes.")
    threads: int = Field(4, ge=1, le=64, description="Threads in each web server process.")
    secret_key: SecretStr | None = Field(
        None, description="Signing key; without it one is made once and kept in LOUDOU_HOME/secret_key."
    )
    secret_key_file: Path | None = Field(None, description="File to read the signing key from.")
    allowed_hosts: str = Field(
        "127.0.0.1,localhost,[::1]", description="Host names the site answers to, comma separated."
    )
    https: bool = Field(False, description="The site is reached over HTTPS: secure cookies and HSTS are switched on.")
    proxy: bool = Field(False, description="A trusted proxy in front sets X-Forwarded-For and X-Forwarded-Proto.")
    debug: bool = Field(False, description="Show technical error pages. Never in production.")
    session_idle_hours: int = Field(72, ge=1, description="Hours without a request after which a session ends.")
    session_days: int = Field(30, ge=1, description="Days after which a session ends even in use.")
    log_format: Literal["console", "json"] = Field("console", description="How log lines are written.")
    log_level: str = Field("INFO", description="Least severe level that is logged.")
    customer_file_limit_mb: int = Field(25, ge=1, description="Largest file kept with a customer, in megabytes.")
    upload_limit_mb: int = Field(200, ge=1, description="Largest file that may be uploaded, in megabytes.")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Read the environment once."""
    return Environment()


def choose_settings() -> None:
    """Tell Django where its settings are, unless somebody already has."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loudou.config.settings")


def terminal_language() -> str:
    """Return the language of the terminal, 'zh-hans' or 'en', as the usual variables say."""
    spoken = next((said for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (said := os.environ.get(name))), "")
    return "zh-hans" if spoken.lower().startswith("zh") else "en"
