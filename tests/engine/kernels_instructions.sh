#!/bin/sh
# usage: kernels_instructions.sh FOLDER...: the object files of engine/kernels compiled for AVX-512
# Fails if a function that has no name of its own there, such as one of std::vector, uses AVX-512: the linker keeps one
# copy of it for the whole program, which would then not run on other processors.
set -eu
find "$@" -name '*.o' | {
  found=0
  while read -r object; do
    found=$((found + 1))
    shared=$(objdump -d --no-show-raw-insn "$object" | awk '
      /^[0-9a-f]+ <.*>:$/ { name = $2 }
      /%zmm|%k[1-7]/ && name !~ /[aA]vx512/ { print name }' | sort -u)
    [ -z "$shared" ] || { echo "$object uses AVX-512 in $shared"; exit 1; }
    objdump -d --no-show-raw-insn "$object" | grep -q '%zmm' || { echo "$object has no AVX-512 at all"; exit 1; }
  done
  [ "$found" -gt 0 ] || { echo "no object files in $*"; exit 1; }
}
