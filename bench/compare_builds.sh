#!/usr/bin/env bash
# Is one build faster than another? Runs both in turn, in one go, and prints the ratio of each pair
# with its spread: a machine that drifts carries both along. For developers and reports of CI; a
# time is never a test.
set -euo pipefail

usage() {
  cat <<'T'
usage: bench/compare_builds.sh BEFORE AFTER [OPTIONS]

BEFORE, AFTER: two fabcast programs, e.g. /tmp/main/build/release/fabcast build/release/fabcast

  --pairs N        pairs of runs (15)
  --trials N       trials of each run (4k)
  --threads N      threads of each run (1)
  --scenario FILE  what is run (baseline)

Each pair runs both programs, every other pair in the opposite order. `cpu` is user and system time,
`wall` is time by the clock. Below 1: AFTER is faster. The interval holds the median ratio with at
least 90 % confidence, whatever the distribution (order statistics of the binomial).
T
}

pairs=15 trials=4k threads=1 scenario=baseline programs=()
while [ $# -gt 0 ]; do
  case $1 in
    -h|--help) usage; exit 0 ;;
    --pairs|--trials|--threads|--scenario)
      [ $# -gt 1 ] || { echo "$1 needs a value; see --help" >&2; exit 2; }
      declare "${1#--}=$2"; shift ;;
    -*) echo "unknown option '$1'; see --help" >&2; exit 2 ;;
    *) programs+=("$1") ;;
  esac
  shift
done
mistakes=0
refuse() { echo "$1" >&2; mistakes=1; }
[ ${#programs[@]} -eq 2 ] || refuse "give two programs, BEFORE and AFTER; see --help"
for program in "${programs[@]}"; do
  [ -x "$program" ] && [ -f "$program" ] || refuse "'$program' is no program that can be run"
done
[[ $pairs =~ ^[0-9]+$ ]] && [ "$pairs" -ge 5 ] || refuse "--pairs: '$pairs' is not a whole number from 5 on"
[ $mistakes -eq 0 ] || exit 2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
TIMEFORMAT='%R %U %S'

run() { # NAME PROGRAM: one line "wall cpu" onto NAME's times
  { time "$2" run "$scenario" --trials "$trials" --threads "$threads" --quiet --force \
      --out "$folder/$1" 2>"$folder/$1.errors"; } 2>"$folder/time" || {
    cat "$folder/$1.errors" >&2
    exit 1
  }
  awk '{ print $1, $2 + $3 }' "$folder/time" >>"$folder/$1.times"
}

run warm "${programs[0]}"  # files read, clocks up
run warm "${programs[1]}"
for ((pair = 0; pair < pairs; ++pair)); do
  if ((pair % 2 == 0)); then
    run before "${programs[0]}"; run after "${programs[1]}"
  else
    run after "${programs[1]}"; run before "${programs[0]}"
  fi
done

echo "$scenario, $trials trials, $threads thread(s), $pairs pairs; after / before"
paste -d' ' "$folder/before.times" "$folder/after.times" >"$folder/pairs"
column() { # NAME BEFORE AFTER
  awk -v a="$2" -v b="$3" '$a > 0 { print $b / $a, $a, $b }' "$folder/pairs" | sort -g |
    awk -v name="$1" '
      { ratio[NR] = $1; if (NR == 1 || $2 < before) before = $2; if (NR == 1 || $3 < after) after = $3 }
      function median(low, high) {
        return (ratio[int((low + high) / 2)] + ratio[int((low + high + 1) / 2)]) / 2
      }
      END {
        if (NR == 0) { printf "%-5s too short to tell\n", name; exit }
        # The largest k of which P(fewer than k of NR fair coins fall one way) is at most 5 %.
        k = 0; chance = 0.5 ^ NR; sum = 0
        while (sum + chance <= 0.05) { sum += chance; chance *= (NR - k) / (k + 1); ++k }
        if (k < 1) k = 1
        printf "%-5s median %.3f (%.3f to %.3f), quartiles %.3f and %.3f, all %.3f to %.3f; " \
               "fastest %.2f s and %.2f s\n", name, median(1, NR), ratio[k], ratio[NR + 1 - k],
               ratio[int((NR + 3) / 4)], ratio[NR + 1 - int((NR + 3) / 4)], ratio[1], ratio[NR],
               before, after
      }'
}
column cpu 2 4
column wall 1 3
if cmp -s "$folder/before/summary.csv" "$folder/after/summary.csv"; then
  echo "summary.csv: the same bytes"
else
  echo "summary.csv: differs"
fi
