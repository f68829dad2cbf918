# Package metadata.
{ lib }:
let
  inherit (builtins) isString typeOf;
  inherit (lib) assertMsg;
  onPlatform = platform: builtins.any (lib.meta.platformMatch platform);
  bySpdxId = lib.mapAttrs' (_: license: lib.nameValuePair license.spdxId license) (
    lib.filterAttrs (_: license: license ? spdxId) lib.licenses
  );
  byLowerSpdxId = lib.mapAttrs' (id: lib.nameValuePair (lib.toLower id)) bySpdxId;
in
rec {
  addMetaAttrs =
    extra: drv:
    let
      extended = old: { meta = old.meta or { } // extra; };
    in
    if drv ? overrideAttrs then drv.overrideAttrs extended else drv // extended drv;
  dontDistribute = addMetaAttrs { hydraPlatforms = [ ]; };

  setName = name: drv: drv // { inherit name; };
  updateName = f: drv: setName (f drv.name) drv;
  appendToName =
    suffix:
    updateName (
      full:
      let
        inherit (builtins.parseDrvName full) name version;
      in
      "${name}-${suffix}-${version}"
    );

  mapDerivationAttrset = f: builtins.mapAttrs (_: value: if lib.isDerivation value then f value else value);
  defaultPriority = 5;
  setPrio = priority: addMetaAttrs { inherit priority; };
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);
  lowPrioSet = mapDerivationAttrset lowPrio;
  hiPrioSet = mapDerivationAttrset hiPrio;

  # A system's name, a pattern for the whole platform, or one for its `parsed`.
  platformMatch =
    platform: pattern:
    if isString pattern then
      platform.system or null == pattern
    else
      lib.matchAttrs (if pattern ? parsed then pattern else { parsed = pattern; }) platform;
  availableOn =
    platform: pkg:
    (!(pkg ? meta.platforms) || onPlatform platform pkg.meta.platforms)
    && !(onPlatform platform (pkg.meta.badPlatforms or [ ]));

  licensesSpdx = bySpdxId;
  getLicenseFromSpdxId =
    id:
    getLicenseFromSpdxIdOr id (
      lib.warn "getLicenseFromSpdxId: No license with the given SPDX ID found: ${id}" {
        shortName = id;
        spdxId = id;
      }
    );
  getLicenseFromSpdxIdOr = id: fallback: byLowerSpdxId.${lib.toLower id} or fallback;

  getExe =
    pkg:
    getExe' pkg (
      pkg.meta.mainProgram or (lib.warn
        "getExe: Package ${
          lib.strings.escapeNixIdentifier (pkg.meta.name or pkg.pname or pkg.name)
        } does not have the meta.mainProgram attribute. We'll assume that the main program has the same name for now, but this behavior is deprecated, because it leads to surprising errors when the assumption does not hold. If the package has a main program, please set `meta.mainProgram` in its definition to make this warning go away. Otherwise, if the package does not have a main program, or if you don't control its definition, use getExe' to specify the name to the program, such as lib.getExe' foo \"bar\"."
        lib.getName
        pkg
      )
    );
  getExe' =
    pkg: program:
    assert assertMsg (lib.isDerivation pkg)
      "lib.meta.getExe': The first argument is of type ${typeOf pkg}, but it should be a derivation instead.";
    assert assertMsg (isString program)
      "lib.meta.getExe': The second argument is of type ${typeOf program}, but it should be a string instead.";
    assert assertMsg (builtins.match ".*/.*" program == null)
      "lib.meta.getExe': The second argument \"${program}\" is a nested path with a \"/\" character, but it should just be the name of the executable instead.";
    "${lib.getBin pkg}/bin/${program}";

  cpeFullVersionWithVendor = vendor: version: {
    inherit vendor version;
    update = "*";
  };
}
