#!/bin/sh
# Stands in front of rustc for the crates of the workspace (RUSTC_WORKSPACE_WRAPPER): programs of tests get the guard in the place of the crate `test`.
# What cannot be compiled with it is compiled without.
rustc=$1
shift
tests=
own=
for word do
  case $word in
    --test) tests=yes ;;
    test=*.r* | *panic-abort-tests* | *panic_abort_tests*) own=yes ;;
  esac
done
if [ -z "$tests" ] || [ -n "$own" ] || [ ! -f "$TEAMWRIGHT_RUST_GUARD" ]; then
  exec "$rustc" "$@"
fi
# On a stable toolchain the workspace's own code gets no more than it would have without.
features=$TEAMWRIGHT_RUST_FEATURES
[ -z "$RUSTC_BOOTSTRAP" ] || features=
said=$TEAMWRIGHT_RUST_GUARD.$$
if RUSTC_BOOTSTRAP=1 "$rustc" "$@" -Zunstable-options ${features:+"$features"} --extern "noprelude:test=$TEAMWRIGHT_RUST_GUARD" 2>"$said"; then
  cat "$said" >&2
  exec rm -f "$said"
fi
code=$?
# What is wrong with the code itself is so without the guard, too.
if ! grep -q -e teamwright -e 'E046[0-4]' -e E0514 -e E0725 -e 'unstable option' -e '`-Z' "$said"; then
  cat "$said" >&2
  rm -f "$said"
  exit $code
fi
rm -f "$said"
exec "$rustc" "$@"
