#!/bin/sh
# One image, several roles: server, setup, serve, worker, engine, watch, healthy; anything else is a trax command.
set -eu

secrets="${TRAX_SECRETS_DIR:-/run/secrets}"
port="${TRAX_HEALTH_PORT:-8080}"

# The password is in a file, Prefect wants it in an address.
if [ -n "${TRAX_PREFECT_DATABASE:-}" ] && [ -f "$secrets/postgres_password" ]; then
    password="$(cat "$secrets/postgres_password")"
    PREFECT_SERVER_DATABASE_CONNECTION_URL="postgresql+asyncpg://prefect:$password@$TRAX_PREFECT_DATABASE"
    export PREFECT_SERVER_DATABASE_CONNECTION_URL
fi

answers() {
    python -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)' "$1"
}

role="${1:---help}"
[ $# -gt 0 ] && shift

case "$role" in
    server)
        exec prefect server start --host "${TRAX_HOST:-0.0.0.0}" --port "${TRAX_SERVER_PORT:-4200}" "$@"
        ;;
    setup)
        trax db upgrade
        trax prefect setup "$@"
        cd "${TRAX_ROOMS:-/srv/trax}"
        exec prefect --no-prompt deploy --all
        ;;
    worker)
        export PREFECT_WORKER_WEBSERVER_HOST=127.0.0.1 PREFECT_WORKER_WEBSERVER_PORT="$port"
        exec prefect worker start --with-healthcheck --pool "${TRAX_POOL:-gpu}" "$@"
        ;;
    engine)
        exec trax engine run "$@"
        ;;
    serve)
        exec trax serve --host "${TRAX_HOST:-0.0.0.0}" --port "${TRAX_SERVICE_PORT:-8700}" "$@"
        ;;
    watch)
        exec trax watch "${TRAX_FOLDER:-/recordings}" --submit "$@"
        ;;
    healthy)
        role="${1:-${TRAX_ROLE:-}}"
        case "$role" in
            server) answers "http://127.0.0.1:${TRAX_SERVER_PORT:-4200}/api/health" ;;
            worker) answers "http://127.0.0.1:$port/health" ;;
            serve) answers "http://127.0.0.1:${TRAX_SERVICE_PORT:-8700}/readyz" ;;
            engine) trax engine status > /dev/null ;;
            *) trax --version > /dev/null ;;
        esac
        ;;
    *)
        exec trax "$role" "$@"
        ;;
esac
