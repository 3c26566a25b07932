#!/usr/bin/env bash
#
# Every row of the tables of docs/numa.md that have a column "test" names one that exists: a case of
# cases.txt as "guest NAME", or anything else that ends in _test, in backticks.

set -uo pipefail

root=$(dirname -- "$(readlink -f -- WORKSPACE)")
rows=0 failed=0

complain() {
  ((++failed))
  printf 'docs/numa.md: %s\n' "$*"
}

check_row() { # CELL ROW
  local name named=0
  while read -r name; do
    ((++named))
    if [[ $name == guest\ * ]]; then
      grep -qE "^[a-z0-9.-]+ +${name#guest } " tests/guest/cases.txt ||
        complain "there is no case '${name#guest }' in tests/guest/cases.txt: $2"
    else
      [[ -n $(find "$root/numa" "$root/scheduler" "$root/sim" "$root/tests" -name "$name.*" -print -quit) ]] ||
        complain "there is no $name: $2"
    fi
  done < <(grep -oE '`[^`]+`' <<<"$1" | tr -d '`')
  ((named > 0)) || complain "no test is named in this row: $2"
}

while IFS= read -r row; do
  ((++rows))
  check_row "$(sed -E 's/.*\| ([^|]*) \|$/\1/' <<<"$row")" "$row"
done < <(awk '/^\|.*\| test \|$/ { in_table = 1; getline; next } !/^\|/ { in_table = 0 } in_table' \
  "$root/docs/numa.md")

printf '%d rows, %d complaints\n' "$rows" "$failed"
((rows > 0 && failed == 0))
