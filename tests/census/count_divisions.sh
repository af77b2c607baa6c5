#!/bin/sh
# g++ -wrapper count_divisions.sh: before the assembler reads a file, each division and square root
# in it gets instructions that count it. Flags and registers stay as they are; needs -mno-red-zone.
case ${1##*/} in
  as)
    for source; do :; done
    add() {
      printf '\\tpushfq\\n\\tpushq %%rax\\n\\tmovq fabcast_in_lanes(%%rip), %%rax\\n'
      printf '\\taddq %%rax, %s(%%rip)\\n\\tpopq %%rax\\n\\tpopfq\\n' "$1"
    }
    sed -i -E "
      s/^[[:space:]]+v?div[ps][sd][[:space:]].*/$(add fabcast_divisions)&/
      s/^[[:space:]]+v?sqrt[ps][sd][[:space:]].*/$(add fabcast_square_roots)&/
      s/^[[:space:]]+call[[:space:]]+sqrt(@PLT)?$/$(add fabcast_square_roots)&/" "$source"
    ;;
esac
exec "$@"
