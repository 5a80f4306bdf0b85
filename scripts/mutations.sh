#!/usr/bin/env bash
# Applies each patch of tests/mutations/ to a copy of the sources, builds, and requires that a test fails: a proof whose
# bound can lose a term unnoticed is not tested. Usage: scripts/mutations.sh [NAME...] (default: all).
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
build=$root/build/mutations
copy=$build/source
mkdir -p "$copy"
git ls-files -co --exclude-standard | rsync -a --files-from=- --delete-missing-args ./ "$copy/"
cmake -S "$copy" -B "$build/tree" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
programs="files bounds trainer verify reports"
targets=$(printf '%s_tests ' $programs)
cmake --build "$build/tree" --target $targets >/dev/null
for program in $programs; do
  "$build/tree/tests/${program}_tests" >/dev/null || { echo "the tests fail without any mutation: $program"; exit 1; }
done

caught=0
survived=()
for patch in "$root"/tests/mutations/*.patch; do
  name=$(basename "$patch" .patch)
  if [ $# -gt 0 ] && ! grep -qx "$name" <<<"$(printf '%s\n' "$@")"; then continue; fi
  patch -s -p1 -d "$copy" <"$patch" || { echo "$name: the patch does not apply"; exit 1; }
  # the folder of the mutated file names the tests that must notice
  program=$(sed -n 's|^+++ b/\([a-z]*\)/.*|\1|p' "$patch" | head -1)
  if ! cmake --build "$build/tree" --target "${program}_tests" >"$build/log" 2>&1; then
    echo "$name: does not build"; cat "$build/log"; exit 1
  fi
  if timeout 300 "$build/tree/tests/${program}_tests" -a >/dev/null 2>&1; then
    survived+=("$name"); echo "SURVIVED  $name"
  else
    caught=$((caught + 1)); echo "caught    $name"
  fi
  patch -s -R -p1 -d "$copy" <"$patch"
done
echo "$caught passed, ${#survived[@]} failed"
[ ${#survived[@]} -eq 0 ]
