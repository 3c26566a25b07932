#!/usr/bin/env bash
#
# Boots guests with several NUMA nodes and runs the project's own binaries in them (cases.txt).
#
# Needs qemu-system-x86_64, busybox, and the kernels that ./fetch_kernels fetches; without them it
# says so and passes, unless TALLY_GUEST=required (.ci/run sets it). Arguments: the programs that
# the guests get. TALLY_GUEST_MACHINES names the machines, if not all of them are wanted.

set -uo pipefail

here=tests/guest
root=$(dirname -- "$(readlink -f -- WORKSPACE)")
kernels=$root/.tally/guest

missing=()
type -P qemu-system-x86_64 >/dev/null || missing+=('qemu-system-x86_64 (package qemu-system-x86)')
type -P busybox >/dev/null || missing+=('busybox (package busybox-static)')
for kernel in "$kernels"/vmlinuz{,-6.12}; do
  [[ -e $kernel ]] || missing+=("$kernel (run tests/guest/fetch_kernels)")
done
if ((${#missing[@]})); then
  printf 'SKIPPED: no guest was booted, because this is missing: %s\n' "${missing[@]}"
  [[ ${TALLY_GUEST-} != required ]]
  exit
fi

scratch=$(mktemp -d "${TEST_TMPDIR:-/tmp}/guest_test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cases=0 failed=0

# Reads a console: every case of the list must have ended, with 0, and have said nothing WRONG.
judge() { # MACHINE
  local name verdict
  while read -r name _; do
    ((++cases))
    verdict=$(awk -v name="$name" '
      $0 ~ "^=== CASE " name ":" { inside = 1 }
      inside { text = text $0 "\n" }
      inside && /^WRONG / { wrong = 1 }
      inside && $0 ~ "^=== END " name " exit " { inside = 0; ended = 1; code = $NF }
      END {
        if (!ended) print "did not end\n" text
        else if (code != 0 || wrong) print "exit " code "\n" text
      }' "$scratch/console")
    [[ -n $verdict ]] || continue
    ((++failed))
    printf 'FAILED on machine %s, case %s: %s\n' "$1" "$name" "$verdict"
  done <"$scratch/cases"
  # Nothing may be killed but who calls itself a victim (the case memory-full-bound).
  if grep -E '^=== KERNEL ' "$scratch/console" | grep -v oom-victim; then
    ((++failed))
    echo "FAILED on machine $1: the kernel had to say the above"
  fi
}

# Linux rewrites its own code as it runs, by a breakpoint that it takes away again; of the emulator's
# CPUs, each a thread, one may run into that later and stop the kernel ("Oops: int3"). No program of
# ours can bring that about, so then, and only then, the machine is booted again.
boot() { # MACHINE KERNEL PROGRAM...
  local machine=$1 kernel=$2 attempt
  shift 2
  for attempt in 1 2 3; do
    "$here/boot" "$machine" "$scratch/cases" "$kernel" "$@" >"$scratch/console" 2>&1 ||
      echo "boot: exit code $?" >>"$scratch/console"
    grep -q 'Oops: int3' "$scratch/console" || return 0
    echo "machine $machine, attempt $attempt: the emulator ran into a breakpoint of the kernel's own"
  done
}

for machine in ${TALLY_GUEST_MACHINES:-four eight memory-only memory-less hmat one four-6.12}; do
  kernel=$kernels/vmlinuz
  [[ $machine != *-6.12 ]] || kernel+=-6.12
  awk -v machine="$machine" '$1 == machine { $1 = ""; sub(/^ */, ""); print }' \
    "$here/cases.txt" >"$scratch/cases"
  start=$SECONDS
  boot "$machine" "$kernel" "$@"
  if ! grep -q '^=== DOWN' "$scratch/console"; then
    ((++failed))
    echo "FAILED: machine $machine did not come to its end; its last words:"
    tail -n 20 "$scratch/console"
  fi
  cat "$scratch/console" >>"$scratch/all"
  judge "$machine"
  printf '%-12s %3d cases, %3d s\n' "$machine" "$(wc -l <"$scratch/cases")" $((SECONDS - start))
done
[[ -z ${TEST_UNDECLARED_OUTPUTS_DIR-} ]] || cp "$scratch/all" "$TEST_UNDECLARED_OUTPUTS_DIR/console"

# The probes' sums, which must not be zero: a probe that looks at nothing finds nothing wrong.
awk '$1 == "SUMS" { threads += $3; wrong_threads += $5; pages += $7; wrong_pages += $9
                    claims += $11; wrong_claims += $13 }
     END { printf "threads %d, wrong %d; pages %d, wrong %d; claims %d, wrong %d\n",
             threads, wrong_threads, pages, wrong_pages, claims, wrong_claims
           exit !(threads > 0 && pages > 0 && claims > 0) }' "$scratch/all" || ((++failed))
printf '%d cases, %d failed\n' "$cases" "$failed"
((cases > 0 && failed == 0))
