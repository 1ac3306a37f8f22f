# syntax=docker/dockerfile:1
# The service as an image: `docker build -t sonograph .`, then `docker run -p 8080:8080 -v sonograph:/data sonograph`
# (embedded PostgreSQL), or docker-compose.yml (a PostgreSQL server of its own).

FROM node:22-bookworm-slim AS assets
WORKDIR /app/api/pages
COPY api/pages ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim-bookworm AS wheel
WORKDIR /src
COPY requirements-dev.lock ./
# The development lock holds the build backend; nothing of this stage but the wheel goes on.
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes -r requirements-dev.lock
COPY . .
RUN hatchling build --target wheel

FROM python:3.13-slim-bookworm AS venv
RUN python -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY --from=wheel /src/dist/*.whl /tmp/
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-index /tmp/*.whl
COPY --from=assets /app/api/pages/node_modules /venv/lib/python3.13/site-packages/api/pages/node_modules

FROM python:3.13-slim-bookworm
# PostgreSQL refuses to run as root, and nothing here needs it.
RUN useradd --system --uid 10001 --create-home --home-dir /home/sonograph sonograph \
    && install -d -o sonograph -g sonograph -m 700 /data
COPY --from=venv /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SONOGRAPH_HOST=0.0.0.0 \
    SONOGRAPH_PORT=8080 \
    SONOGRAPH_DATA_DIR=/data \
    SONOGRAPH_LOG_FORMAT=json
USER sonograph
WORKDIR /home/sonograph
VOLUME /data
EXPOSE 8080
# The first start makes the database; readiness (/health/ready) is the proxy's question, this one is only "is it alive".
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['SONOGRAPH_PORT']}/health/live\", timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["sonograph", "serve"]
