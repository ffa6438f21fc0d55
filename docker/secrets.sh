#!/bin/sh
# Makes the passwords that compose.yaml reads, in docker/secrets/; those that are there stay.
set -eu
umask 077

folder="$(dirname "$0")/secrets"
mkdir -p "$folder"

random() {
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'
}

put() {
    if [ ! -s "$folder/$1" ]; then
        printf '%s' "$2" > "$folder/$1"
    fi
}

put postgres_password "$(random)"
put trax_s3_access_key "$(random)"
put trax_s3_secret_key "$(random)"
put trax_service_token "$(random)$(random)"
put trax_database_url "postgresql://trax:$(cat "$folder/postgres_password")@postgres/trax"
# Containers read them as another user.
chmod 755 "$folder"
chmod 444 "$folder"/*
