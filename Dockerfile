# The server and the worker: `docker build -t jinghao .`. PostgreSQL and Redis come from elsewhere.
FROM python:3.11-slim AS build
WORKDIR /build
COPY pyproject.toml requirements.lock ./
# uv in the version and with the hashes of the lock, then the packages that production needs. As a
# constraint, the lock decides every version and checks every hash, but brings no test tools along.
RUN awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements.lock > uv.lock \
 && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r uv.lock \
 && uv venv /srv/venv \
 && VIRTUAL_ENV=/srv/venv uv pip install --no-cache --only-binary :all: --constraint requirements.lock -r pyproject.toml

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /srv/jinghao --create-home jinghao \
 && mkdir /srv/data && chown jinghao /srv/data
COPY --from=build /srv/venv /srv/venv
WORKDIR /srv/jinghao
COPY queue_server queue_server
COPY displays displays
COPY kiosk kiosk
COPY notify notify
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONPATH=/srv/jinghao \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    JINGHAO_DATA=/srv/data
USER jinghao
VOLUME /srv/data
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "queue_server"]
CMD ["serve", "--host", "0.0.0.0"]
