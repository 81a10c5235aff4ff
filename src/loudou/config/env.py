"""Everything Loudou reads from its environment, typed and documented in one place."""

import ipaddress
import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, HttpUrl, PostgresDsn, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


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
    secrets_dir: Path | None = Field(
        None,
        description="Folder of files that hold secrets, each named like its variable, such as `loudou_smtp_password`.",
    )
    allowed_hosts: str = Field(
        "127.0.0.1,localhost,[::1]", description="Host names the site answers to, comma separated."
    )
    https: bool | None = Field(
        None,
        description="Whether people reach the site over HTTPS, which makes cookies secure, HSTS on, and plain HTTP "
        "refused. Left out: as LOUDOU_PUBLIC_URL says; without it, yes as soon as LOUDOU_ALLOWED_HOSTS names any host "
        "but this machine.",
    )
    proxy: str = Field(
        "",
        description="Addresses or networks of the proxies in front, comma separated, such as `127.0.0.1,10.0.0.0/8`: "
        "only their X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    debug: bool = Field(False, description="Show technical error pages. Never in production.")
    session_idle_hours: int = Field(72, ge=1, description="Hours without a request after which a session ends.")
    session_days: int = Field(30, ge=1, description="Days after which a session ends even in use.")
    public_url: HttpUrl | None = Field(
        None,
        description="Address people reach the site at: for links in mails and identity providers.",
    )
    smtp_host: str = Field("", description="Server that sends mail; without it no mail is sent.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="How mail travels encrypted.")
    smtp_user: str = Field("", description="Name to sign in to the mail server with; empty when it asks for none.")
    smtp_password: SecretStr | None = Field(None, description="Password for the mail server.")
    mail_from: str = Field("Loudou <loudou@localhost>", description="Sender of mails.")
    password_mail_hours: int = Field(2, ge=1, le=72, description="Hours a mailed link for setting a password works.")
    oidc_client_id: str = Field("", description="Id of Loudou at an OpenID Connect provider.")
    oidc_client_secret: SecretStr | None = Field(None, description="Secret of Loudou at the provider, if it gave one.")
    oidc_name: str = Field("", description="What the sign-in page calls the provider, such as 'Contoso account'.")
    oidc_discovery_url: HttpUrl | None = Field(
        None,
        description="Discovery document of an OpenID Connect provider (…/.well-known/openid-configuration); with it "
        "people can sign in there.",
    )
    log_format: Literal["console", "json"] = Field("console", description="How log lines are written.")
    log_level: str = Field("INFO", description="Least severe level that is logged.")
    customer_file_limit_mb: int = Field(25, ge=1, description="Largest file kept with a customer, in megabytes.")
    upload_limit_mb: int = Field(200, ge=1, description="Largest file that may be uploaded, in megabytes.")
    unfinished_upload_days: int = Field(
        30, ge=1, description="Days without a change after which an upload that was never read in is thrown away."
    )
    personal_data_days: int = Field(
        30, ge=1, le=90, description="Days within which a request about personal data is to be answered."
    )

    @field_validator("secrets_dir")
    @classmethod
    def _secrets_are_there(cls, value: Path | None) -> Path | None:
        """Refuse a folder that is not there: its secrets would be missed without a word."""
        if value is not None and not value.is_dir():
            message = f"There is no folder {value}. Correct the path, or make the folder and put the secrets there."
            raise ValueError(message)
        return value

    @field_validator("database_url", mode="before")
    @classmethod
    def _is_postgresql(cls, value: object) -> object:
        """Refuse other databases by what an address must begin with."""
        if isinstance(value, str) and not value.startswith(("postgresql://", "postgres://")):
            message = "It must begin with postgresql://, such as postgresql://user:password@host:5432/database."
            raise ValueError(message)
        return value

    @field_validator("database_url")
    @classmethod
    def _libpq_understands(cls, value: PostgresDsn | None) -> PostgresDsn | None:
        """Refuse an address that the database's own library cannot read."""
        try:
            conninfo_to_dict(str(value or ""))
        except psycopg.ProgrammingError as reason:
            raise ValueError(str(reason).strip()) from reason
        return value

    @field_validator("proxy")
    @classmethod
    def _proxies_have_addresses(cls, value: str) -> str:
        """Refuse anything but addresses: to trust everybody would let everybody write who they are."""
        for part in filter(None, map(str.strip, value.split(","))):
            try:
                ipaddress.ip_network(part)
            except ValueError as reason:
                message = f"{reason}. Name the proxy's address or network, such as 127.0.0.1 or 10.0.0.0/8."
                raise ValueError(message) from reason
        return value

    @field_validator("oidc_discovery_url")
    @classmethod
    def _provider_is_whole(cls, value: HttpUrl | None, info: ValidationInfo) -> HttpUrl | None:
        """Refuse half a provider, and one whose answers anybody on the way could change."""
        if value and not info.data.get("oidc_client_id"):
            message = "LOUDOU_OIDC_CLIENT_ID is needed beside it."
            raise ValueError(message)
        if value and value.scheme != "https" and value.host not in LOOPBACK:
            message = "It must begin with https://."
            raise ValueError(message)
        return value


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Read the environment once; a secret may also be a file, such as `loudou_smtp_password`, in LOUDOU_SECRETS_DIR."""
    return Environment(_secrets_dir=os.environ.get("LOUDOU_SECRETS_DIR") or None)


def is_https_due(env: Environment, hosts: list[str]) -> bool:
    """Tell whether people reach the site over HTTPS: as told, as the public address says, else unless all is local."""
    if env.https is not None:
        return env.https
    if env.public_url is not None:
        return env.public_url.scheme == "https"
    return any(host not in LOOPBACK for host in hosts)


def choose_settings() -> None:
    """Tell Django where its settings are, unless somebody already has."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loudou.config.settings")


def terminal_language() -> str:
    """Return the language of the terminal, 'zh-hans' or 'en', as the usual variables say."""
    spoken = next((said for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (said := os.environ.get(name))), "")
    return "zh-hans" if spoken.lower().startswith("zh") else "en"
