#!/usr/bin/env bash
#
# ./tally on machines that do not exist: Bazel, apt-get, dpkg-query, sudo and id are fakes, and
# no other tool is on the PATH than those named below.

set -uo pipefail

front_door=$PWD/tally
sandbox=$(mktemp -d "${TEST_TMPDIR:-/tmp}/front_door.XXXXXX")
trap 'rm -rf "$sandbox"' EXIT
failures=0

# --- a machine, and a clone on it --------------------------------------------------------------

real_tools=(awk bash cat chmod cp dirname env find flock grep mkdir mv readlink sed sleep tail touch)

fake() { # NAME, with its body on stdin
  { echo '#!/bin/bash' && cat; } >"$machine/bin/$1"
  chmod +x "$machine/bin/$1"
}

# Every package installed, user root, a fresh clone.
new_machine() {
  machine=$(mktemp -d "$sandbox/machine.XXXXXX")
  export machine
  clone=$machine/clone
  mkdir -p "$machine/bin" "$machine/out" "$clone"
  : >"$machine/calls"
  local tool
  for tool in "${real_tools[@]}"; do ln -s "$(type -P "$tool")" "$machine/bin/$tool"; done
  ln -s "$(type -P true)" "$machine/bin/true"

  fake id <<<'echo "${FAKE_UID:-0}"'
  fake dpkg-query <<'EOF'
for package in "${@:3}"; do
  if grep -qx "$package" "$machine/missing" 2>/dev/null; then echo "not-installed $package"
  else echo "installed $package"; fi
done
EOF
  fake apt-get <<'EOF'
echo "apt-get $*" >>"$machine/calls"
[[ ! -e $machine/apt_fails ]] || { echo "E: Unable to locate package" >&2; exit 100; }
[[ " $* " != *" install "* ]] || : >"$machine/missing"
EOF
  fake bazel <<'EOF'
echo "bazel $*" >>"$machine/calls"
[[ -e WORKSPACE ]] || { echo "ERROR: not within a workspace" >&2; exit 2; }
case $1 in
  build)
    echo "INFO: noise on stdout"
    [[ ! -e $machine/broken ]] || { echo "ERROR: sim/cli/main.cc:1: expected ';'" >&2; exit 1; }
    target=${*: -1} && target=${target#//}
    program=$machine/out/${target/://}
    mkdir -p "${program%/*}"
    printf '#!/bin/bash\necho "%s in $PWD: $*"\nexit ${FAKE_EXIT:-0}\n' "${target#*:}" >"$program"
    chmod +x "$program"
    [[ ! -e $machine/slow ]] || sleep 1
    ;;
  info) echo "$machine/out" ;;
  test) exit 3 ;;
esac
EOF

  mkdir -p "$clone"/{third_party,numa,scheduler,sim/cli,viz,benchmarks}
  touch "$clone"/{WORKSPACE,BUILD,.bazelrc,.bazelversion} "$clone/sim/cli/main.cc" "$clone/viz/a.cc"
  cat >"$clone/third_party/packages.txt" <<'EOF'
# what for
g++          the compiler
libhwloc-dev the machine's topology
EOF
  cp -L "$front_door" "$clone/tally"
}

# Runs ./tally (or $door); leaves $out, $err and $status.
tally() {
  out=$(PATH=$machine/bin "${door:-$clone/tally}" "$@" 2>"$machine/err") && status=0 || status=$?
  err=$(<"$machine/err")
}

calls() { grep -c "${1-}" "$machine/calls"; }

expect() { # GOT RELATION WANTED: is, contains, lacks
  case $2 in
    is) [[ $1 == "$3" ]] && return ;;
    contains) [[ $1 == *"$3"* ]] && return ;;
    lacks) [[ $1 != *"$3"* ]] && return ;;
  esac
  printf '%s: line %s: got "%s", which should be: %s "%s"\n' \
    "${FUNCNAME[1]}" "${BASH_LINENO[0]}" "$1" "$2" "$3"
  ((++failures))
}

# --- the first call ----------------------------------------------------------------------------

test_first_call_builds_and_forwards() {
  tally run fib --size=3 'two words'
  expect "$out" is "tally in $PWD: run fib --size=3 two words"
  expect "$err" is ""
  expect "$(calls 'bazel build .*//sim/cli:tally')" is 1
  expect "$(calls apt-get)" is 0
}

test_dashboard_commands_go_to_the_dashboard() {
  tally demo --size=9x9
  expect "$out" is "dashboard in $PWD: --demo --size=9x9"
  tally dash a.tally
  expect "$out" is "dashboard in $PWD: a.tally"
  expect "$(calls '//viz:dashboard')" is 1
}

test_bench_goes_to_the_benchmarks() {
  tally bench --peers --json
  expect "$out" is "bench in $PWD: --peers --json"
  tally bench
  expect "$out" is "bench in $PWD: --docs=$clone/docs"
  expect "$(calls '//benchmarks:bench')" is 1
}

test_exit_codes_pass_through() {
  FAKE_EXIT=7 tally replay gone.tally
  expect "$status" is 7
  tally test
  expect "$status" is 3
}

test_help_builds_nothing() {
  tally --help
  expect "$status" is 0
  expect "$out" contains "./tally demo"
  expect "$(calls bazel)" is 0
}

# --- later calls -------------------------------------------------------------------------------

test_a_second_call_does_not_wake_bazel() {
  tally topo
  : >"$machine/calls"
  tally topo
  expect "$out" is "tally in $PWD: topo"
  expect "$(calls bazel)" is 0
}

test_recordings_in_the_clone_are_not_sources() {
  tally topo
  : >"$machine/calls"
  touch "$clone/a.tally"
  mkdir "$clone/bazel-bin" "$clone/docs"
  tally topo
  expect "$(calls bazel)" is 0
}

# A change, made by the arguments, is built exactly once.
expect_rebuild_after() {
  sleep 0.02 # a tick of the file system's clock
  tally topo
  sleep 0.02
  : >"$machine/calls"
  "$@"
  sleep 0.02
  tally topo
  expect "after '$*': $(calls 'bazel build')" is "after '$*': 1"
  tally topo
  expect "the call after that: $(calls 'bazel build')" is "the call after that: 1"
}

test_every_kind_of_change_is_built_once() {
  expect_rebuild_after touch "$clone/sim/cli/main.cc"
  expect_rebuild_after touch "$clone/numa/new.h"
  expect_rebuild_after mv "$clone/numa/new.h" "$clone/numa/renamed.h"
  expect_rebuild_after rm "$clone/numa/renamed.h"
  expect_rebuild_after touch -d '2001-01-01' "$clone/viz/a.cc"
  expect_rebuild_after touch "$clone/.bazelrc"
  expect_rebuild_after rm "$clone/.tally/tally"
}

test_an_edit_during_the_build_is_not_lost() {
  touch "$machine/slow"
  tally topo &
  local first=$!
  sleep 0.5
  touch "$clone/sim/cli/main.cc"
  wait "$first"
  tally topo
  expect "$(calls 'bazel build')" is 2
}

test_two_calls_at_once_build_once() {
  touch "$machine/slow"
  tally topo &
  local first=$!
  sleep 0.3
  tally run fib
  wait "$first"
  expect "$out" is "tally in $PWD: run fib"
  expect "$err" contains "waiting for another ./tally"
  expect "$(calls 'bazel build')" is 1
}

# --- from anywhere -----------------------------------------------------------------------------

test_works_from_another_directory_and_through_a_symlink() {
  mkdir "$machine/else where" && ln -s "$clone/tally" "$machine/else where/t"
  cd "$machine/else where" || exit 1
  door=./t tally stats a.tally
  expect "$out" is "tally in $machine/else where: stats a.tally"
  door=../clone/tally tally stats a.tally
  expect "$out" is "tally in $machine/else where: stats a.tally"
  cd "$OLDPWD" || exit 1
}

# --- a build that fails ------------------------------------------------------------------------

test_a_failed_build_shows_its_errors_on_stderr_and_is_tried_again() {
  touch "$machine/broken"
  tally topo
  expect "$status" is 1
  expect "$out" is ""
  expect "$err" contains "main.cc:1: expected ';'"
  rm "$machine/broken"
  tally topo
  expect "$status" is 0
}

test_a_failed_rebuild_never_runs_the_old_binary() {
  tally topo
  touch "$machine/broken" "$clone/sim/cli/main.cc"
  tally topo
  expect "$status" is 1
  expect "$out" is ""
}

# --- packages ----------------------------------------------------------------------------------

test_root_installs_what_is_missing_and_says_why() {
  echo libhwloc-dev >"$machine/missing"
  tally topo
  expect "$out" is "tally in $PWD: topo"
  expect "$(calls 'apt-get .* install .*libhwloc-dev$')" is 1
  expect "$err" contains "libhwloc-dev the machine's topology"
  expect "$err" lacks "g++"
}

test_a_user_installs_through_sudo() {
  echo g++ >"$machine/missing"
  fake sudo <<'EOF'
echo "sudo $*" >>"$machine/calls"
while [[ $1 == -* ]]; do shift; done
exec "$@"
EOF
  FAKE_UID=1000 tally topo
  expect "$status" is 0
  expect "$(calls 'sudo .*apt-get .* install .*g++$')" is 1
}

test_without_sudo_the_user_is_told_what_to_run() {
  echo g++ >"$machine/missing"
  FAKE_UID=1000 tally topo
  expect "$status" is 2
  expect "$out" is ""
  expect "$err" is "tally: Debian packages are missing and there is no sudo to install them with; as root, run: apt-get install g++"
}

test_when_sudo_refuses_the_user_is_told_what_to_run() {
  echo g++ >"$machine/missing"
  fake sudo <<<'echo "sudo: a password is required" >&2; exit 1'
  FAKE_UID=1000 tally topo
  expect "$status" is 2
  expect "$err" contains "sudo was refused; run this and try again: sudo apt-get install g++"
}

test_stale_package_lists_are_updated() {
  echo g++ >"$machine/missing"
  touch "$machine/apt_fails"
  tally topo
  expect "$status" is 2
  expect "$err" contains "Unable to locate package"
  expect "$(calls 'apt-get .* update')" is 1
}

test_not_debian() {
  rm "$machine/bin/apt-get"
  tally topo
  expect "$status" is 2
  expect "$err" contains "use a Debian 12 machine or container"
}

test_install_takes_further_lists_and_builds_nothing() {
  printf 'clang-format  the formatting check\n' >"$machine/extra.txt"
  echo clang-format >"$machine/missing"
  tally install "$machine/extra.txt"
  expect "$status" is 0
  expect "$(calls 'apt-get .* install .*clang-format$')" is 1
  expect "$(calls bazel)" is 0
}

# --- tests -------------------------------------------------------------------------------------

test_tests_are_all_tests_unless_targets_are_given() {
  tally test --test_output=all
  expect "$(calls 'bazel test //... --test_output=all$')" is 1
  tally test //numa/... --config=clang
  expect "$(calls 'bazel test //numa/... --config=clang$')" is 1
}

for name in $(compgen -A function test_); do
  new_machine
  "$name"
done
echo "$(compgen -A function test_ | wc -l) tests, $failures failed expectations"
[[ $failures == 0 ]]
