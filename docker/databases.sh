#!/bin/sh
# Postgres runs this once, when its data folder is new: a database for Trax, one for Prefect.
set -eu

password="$(cat /run/secrets/postgres_password)"

for name in trax prefect; do
    psql --username postgres --set ON_ERROR_STOP=1 --set password="$password" --set name="$name" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
SQL
done
