"""The web application: Flask pages and APIs over the spatial core.

`create_app` is the composition root: settings in, a guarded application out.
"""

from __future__ import annotations

from importlib import import_module

from flask import Flask, current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from gis.database.pool import Database
from gis.publish.blocks import BlockCache
from gis.publish.outlines import Outlines
from gis.publish.tiles import TileCache
from gis.settings import GisSettings
from webmap import auth, i18n
from webmap.express import lane
from webmap.http import compress, headers, logs, problem, querystring
from webmap.settings import WebSettings

# One module per subject, each with a `blueprint`; a request is found by its address here.
BLUEPRINTS = (
    "webmap.i18n",
    "webmap.pages.health",
    "webmap.pages.session",
    "webmap.pages.account",
    "webmap.pages.tokens",
    "webmap.pages.home",
    "webmap.pages.people",
    "webmap.pages.publication",
    "webmap.pages.calendar",
    "webmap.pages.deadlines",
    "webmap.pages.audit",
    "webmap.pages.quarantine",
    "webmap.pages.refused_photos",
    "webmap.pages.rescue",
    "webmap.pages.findings",
    "webmap.pages.field",
    "webmap.pages.maps",
    "webmap.pages.query",
    "webmap.pages.coverage",
    "webmap.planner.patrol",
    "webmap.planner.patrol_targets",
    "webmap.planner.landing",
    "webmap.planner.hotspots",
    "webmap.planner.runs",
    "webmap.planner.schedules",
    "webmap.planner.services",
    "webmap.planner.sites",
    "webmap.planner.roads",
    "webmap.planner.workload",
    "webmap.planner.weights",
    "webmap.planner.beats",
    "webmap.planner.split",
    "webmap.pages.rounds",
    "webmap.pages.day_sheets",
    "webmap.pages.round_calendar",
    "webmap.pages.live",
    "webmap.pages.monthly",
    "webmap.pages.plans",
    "webmap.pages.codes",
    "webmap.pages.seasons",
    "webmap.pages.jobs",
    "webmap.api.patrol_points",
    "webmap.api.field_area",
    "webmap.api.field_records",
    "webmap.api.field_tracks",
    "webmap.api.trackers",
    "webmap.api.track_files",
    "webmap.api.field_rounds",
    "webmap.api.live_rounds",
    "webmap.api.incidents",
    "webmap.api.field_photos",
    "webmap.api.photos",
    "webmap.api.findings",
    "webmap.api.figures",
    "webmap.api.places",
    "webmap.api.query",
    "webmap.api.buildings",
    "webmap.api.coverage",
    "webmap.api.docs",
    "webmap.ogc.collections",
    "webmap.ogc.description",
    "webmap.ogc.queryables",
    "webmap.ogc.tilesets",
    "webmap.ogc.styles",
    "webmap.ogc.transactions",  # before items: its OPTIONS tells what this very person may do
    "webmap.ogc.items",
    "webmap.ogc.public",
    "webmap.tiles.vector",
)


def db() -> Database:
    """Return the application's database."""
    database: Database = current_app.extensions["gis"]
    return database


def create_app(settings: WebSettings | None = None, gis_settings: GisSettings | None = None) -> Flask:
    """Build the application. Raises a validation error that names a missing or bad setting."""
    settings = settings or WebSettings()  # type: ignore[call-arg]
    gis_settings = gis_settings or GisSettings()  # type: ignore[call-arg]
    logs.configure()
    app = Flask(__name__)
    app.request_class = querystring.Request
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=settings.max_body_mb * 1024 * 1024,
        SESSION_COOKIE_NAME="guangming_csrf",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        WEB_SETTINGS=settings,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["gis"] = _database(gis_settings)
    app.extensions["tiles"] = TileCache(settings.tile_cache_mb * 1024 * 1024)
    app.extensions["outlines"] = Outlines()
    blocks_mb = settings.feature_cache_mb
    app.extensions["blocks"] = BlockCache(blocks_mb * 1024 * 1024) if blocks_mb else None
    logs.register(app)
    headers.register(app, image_hosts=_basemap_hosts(settings), secure=settings.secure_cookies)
    auth.register(app, db, token_tries=settings.token_tries)
    i18n.register(app, default=settings.default_locale)
    problem.register(app)
    compress.register(app)
    for module in BLUEPRINTS:
        app.register_blueprint(import_module(module).blueprint)
    import_module("webmap.pages.session").limit_tries(app, settings)
    app.context_processor(import_module("webmap.pages.frame").frame)
    auth.refuse_unguarded(app)
    lane.register(app, settings)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    return app


def _database(settings: GisSettings) -> Database:
    url = settings.web_database_url or settings.database_url
    return Database(
        url.get_secret_value(),
        size=settings.pool_size,
        wait_s=settings.pool_wait_s,
        statement_timeout_ms=settings.statement_timeout_ms,
    )


def _basemap_hosts(settings: WebSettings) -> tuple[str, ...]:
    if not (settings.basemap_url or settings.tianditu_key):
        return ()
    hosts: tuple[str, ...] = import_module("webmap.maps.basemap").image_hosts(settings)
    return hosts
