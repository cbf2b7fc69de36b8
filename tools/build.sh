# What ./cce_rec and ./check have in common: installing what is missing, and building. To be sourced, with $root set to
# the folder of the project. Everything that is said here goes to standard error.

build=$root/build/release
log=$build.log
# Is newer than every source that the program had when it was last built.
stamp=$build/cce_rec.stamp

say() { printf '%s\n' "$*" >&2; }
stop() {
  say "cce_rec: error: $*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command whose output matters only if it fails.
quietly() {
  "$@" >"$log" 2>&1 </dev/null && return
  cat "$log" >&2
  return 1
}

# Shows how far a build is by the "[done/total]" in front of Ninja's lines, which it reads: one line that changes on a
# terminal, a line for every tenth elsewhere.
show_progress() {
  shown=0
  while IFS= read -r line; do
    steps=${line#[}
    steps=${steps%%]*}
    done=${steps%/*} total=${steps#*/}
    case $line in "["*/*]*) ;; *) continue ;; esac
    case $done$total in *[!0-9]*) continue ;; esac
    [ "${total:-0}" -gt 0 ] || continue
    if [ -t 2 ]; then
      printf '\r  %s of %s steps\033[K' "$done" "$total" >&2
    elif [ $((done * 10 / total)) -gt "$shown" ]; then
      shown=$((done * 10 / total))
      say "  $done of $total steps"
    fi
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
}

# Runs a build and shows its progress; what it printed is kept in the log, and shown if it fails.
with_progress() {
  rm -f "$log.failed"
  { "$@" 2>&1 </dev/null || touch "$log.failed"; } | tee "$log" | show_progress
  [ -e "$log.failed" ] || return 0
  rm -f "$log.failed"
  cat "$log" >&2
  return 1
}

# Whether the program is what would be built now: of no file newer than it, and of the commit that it says.
up_to_date() {
  [ -x "$build/cce_rec" ] && [ -e "$stamp" ] &&
    [ -z "$(cd "$root" && find CMakeLists.txt cmake engine data layers losses models tools -newer "$stamp" | head -n 1)" ] &&
    names_commit
}
names_commit() {
  have git && commit=$(GIT_CEILING_DIRECTORIES=${root%/*} git -C "$root" rev-parse --short HEAD 2>/dev/null) || return 0
  case $(cat "$build/version/commit.inc" 2>/dev/null) in
    "\"$commit"*) ;;
    *) return 1 ;;
  esac
}

# Prints the Debian packages that the build needs and that are not there. The libraries may also be in .deps (see
# tools/bundle_deps) or where CMAKE_PREFIX_PATH says.
missing_packages() {
  have c++ || echo g++
  have cmake || echo cmake
  have ninja || echo ninja-build
  [ -d "$root/.deps" ] || [ -n "${CMAKE_PREFIX_PATH:-}" ] && return
  for package in libeigen3-dev libfmt-dev libcli11-dev nlohmann-json3-dev doctest-dev \
    libcurl4-openssl-dev libssl-dev ca-certificates zlib1g-dev; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
      *' installed') ;;
      *) echo "$package" ;;
    esac
  done
}

install_packages() {
  command="apt-get install -y --no-install-recommends $*"
  if [ "$(id -u)" = 0 ]; then
    say "Installing $*"
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get update || say "apt-get update failed; trying to install all the same"
    quietly $command || stop "could not install what is missing: $command"
  elif [ -t 0 ] && [ -t 2 ]; then
    printf 'To build, these packages are missing: %s\nInstall them with "sudo %s"? [Y/n] ' "$*" "$command" >&2
    read -r answer
    case $answer in
      '' | [Yy]*) sudo $command >&2 || stop "could not install what is missing: sudo $command" ;;
      *) stop "to build, first run: sudo $command" ;;
    esac
  else
    stop "to build, first run: sudo $command"
  fi
}

install_missing() {
  if have apt-get && have dpkg-query; then
    packages=$(missing_packages)
    [ -z "$packages" ] || install_packages $packages
    return
  fi
  for tool in c++ cmake ninja; do
    have "$tool" || stop "to build, first install a C++20 compiler, CMake 3.25 or later and Ninja, and, lest they be" \
      "downloaded, Eigen 3.4, fmt 9, CLI11 2.1, nlohmann-json 3.11, doctest 2.4, libcurl, OpenSSL and zlib ($tool is missing)"
  done
}

# Builds the targets, unless another call has just done so.
build() {
  mkdir -p "$build" || stop "cannot write to $root/build"
  install_missing
  touch "$stamp.new"
  fresh=--fresh # where there is no configuration yet, or one of before the folder was moved
  ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$build/CMakeCache.txt" || fresh=
  (cd "$root" && quietly cmake --preset release $fresh) || stop "the configuration failed"
  with_progress cmake --build "$build" --target "$@" || stop "the build failed"
  mv "$stamp.new" "$stamp"
}

# Holds the lock of the build folder, so that of several calls at once one builds and the others wait, until unlock.
lock() {
  mkdir -p "$root/build" || stop "cannot write to $root"
  exec 9>"$build.lock"
  ! have flock || flock 9
}
unlock() { exec 9>&-; }
