# One image for both roles: the service (the default command) and the offline jobs (train, reindex).
# Built from the repository's root:  docker build -t embedsvc .
# The service alone, without gensim and scipy:  docker build --build-arg EXTRAS=service -t embedsvc .
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=service,training
# For a platform on which a pinned package has no wheel; none of this reaches the last stage.
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc g++ \
 && rm -rf /var/lib/apt/lists/*
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/embedsvc
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
# An empty package stands in for the code, so that this layer is made again only when a version changes.
# The installation points at /app, where the last stage puts the code itself.
RUN mkdir embedsvc && touch embedsvc/__init__.py \
 && /opt/embedsvc/bin/pip install -c constraints.txt hatchling editables \
 && /opt/embedsvc/bin/pip install -c constraints.txt --no-build-isolation -e ".[${EXTRAS}]"

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --user-group --home-dir /nonexistent --no-create-home embedsvc \
 && mkdir -p /var/lib/embedsvc/store/releases /var/lib/embedsvc/store/staging /var/lib/embedsvc/work \
 && chown -R embedsvc:embedsvc /var/lib/embedsvc
WORKDIR /app
COPY --from=build /opt/embedsvc /opt/embedsvc
COPY indexes/ indexes/
COPY embedsvc/ embedsvc/
COPY training/ training/
# Bytecode is written here, because the container's file system may be read-only.
RUN /opt/embedsvc/bin/python -m compileall -q indexes embedsvc training
ENV PATH=/opt/embedsvc/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    EMBEDSVC_STORE=/var/lib/embedsvc/store
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["embedsvc", "ready"]
CMD ["embedsvc", "serve", "--host", "0.0.0.0"]
