# Packages of which nothing is known but their names, and what they were made of
# where that was said. They can be passed around; who wants what is inside of one
# is told which package that is, and that a real nixpkgs would know it.
{ lib }:
let
  unknown =
    what: name:
    throw "The package `${name}' is not known without nixpkgs, and its ${what} is needed. Give a nixpkgs with --nixpkgs DIR.";

  # A package with these attributes, open to `override` and `overrideAttrs`.
  package =
    attrs:
    let
      name = attrs.name or "${attrs.pname or "package"}${lib.optionalString (attrs ? version) "-${attrs.version}"}";
      pname = attrs.pname or (lib.getName name);
      self = {
        type = "derivation";
        outputName = "out";
        meta = { };
        passthru = { };
        inherit name pname;
        outPath = unknown "output path" pname;
        drvPath = unknown "derivation" pname;
        override = _: self;
        overrideDerivation = _: self;
        overrideAttrs = change: package (attrs // changed change attrs);
      }
      // lib.genAttrs [ "out" "dev" "bin" "lib" "man" "doc" "modules" ] (_: self)
      // attrs
      // attrs.passthru or { };
    in
    self;

  # What a function for `overrideAttrs` makes of attributes: of one argument, or
  # of the final and the previous ones.
  changed =
    change: attrs:
    let
      once = if lib.isFunction change then change attrs else change;
    in
    if lib.isFunction once then (change attrs) attrs else once;
in
{
  inherit changed package;

  # A package that is known by its name alone.
  opaque =
    name:
    package {
      inherit name;
      pname = name;
      version = "0";
    };

  # A source that is fetched: what it was asked for is kept, nothing is fetched.
  fetcher =
    fetcher: args:
    let
      given = if builtins.isAttrs args then args else { url = toString args; };
      source = toString (given.url or given.repo or (builtins.head (given.urls or [ fetcher ])));
      name = given.name or (baseNameOf source);
      hash = given.hash or given.sha256 or given.sha512 or "";
      # Files that are fetched by their hash lie where name and hash say.
      isFile = lib.elem fetcher [
        "fetchpatch"
        "fetchpatch2"
        "fetchurl"
      ];
      fetchedPath =
        if isFile && hash != "" then
          (derivation {
            inherit name;
            system = "builtin";
            builder = "builtin:fetchurl";
            outputHashMode = "flat";
            outputHashAlgo =
              if given ? hash then
                null
              else if given ? sha512 then
                "sha512"
              else
                "sha256";
            outputHash = hash;
          }).outPath
        else
          null;
    in
    package (
      removeAttrs given [ "passthru" "meta" ]
      // {
        inherit name fetchedPath;
        nixKconfigSource = {
          inherit fetcher;
          args = given;
        };
      }
    );
}
