#!/usr/bin/env bash
# install-deps.sh [PACKAGE...]: installs the Debian packages that overproof builds with, and further ones, if any is
# missing. Works as root or with sudo; needs the package registry only when something is missing.
set -euo pipefail

packages=(
  g++ cmake ninja-build make git clang-format
  libeigen3-dev libspectra-dev libopenblas-pthread-dev liblapacke-dev
  libboost-dev libmpfr-dev libmpfi-dev libgmp-dev libflint-dev libflint-arb-dev
  libcli11-dev libtomlplusplus-dev nlohmann-json3-dev libfmt-dev
  libssl-dev zlib1g-dev catch2 libbenchmark-dev rsync patch
  "$@"
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "run this as root, or install sudo: packages are missing" >&2; exit 1; }
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
