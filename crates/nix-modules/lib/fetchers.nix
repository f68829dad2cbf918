# What fetchers share.
{ lib }:
let
  placeholders = {
    hash = lib.fakeHash;
    sha256 = lib.fakeSha256;
    sha512 = lib.fakeSha512;
  };
  hashArguments = hashTypes: lib.genAttrs ([ "hash" ] ++ hashTypes) (_: { });
in
rec {
  # Both spellings: programs differ in which they read.
  proxyImpureEnvVars =
    let
      proxies = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" ];
    in
    proxies ++ map lib.toUpper proxies ++ [ "NIX_SSL_CERT_FILE" ];

  # `hash`, `sha256`, … become `outputHash` and `outputHashAlgo`.
  normalizeHash =
    {
      hashTypes ? [ "sha256" ],
      required ? true,
    }:
    let
      accepted = hashArguments hashTypes;
    in
    arguments:
    let
      given = builtins.attrNames (builtins.intersectAttrs accepted arguments);
      type = builtins.head given;
      value = arguments.${type};
    in
    if arguments ? outputHash then
      arguments
    else if given == [ ] then
      lib.throwIf required "fetcher called without `hash`" arguments
    else if builtins.length given > 1 then
      throw "fetcher called with mutually-incompatible arguments: ${builtins.concatStringsSep ", " given}"
    else
      removeAttrs arguments given
      // {
        outputHashAlgo = if type == "hash" then null else type;
        outputHash =
          if value == "" then placeholders.${type} or (throw "no “fake hash” defined for ${type}") else value;
      };

  withNormalizedHash =
    {
      hashTypes ? [ "sha256" ],
    }:
    fetcher:
    let
      formals = lib.functionArgs fetcher;
      normalize = normalizeHash {
        inherit hashTypes;
        required = !formals.outputHash;
      };
    in
    assert formals ? outputHash && formals ? outputHashAlgo;
    assert builtins.intersectAttrs formals (hashArguments hashTypes) == { };
    lib.setFunctionArgs (arguments: fetcher (normalize arguments)) (
      removeAttrs formals [ "outputHash" "outputHashAlgo" ] // { hash = formals.outputHash; }
    );
}
