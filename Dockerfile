# The app alone; the database is a service of its own, see compose.yaml.
FROM python:3.12-slim-bookworm

# For PDFs.
RUN apt-get update && apt-get install -y --no-install-recommends libpangoft2-1.0-0 fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --uid 1000 grid && mkdir /srv/grid && chown grid:grid /srv/grid
USER grid
WORKDIR /srv/grid

# Packages first: they change less often than the code.
COPY --chown=grid:grid requirements.txt ./
COPY --chown=grid:grid scripts ./scripts
COPY --chown=grid:grid gis/__init__.py ./gis/__init__.py
COPY --chown=grid:grid gis/database/__init__.py gis/database/cluster*.py ./gis/database/
RUN scripts/setup --no-postgis

COPY --chown=grid:grid . .
# Secrets made at the first start live in .local, a volume in compose.yaml.
RUN mkdir -p .local
VOLUME /srv/grid/.local
ENV BIND_HOST=0.0.0.0
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=120s --interval=15s --timeout=5s \
    CMD ["python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["scripts/run"]
