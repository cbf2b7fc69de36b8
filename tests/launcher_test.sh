#!/bin/sh
# Tests the launcher ./cce_rec with a stand-in for the project: its tools (cmake, apt-get, id ...) are scripts that write
# down how they were called, so nothing is installed and little is built.
set -eu
project=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() { # WHAT CONDITION...
  what=$1
  shift
  if "$@"; then echo "ok: $what"; else echo "FAILED: $what" && failed=1; fi
}
equal() { [ "$1" = "$2" ] || { echo "  expected: $2" && echo "  got:      $1" && false; }; }
contains() { case $1 in *"$2"*) ;; *) echo "  expected \"$2\" in: $1" && false ;; esac; }

# A program that prints its folder and its arguments, in a project whose path has a blank.
root="$work/a clone"
mkdir -p "$root/tools" "$work/bin"
cp "$project/cce_rec" "$root/"
cp "$project/tools/build.sh" "$root/tools/"
for folder in cmake engine data layers losses models; do mkdir "$root/$folder"; done
touch "$root/CMakeLists.txt" "$root/CMakePresets.json"

script() { # NAME LINE...
  path=$work/bin/$1
  shift
  printf '%s\n' '#!/bin/sh' "$@" >"$path"
  chmod +x "$path"
}
# The first call of cmake configures, the second builds. Only one runs at a time.
script cmake \
  "mkdir '$work/building' || echo overlap >>'$work/calls'" \
  "echo \"cmake \$*\" >>'$work/calls'; sleep 0.1" \
  'case $1 in --build)' \
  "  for done in 1 2 3 4 25 40; do echo \"[\$done/40] Building x\"; done; echo '[1/0] ?'; echo '[a/b] c'" \
  "  printf '%s\n' '#!/bin/sh' 'pwd' 'printf \"[%s]\" \"\$@\"' >'$root/build/release/cce_rec'" \
  "  chmod +x '$root/build/release/cce_rec' ;; esac" \
  "rmdir '$work/building'; echo chatter"
script c++ true
script ninja true
script id 'echo 1000'
script sudo "echo \"sudo \$*\" >>'$work/calls'"
script apt-get "echo \"apt-get \$*\" >>'$work/calls'"
script dpkg-query 'echo "install ok installed"'
PATH=$work/bin:$PATH
export PATH
unset CMAKE_PREFIX_PATH
calls() { cat "$work/calls" 2>/dev/null || true; }
launch() { "$root/cce_rec" "$@" 2>"$work/stderr" </dev/null; }
built() { calls | grep -c -- --build || true; }

cd "$work"
out=$(launch one 'two words' '')
check "builds on the first call, and hands over folder and arguments" equal "$out" "$work
[one][two words][]"
check "says so on standard error only" contains "$(cat "$work/stderr")" "Building cce_rec"
check "shows how far it is, a line for every tenth" equal "$(grep steps "$work/stderr")" "  4 of 40 steps
  25 of 40 steps
  40 of 40 steps"
check "builds once" equal "$(built)" 1

launch again >/dev/null
check "does not build what is up to date" equal "$(built)" 1

ln -s "$root/cce_rec" "$work/link"
check "runs through a symbolic link" equal "$("$work/link" x)" "$work
[x]"

sleep 0.01
touch "$root/engine/new.cpp"
launch >/dev/null
check "builds when a source has changed" equal "$(built)" 2
rm "$root/engine/new.cpp"
launch >/dev/null
check "builds when a source is gone" equal "$(built)" 3

touch "$root/engine/another.cpp"
launch a >/dev/null &
launch b >/dev/null
wait
check "two at once build once" equal "$(built)" 4
check "never at the same time" equal "$(calls | grep -c overlap || true)" 0

script cmake 'echo the compiler complained; false'
touch "$root/engine/another.cpp"
check "a failed build fails" equal "$(launch >/dev/null || echo $?)" 1
check "and shows what happened" contains "$(cat "$work/stderr")" "the compiler complained"

script dpkg-query 'case "$*" in *eigen*) exit 1 ;; *) echo "install ok installed" ;; esac'
check "without a terminal, a missing package is not installed" equal "$(launch >/dev/null || echo $?)" 1
check "but named with the command that installs it" contains "$(cat "$work/stderr")" \
  "sudo apt-get install -y --no-install-recommends libeigen3-dev"
check "nothing was installed" equal "$(calls | grep -c apt-get || true)" 0

script id 'echo 0'
launch >/dev/null || true
check "root installs what is missing" contains "$(calls)" "apt-get install -y --no-install-recommends libeigen3-dev"

mkdir "$root/.deps"
rm "$work/calls"
launch >/dev/null || true
check "collected dependencies need no package" equal "$(calls | grep -c apt-get || true)" 0
exit $failed
