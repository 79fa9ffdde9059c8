#!/bin/sh
# People at work on the old database: rounds of legacy/churn.sql, one after the other, beside one writer whose
# transaction stays open from round to round.
#
# usage: legacy/churn.sh [ROUNDS] [SEED] [CHANGES]     SOURCE_DATABASE_URL names the database; ROUNDS 0: until it is ended
set -eu
cd "$(dirname "$0")/.."
godwit=${GODWIT:-godwit}
rounds=${1:-5} seed=${2:-1} changes=${3:-40}
# shellcheck source=/dev/null
[ -n "${SOURCE_DATABASE_URL:-}" ] || [ ! -f .env ] || . ./.env
: "${SOURCE_DATABASE_URL:?say where the old database is}"

psql() { "$godwit" --url "$SOURCE_DATABASE_URL" db psql -- -X -q "$@"; }

# A transaction that has begun long before it commits: what it wrote carries the time of its beginning.
slow_writer() {
    psql -c "BEGIN; UPDATE dispatch_patient SET phone = '217-555-0$1' WHERE id IN (SELECT id FROM dispatch_patient
             WHERE id % 59 = $1 % 59 AND id <= 20000 FOR UPDATE SKIP LOCKED); SELECT pg_sleep(1.5); COMMIT" >/dev/null
}

round=0
while [ "$rounds" = 0 ] || [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    [ $((round % 3)) != 1 ] || slow_writer $((100 + round)) &
    psql -v seed="$seed" -v round="$round" -v changes="$changes" -f legacy/churn.sql
done
wait
