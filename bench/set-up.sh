#!/usr/bin/env bash
# Installs what the benchmarks compare with, on Debian: libseccomp, bubblewrap and a C compiler for the helpers that
# time them, and moby's default seccomp profile into build/peers/. What is already there is left as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(bubblewrap gcc libc6-dev libseccomp-dev)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

profile=build/peers/moby-default.json
if [ ! -f "$profile" ] && [ ! -f ../shared/data/moby-default.json ]; then
  mkdir -p build/peers
  curl -fsSL -o "$profile" https://raw.githubusercontent.com/moby/moby/v27.5.1/profiles/seccomp/default.json
fi
