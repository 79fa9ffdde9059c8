#!/usr/bin/env bash
# LedgerFlow's migrations from the command line; a thin layer over godwit.
set -euo pipefail

usage() {
    cat <<'EOF'
usage: ./migrate.sh [-e ENVIRONMENT] COMMAND [ARGUMENT...]

  up              apply what is pending
  down [N]        roll back the newest N migrations (1)
  status          what is applied, what is pending
  verify          compare what was applied with the files
  new NAME        make the file pair of a new migration

  -e ENVIRONMENT  dev (default), staging or prod; staging reads STAGING_DATABASE_URL,
                  prod reads DATABASE_URL
  -h              this text

Further arguments go to godwit: ./migrate.sh -e prod up --dry-run
Writing to prod asks for its name:  ./migrate.sh -e prod up --protected prod
GODWIT names the program to use, if not the one of this repository or the one on the PATH.
EOF
}

fail() {
    printf 'migrate.sh: %s\n' "$*" >&2
    exit 2
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

find_godwit() {
    if [ -n "${GODWIT:-}" ]; then
        printf '%s\n' "$GODWIT"
    elif [ "$here" -ef "$here/../../examples/ledgerflow" ] && [ -x "$here/../../build/godwit" ]; then
        printf '%s\n' "$here/../../build/godwit"
    else
        command -v godwit || fail "godwit is not installed; 'make setup' builds it"
    fi
}

environment=${LEDGERFLOW_ENV:-dev}
while getopts e:h option; do
    case $option in
    e) environment=$OPTARG ;;
    h)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
done
shift $((OPTIND - 1))

case $environment in
dev) variable= ;;
staging) variable=STAGING_DATABASE_URL ;;
prod) variable=DATABASE_URL ;;
*) fail "no environment '$environment' (dev, staging, prod)" ;;
esac
if [ -n "$variable" ] && [ -z "${!variable:-}" ] && [ ! -f "$here/.env" ]; then
    fail "$environment needs $variable"
fi

[ $# -gt 0 ] || {
    usage >&2
    exit 2
}
command=$1
shift

case $command in
up | status | verify) ;;
down)
    # A bare number is how many to roll back.
    if [[ ${1:-} =~ ^[0-9]+$ ]]; then
        steps=$1
        shift
        set -- --steps "$steps" "$@"
    fi
    ;;
new) [ $# -gt 0 ] || fail "new needs a name: ./migrate.sh new add_order_notes" ;;
*)
    printf "migrate.sh: no command '%s'\n\n" "$command" >&2
    usage >&2
    exit 2
    ;;
esac

godwit=$(find_godwit)
exec "$godwit" -C "$here" --env "$environment" "$command" "$@"
