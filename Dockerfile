FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/expanse && /opt/expanse/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY bot bot
COPY cogs cogs
COPY sandbox sandbox
RUN /opt/expanse/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
COPY --from=build /opt/expanse /opt/expanse
RUN useradd --uid 10001 --no-create-home expanse && install -d -o expanse -g expanse /data
USER 10001
WORKDIR /data
VOLUME /data
ENV EXPANSE_STORAGE__DATA_DIR=/data PYTHONUNBUFFERED=1
ENTRYPOINT ["/opt/expanse/bin/expanse"]
CMD ["run"]
