# syntax=docker/dockerfile:1

# ── build: a virtual environment with the locked versions, hashes checked: of uv, of all packages, of the build's own ──
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
RUN awk '/^[^ #]/ { ours = /^uv==/ } ours' requirements.lock >/tmp/uv.txt \
    && pip install --no-cache-dir --require-hashes --requirement /tmp/uv.txt \
    && python -m venv --without-pip /opt/bacnet-bridge
COPY bacnet_bridge bacnet_bridge
COPY point_mappings point_mappings
RUN uv pip install --no-cache --python /opt/bacnet-bridge/bin/python --constraint requirements.lock \
        --build-constraints requirements.lock --compile-bytecode .

# ── run: that environment and nothing else ───────────────────────────────────────────────────────────────────
FROM python:3.11-slim
# The state folder belongs to the one user that the service runs as; a named volume takes its owner over.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent bridge \
    && install -d -o bridge -g bridge -m 0750 /var/lib/bacnet-bridge
COPY --from=build /opt/bacnet-bridge /opt/bacnet-bridge
ENV PATH=/opt/bacnet-bridge/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    BRIDGE_STATE=/var/lib/bacnet-bridge
USER bridge
WORKDIR /etc/bacnet-bridge
VOLUME /var/lib/bacnet-bridge
# SIGTERM: no new slots, what runs ends and is committed (10 s at most), exit 0.
STOPSIGNAL SIGTERM
# Unhealthy: reading or delivery stands still, and `status --check` says why. The root file system may be read-only.
HEALTHCHECK --interval=60s --timeout=15s --start-period=60s --retries=3 CMD ["bacnet-bridge", "status", "--check"]
ENTRYPOINT ["bacnet-bridge"]
CMD ["run"]
