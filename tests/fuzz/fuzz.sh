#!/bin/sh
# Fuzzes every reader, or those named, with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, after their
# corpora went through them under the same two sanitizers:
#   tests/fuzz/fuzz.sh [-OPTION OF LIBFUZZER]... [READER]...
# Memory is bounded to 256 MB. An input that takes a second is told and kept; what takes ten is an error, since a busy
# machine may let any process wait. Entropic scheduling is off: counting how rare each feature is took four fifths of
# the time of some. What is new goes to build/fuzz/found/READER, an input that ends a reader to
# build/fuzz. Ends with 77 where there is no clang with libFuzzer.
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
root=$here/../..
build=$root/build/fuzz
options= readers=
for argument; do
  case $argument in
    -*) options="$options $argument" ;;
    *) readers="$readers $argument" ;;
  esac
done

probe=$(mktemp)
trap 'rm -f "$probe"' EXIT
echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' |
  clang++ -fsanitize=fuzzer,address,undefined -x c++ - -o "$probe" 2>/dev/null || {
  echo "skipped: clang with libFuzzer is not installed (apt-get install clang)"
  exit 77
}

cmake -S "$root" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCCE_FUZZ=ON -DCCE_CUDA=OFF -DCCE_WERROR=OFF >/dev/null
cmake --build "$build" --target fuzzers
# A short memory for what was freed, or it alone would fill the 256 MB.
export ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=5
for reader in ${readers:-$(ls "$here/corpus")}; do
  echo "--- $reader"
  "$build/tests/fuzz/${reader}_corpus" "$here/corpus/$reader"
  mkdir -p "$build/found/$reader"
  "$build/tests/fuzz/${reader}_fuzz" -rss_limit_mb=256 -timeout=10 -report_slow_units=1 -print_final_stats=1 -entropic=0 \
    -artifact_prefix="$build/$reader-" $options "$build/found/$reader" "$here/corpus/$reader"
done
