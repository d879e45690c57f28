# syntax=docker/dockerfile:1
# The server with tokens and traces, without reports and demo data. Runs as a user without rights, on a read-only file system:
#
#   docker build -t clearing .
#   docker run --read-only --tmpfs /tmp -v "$PWD/tls:/run/tls:ro" -p 50051:50051 clearing
#
# It listens on every address of the container and therefore insists on TLS: /run/tls holds tls.crt and tls.key.

FROM python:3.11.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /build/tools
RUN /build/tools/bin/pip install --require-hashes -r requirements-build.lock
RUN python -m venv /srv/clearing
RUN /srv/clearing/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY models ./models
RUN PATH="/build/tools/bin:$PATH" /build/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /build/wheels .
RUN /srv/clearing/bin/pip install --no-deps --no-index --find-links /build/wheels clearing
# Whole seconds survive the copy between stages; compiled kernels are valid only for the times they were made from.
RUN find /srv/clearing/lib -path "*/site-packages/clearing/*" -exec touch -d 2026-01-01T00:00:00Z {} +
RUN /srv/clearing/bin/python -m compileall -q /srv/clearing/lib
RUN NUMBA_CPU_NAME=generic NUMBA_CACHE_DIR=/srv/numba \
    /srv/clearing/bin/python -c "from clearing.pipeline import warm_up; warm_up()"

FROM python:3.11.13-slim-bookworm AS runtime
LABEL org.opencontainers.image.title="clearing" \
      org.opencontainers.image.description="Day-ahead market clearing over gRPC: SCUC, SCED, prices, audit" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
ENV PATH="/srv/clearing/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NUMBA_CPU_NAME=generic \
    NUMBA_CACHE_DIR=/srv/numba \
    CLEARING_LISTEN=0.0.0.0:50051 \
    CLEARING_TLS_CERTIFICATE=/run/tls/tls.crt \
    CLEARING_TLS_KEY=/run/tls/tls.key
COPY --from=build /srv/clearing /srv/clearing
COPY --from=build --chown=10001:10001 /srv/numba /srv/numba
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin clearing
USER 10001:10001
WORKDIR /tmp
EXPOSE 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "clearing.client.health"]
ENTRYPOINT ["clearing"]
CMD ["serve"]
