FROM python:3.11-slim

# For example --build-arg EXTRAS="[models,openai]"; the light set needs none.
ARG EXTRAS=""

ENV PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1 \
    CJKRAG_DATA_DIR=/data

WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY config ./config
COPY rag ./rag
COPY ingest ./ingest
COPY ui ./ui
RUN python -m pip install --upgrade pip \
    && python -m pip install --constraint constraints.txt ".${EXTRAS}" \
    && useradd --create-home --uid 1000 cjkrag \
    && install --directory --owner cjkrag --mode 0700 /data

USER cjkrag
WORKDIR /home/cjkrag
VOLUME /data
EXPOSE 8400 8501
CMD ["cjkrag", "serve", "--host", "0.0.0.0", "--allow-public"]
