#!/bin/sh
# Stands in front of rustc for the crates of the workspace (RUSTC_WORKSPACE_WRAPPER): programs of tests get the guard in the place of the crate `test`.
# What cannot be compiled with it is compiled without.
rustc=$1
shift
tests=
own=
folder=
before=
for word do
  [ "$before" != --out-dir ] || folder=$word
  before=$word
  case $word in
    --test) tests=yes ;;
    test=*.r* | *panic-abort-tests* | *panic_abort_tests*) own=yes ;;
  esac
done
if [ -z "$tests" ] || [ -n "$own" ] || [ ! -f "$TEAMWRIGHT_RUST_GUARD" ]; then
  exec "$rustc" "$@"
fi
# It lies at one place for all builds of a folder: what is compiled step by step begins anew with another one.
library=$folder/libteamwright_guard.rlib
if ! cmp -s "$TEAMWRIGHT_RUST_GUARD" "$library"; then
  { cp "$TEAMWRIGHT_RUST_GUARD" "$library.$$" && mv -f "$library.$$" "$library"; } || library=$TEAMWRIGHT_RUST_GUARD
fi
# On a stable toolchain the workspace's own code gets no more than it would have without.
features=$TEAMWRIGHT_RUST_FEATURES
[ -z "$RUSTC_BOOTSTRAP" ] || features=
said=$TEAMWRIGHT_RUST_GUARD.$$
RUSTC_BOOTSTRAP=1 "$rustc" "$@" -Zunstable-options ${features:+"$features"} --extern "noprelude:test=$library" 2>"$said"
code=$?
# What is wrong with the code itself is so without the guard, too.
if [ $code = 0 ] || ! grep -q -e teamwright -e 'E046[0-4]' -e E0514 -e E0725 -e 'unstable option' -e '`-Z' "$said"; then
  cat "$said" >&2
  rm -f "$said"
  exit $code
fi
rm -f "$said"
exec "$rustc" "$@"
