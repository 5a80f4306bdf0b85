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
launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
cmake -S "$copy" -B "$build/tree" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 \
  "${launcher[@]}" >/dev/null
programs="files bounds trainer verify reports known recheck"
cmake --build "$build/tree" --target $(printf '%s_tests ' $programs) >/dev/null
for program in $programs; do
  "$build/tree/tests/${program}_tests" >/dev/null || { echo "the tests fail without any mutation: $program"; exit 1; }
done

caught=0
failed=()
report() { failed+=("$1"); echo "$2  $1"; }
all_pass() {
  for one; do timeout 600 "$build/tree/tests/${one}_tests" -a >/dev/null 2>&1 || return 1; done
}
for patch in "$root"/tests/mutations/*.patch; do
  name=$(basename "$patch" .patch)
  if [ $# -gt 0 ] && ! printf '%s\n' "$@" | grep -qx "$name"; then continue; fi
  file=$(sed -n 's|^+++ b/||p' "$patch" | head -1)
  programs=${file%%/*}  # the folder of the mutated file names the tests that must notice
  if [ "$programs" = verify ]; then programs="verify known"; fi
  if ! patch -s -f -p1 -d "$copy" -r - <"$patch"; then
    report "$name" "DOES NOT APPLY"
  elif ! cmake --build "$build/tree" --target $(printf '%s_tests ' $programs) >"$build/log" 2>&1; then
    report "$name" "DOES NOT BUILD"
    grep -m 3 'error' "$build/log" || true
  elif all_pass $programs; then
    report "$name" "SURVIVED"
  else
    caught=$((caught + 1))
    echo "caught  $name"
  fi
  cp "$root/$file" "$copy/$file"
done
echo "$caught passed, ${#failed[@]} failed"
[ ${#failed[@]} -eq 0 ]
