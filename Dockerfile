# Bulletin as an image: docs/container.md says how to build it and what it needs.
FROM python:3.13-slim-bookworm AS build
WORKDIR /opt/bulletin
RUN pip install --no-cache-dir --disable-pip-version-check --target /opt/uv uv==0.13.9
COPY pyproject.toml uv.lock README.md LICENSE bulletin.example.toml ./
COPY bulletin ./bulletin
COPY templates ./templates
ENV UV_PYTHON_DOWNLOADS=never
RUN /opt/uv/bin/uv sync --quiet --locked --no-dev --no-editable --compile-bytecode --no-cache \
    --extra postgres

FROM python:3.13-slim-bookworm
# The versions are those of the base, which is renewed by building again.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin bulletin \
    && install --directory --owner=bulletin --group=bulletin /data
COPY --from=build /opt/bulletin/.venv /opt/bulletin/.venv
# Nothing but /data and /tmp is written to, so the root may be read-only.
ENV PATH=/opt/bulletin/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp
USER 10001:10001
WORKDIR /data
VOLUME /data
# It runs and ends; `bulletin watch` and `bulletin status` are what tells its health.
HEALTHCHECK NONE
ENTRYPOINT ["bulletin"]
CMD ["run"]
