"""Settings of the web application, read once from the environment (`WEBMAP_…`)."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """How the application is served. A bad value stops the start and names its variable."""

    model_config = SettingsConfigDict(env_prefix="WEBMAP_", frozen=True)

    secret_key: SecretStr = Field(
        min_length=32, description="signs the CSRF tokens; random, kept between starts"
    )
    secure_cookies: bool = Field(default=False, description="on behind HTTPS: cookies travel over TLS only")
    proxies: int = Field(
        default=0, ge=0, le=3, description="reverse proxies in front that set X-Forwarded-For"
    )
    public_url: str = Field(
        default="",
        description="address of the application as the outside world writes it, e.g. https://gis.example.cn; "
        "without it, links repeat the address a request was sent to",
    )
    tile_cache_mb: int = Field(
        default=64, ge=0, le=4096, description="memory of each process for vector tiles; 0 keeps none"
    )
    feature_cache_mb: int = Field(
        default=160, ge=0, le=16384, description="memory of each process for features by square; 0 keeps none"
    )
    max_body_mb: int = Field(default=4, ge=1, le=100, description="largest request body")
    default_locale: str = Field(
        default="zh", pattern="^(zh|en)$", description="language before anyone chose one"
    )
    basemap_url: str = Field(
        default="", description="XYZ tile template {z}/{x}/{y} of an optional base map; none by default"
    )
    basemap_attribution: str = Field(default="", description="attribution of that base map")
    tianditu_key: SecretStr | None = Field(default=None, description="key of the national base map Tianditu")
    login_tries: str = Field(
        default="5 per 15 minutes", description="failed sign-ins per user name and process"
    )
    address_tries: str = Field(
        default="30 per 15 minutes", description="failed sign-ins per address and process"
    )
    token_tries: str = Field(
        default="30 per 15 minutes", description="different bad bearer tokens per address and process"
    )

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        is_plain = (
            parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        )
        if value and not is_plain:
            raise ValueError("an address such as https://gis.example.cn, without a query")
        return value.rstrip("/")
