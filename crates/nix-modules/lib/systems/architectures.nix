# What `-march` may name: the instructions that each has, and which others' code
# it runs.
{ lib }:
let
  inherit (builtins) elem mapAttrs;

  sse = [ "sse3" "ssse3" "sse4_1" "sse4_2" ];
  v3 = sse ++ [ "avx" "avx2" "fma" ];
  v4 = sse ++ [ "avx" "avx2" "avx512" "fma" ];
  skylake = sse ++ [ "aes" "avx" "avx2" "fma" ];
  skylake512 = sse ++ [ "aes" "avx" "avx2" "avx512" "fma" ];
  bulldozer = sse ++ [ "sse4a" "aes" "avx" "fma" "fma4" ];
  zen = sse ++ [ "sse4a" "aes" "avx" "avx2" "fma" ];
  loongarchV11 = [ "div32" "frecipe" "lam-bh" "lamcas" "ld-seq-sa" ];

  # The architectures whose code each runs, as far as no other in the list does.
  below = {
    default = [ ];
    x86-64 = [ ];
    x86-64-v2 = [ "x86-64" ];
    x86-64-v3 = [ "x86-64-v2" ];
    x86-64-v4 = [ "x86-64-v3" ];

    nehalem = [ "x86-64-v2" ];
    westmere = [ "nehalem" ];
    sandybridge = [ "westmere" ];
    ivybridge = [ "sandybridge" ];
    haswell = [ "ivybridge" "x86-64-v3" ];
    broadwell = [ "haswell" ];
    skylake = [ "broadwell" ];
    skylake-avx512 = [ "skylake" "x86-64-v4" ];
    cannonlake = [ "skylake-avx512" ];
    icelake-client = [ "cannonlake" ];
    icelake-server = [ "icelake-client" ];
    cascadelake = [ "cannonlake" ];
    cooperlake = [ "cascadelake" ];
    tigerlake = [ "icelake-server" ];
    sapphirerapids = [ "tigerlake" ];
    emeraldrapids = [ "sapphirerapids" ];
    # No instructions of a client's predecessor: code for those may not run.
    rocketlake = [ "x86-64-v4" ];
    alderlake = [ "skylake" ];
    sierraforest = [ "alderlake" ];

    btver1 = [ "x86-64" ];
    btver2 = [ "x86-64-v2" ];
    bdver1 = [ "x86-64-v2" ];
    bdver2 = [ "x86-64-v2" ];
    bdver3 = [ "x86-64-v2" ];
    bdver4 = [ "x86-64-v3" ];
    znver1 = [ "skylake" ];
    znver2 = [ "znver1" ];
    znver3 = [ "znver2" ];
    znver4 = [ "znver3" "x86-64-v4" ];
    znver5 = [ "znver4" ];

    armv5te = [ ];
    armv6 = [ ];
    armv7-a = [ ];
    armv8-a = [ ];
    "armv8.1-a" = [ "armv8-a" ];
    "armv8.2-a" = [ "armv8.1-a" ];
    "armv8.3-a" = [ "armv8.2-a" ];
    "armv8.4-a" = [ "armv8.3-a" ];
    "armv8.5-a" = [ "armv8.4-a" ];
    "armv8.6-a" = [ "armv8.5-a" ];
    "armv8.7-a" = [ "armv8.6-a" ];
    "armv8.8-a" = [ "armv8.7-a" ];
    "armv8.9-a" = [ "armv8.8-a" ];
    armv9-a = [ "armv8.5-a" ];
    "armv9.1-a" = [ "armv9-a" "armv8.6-a" ];
    "armv9.2-a" = [ "armv9.1-a" "armv8.7-a" ];
    "armv9.3-a" = [ "armv9.2-a" "armv8.8-a" ];
    "armv9.4-a" = [ "armv9.3-a" ];
    cortex-a53 = [ "armv8-a" ];
    cortex-a72 = [ "armv8-a" ];
    cortex-a55 = [ "armv8.2-a" "cortex-a53" "cortex-a72" ];
    cortex-a76 = [ "armv8.2-a" "cortex-a53" "cortex-a72" ];
    ampere1 = [ "armv8.6-a" "cortex-a55" "cortex-a76" ];
    ampere1a = [ "ampere1" ];
    ampere1b = [ "ampere1a" ];

    loongarch64 = [ ];
    "la64v1.0" = [ "loongarch64" ];
    "la64v1.1" = [ "la64v1.0" ];
    la464 = [ "la64v1.0" ];
    la664 = [ "la464" "la64v1.1" ];

    loongson2f = [ ];
    mips32 = [ ];
  };
in
rec {
  features =
    lib.genAttrs [ "default" "x86-64" "armv5te" "armv6" "armv7-a" "armv8-a" "mips32" "loongson2f" ] (_: [ ])
    // lib.genAttrs [ "x86-64-v2" "nehalem" "westmere" "silvermont" "btver1" ] (_: sse)
    // lib.genAttrs [ "sandybridge" "ivybridge" ] (_: sse ++ [ "avx" ])
    // lib.genAttrs [ "x86-64-v3" "haswell" "broadwell" ] (_: v3)
    // lib.genAttrs [ "skylake" "alderlake" "sierraforest" ] (_: skylake)
    // lib.genAttrs [
      "skylake-avx512"
      "cannonlake"
      "icelake-client"
      "icelake-server"
      "rocketlake"
      "cascadelake"
      "cooperlake"
      "tigerlake"
      "sapphirerapids"
      "emeraldrapids"
    ] (_: skylake512)
    // lib.genAttrs [ "bdver1" "bdver2" "bdver3" ] (_: bulldozer)
    // lib.genAttrs [ "znver1" "znver2" "znver3" ] (_: zen)
    // lib.genAttrs [ "znver4" "znver5" ] (_: sse ++ [ "sse4a" "aes" "avx" "avx2" "avx512" "fma" ])
    // {
      x86-64-v4 = v4;
      btver2 = sse ++ [ "aes" "avx" ];
      bdver4 = sse ++ [ "sse4a" "aes" "avx" "avx2" "fma" "fma4" ];
      loongarch64 = [ "fpu64" ];
      "la64v1.0" = [ "fpu64" "lsx" ];
      "la64v1.1" = [ "fpu64" "lsx" ] ++ loongarchV11;
      la464 = [ "fpu64" "lsx" "lasx" ];
      la664 = [ "fpu64" "lsx" "lasx" ] ++ loongarchV11;
    };

  inferiors = mapAttrs (_: direct: lib.unique (direct ++ lib.concatMap (name: inferiors.${name}) direct)) below;
  hasInferior = superior: inferior: elem inferior (inferiors.${superior} or [ ]);
  canExecute = host: target: host == target || hasInferior host target;

  predicates = mapAttrs (_: feature: arch: elem feature (features.${arch} or [ ])) {
    sse3Support = "sse3";
    ssse3Support = "ssse3";
    sse4_1Support = "sse4_1";
    sse4_2Support = "sse4_2";
    sse4_aSupport = "sse4a";
    avxSupport = "avx";
    avx2Support = "avx2";
    avx512Support = "avx512";
    aesSupport = "aes";
    fmaSupport = "fma";
    fma4Support = "fma4";
    lsxSupport = "lsx";
    lasxSupport = "lasx";
  };
}
