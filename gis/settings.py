"""Settings of the spatial core, read once from the environment (`GIS_…`)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class GisSettings(BaseSettings):
    """Where the database is and how it is used. A bad value stops the start and names its variable."""

    model_config = SettingsConfigDict(env_prefix="GIS_", frozen=True)

    database_url: SecretStr = Field(
        description="libpq URL of the owner of the schema: migrations, imports, the demo district"
    )
    web_database_url: SecretStr | None = Field(
        default=None,
        description="libpq URL of the login role gis_web, which has no rights of its own",
    )
    web_password: SecretStr | None = Field(
        default=None,
        description="password `migrate` gives to gis_web; none for a private cluster that trusts its socket",
    )
    pool_size: int = Field(default=8, ge=1, le=200, description="database connections of one process")
    pool_wait_s: float = Field(default=5.0, gt=0, description="how long a request waits for one of them")
    raw_fix_days: int = Field(
        default=90, ge=1, le=3650, description="days after which raw positions are thinned"
    )
    statement_timeout_ms: int = Field(default=15_000, ge=100, description="longest statement of a request")


class FootprintSettings(BaseSettings):
    """Where unpacked day layers of patrol coverage are kept, and how many."""

    model_config = SettingsConfigDict(env_prefix="GIS_", frozen=True)

    footprint_dir: Path | None = Field(
        default=None, description="directory for unpacked day layers, shared by the server's processes"
    )
    footprint_cache_mb: int = Field(default=1024, ge=64, description="how much of the disk they may take")
