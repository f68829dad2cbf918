# The compiler of a `stdenv`, as recorded toolchains are named: `gcc`, `clang-18`.
lib: stdenv:
let
  cc = stdenv.cc or { };
  name = if cc.isClang or false then "clang" else "gcc";
  version = cc.version or null;
in
if builtins.isString version && version != "" then
  "${name}-${lib.versions.major version}"
else
  name
