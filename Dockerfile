# The base by its digest, the same for both stages. To renew it, take the digest of the tag:
#   docker buildx imagetools inspect python:3.11-slim --format '{{.Manifest.Digest}}'
ARG BASE=python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7
FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/expanse && /opt/expanse/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY bot bot
COPY cogs cogs
COPY sandbox sandbox
RUN /opt/expanse/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
COPY --from=build /opt/expanse /opt/expanse
RUN useradd --uid 10001 --no-create-home expanse && install -d -o expanse -g expanse /data
USER 10001
WORKDIR /data
VOLUME /data
ENV EXPANSE_STORAGE__DATA_DIR=/data PYTHONUNBUFFERED=1
ENTRYPOINT ["/opt/expanse/bin/expanse"]
CMD ["run"]
