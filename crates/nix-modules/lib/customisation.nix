# Functions and packages that can be changed after the fact: overriding, calling
# with arguments by name, scopes.
{ lib }:
let
  inherit (builtins)
    attrNames concatMap filter head intersectAttrs isAttrs listToAttrs mapAttrs
    ;
  inherit (lib.trivial) functionArgs isFunction mirrorFunctionArgs setFunctionArgs;

  applyChange = change: arguments: if isFunction change then change arguments else change;
  asFunction = fn: if isFunction fn then fn else import fn;

  # The names of the six ways in which build, host and target combine.
  crossIndexes = [ "buildBuild" "buildHost" "buildTarget" "hostHost" "hostTarget" "targetTarget" ];
  prefixed = prefix: index: prefix + lib.toUpper (builtins.substring 0 1 index) + builtins.substring 1 (-1) index;

  missingArgument =
    formals: known: name:
    let
      position = builtins.unsafeGetAttrPos name formals;
      place = if position == null then "<unknown location>" else "${position.file}:${toString position.line}";
      near = map (other: "\"${other}\"") (
        lib.take 3 (
          lib.sortOn (lib.strings.levenshtein name) (
            filter (lib.strings.levenshteinAtMost 2 name) (attrNames known)
          )
        )
      );
      suggestion =
        if near == [ ] then
          ""
        else if lib.tail near == [ ] then
          ", did you mean ${head near}?"
        else
          ", did you mean ${lib.concatStringsSep ", " (lib.init near)} or ${lib.last near}?";
    in
    "lib.customisation.callPackageWith: Function called without required argument \"${name}\" at ${place}${suggestion}";
in
rec {
  # -- Overriding --------------------------------------------------------------

  # The derivation with other arguments to `derivation` itself.
  overrideDerivation =
    drv: change:
    let
      passthru = drv.passthru or { };
      kept = {
        meta = drv.meta or { };
        inherit passthru;
      } // passthru;
      spliced = lib.optionalAttrs (drv ? __spliced) {
        __spliced = mapAttrs (_: other: overrideDerivation other change) drv.__spliced;
      };
    in
    extendDerivation (builtins.seq drv.drvPath true) (kept // spliced) (
      derivation (drv.drvAttrs // change drv)
    );

  makeOverridable =
    f:
    let
      withFormals = mirrorFunctionArgs f;
      # The same call, its result changed.
      after = change: makeOverridable (withFormals (arguments: change (f arguments)));
      call =
        arguments:
        let
          result = f arguments;
          override = withFormals (change: makeOverridable f (arguments // applyChange change arguments));
        in
        if isAttrs result then
          result
          // {
            inherit override;
            overrideDerivation = change: after (drv: overrideDerivation drv change) arguments;
            ${if result ? overrideAttrs then "overrideAttrs" else null} =
              change: after (drv: drv.overrideAttrs change) arguments;
          }
        else if isFunction result then
          setFunctionArgs result (functionArgs result) // { inherit override; }
        else
          result;
    in
    if !isAttrs f then
      withFormals call
    else
      # A functor keeps what else it has; overriding it overrides what it calls.
      f
      // withFormals call
      // lib.optionalAttrs (f ? override) { override = change: makeOverridable (f.override change); };

  extendDerivation =
    condition: passthru: drv:
    let
      names = drv.outputs or [ "out" ];
      guarded = output: {
        drvPath =
          assert condition;
          output.drvPath;
        outPath =
          assert condition;
          output.outPath;
      };
      outputs = lib.genAttrs names (
        name:
        let
          output = drv.${name};
        in
        extended
        // {
          inherit (output) type outputName;
          outputSpecified = true;
        }
        // guarded output
        // lib.optionalAttrs (passthru ? overrideAttrs) {
          overrideAttrs = change: (passthru.overrideAttrs change).${name};
        }
      );
      extended = drv // outputs // { all = map (name: outputs.${name}) names; } // passthru // guarded drv;
    in
    extended;

  # Only what a build server asks for, and all of it evaluated.
  hydraJob =
    drv:
    let
      names = drv.outputs or [ "out" ];
      common = {
        inherit (drv) name system meta;
        outputs = names;
      }
      // lib.optionalAttrs (drv._hydraAggregate or false) {
        _hydraAggregate = true;
        constituents = map hydraJob (lib.flatten drv.constituents);
      }
      // outputs;
      outputs = lib.genAttrs names (
        outputName:
        common
        // {
          type = "derivation";
          inherit (drv.${outputName}) outPath drvPath;
          inherit outputName;
        }
      );
      job = outputs.${head names};
    in
    if drv == null then null else builtins.deepSeq job job;

  # -- Calling by name -----------------------------------------------------------

  callPackageWith =
    scope: fn: arguments:
    let
      f = asFunction fn;
      formals = functionArgs f;
      passed = intersectAttrs formals scope // arguments;
      missing = filter (name: !(formals.${name})) (attrNames (removeAttrs formals (attrNames passed)));
    in
    if missing == [ ] then
      makeOverridable f passed
    else
      # Not `throw`: a package that cannot be called must not pass for a broken one.
      abort (missingArgument formals (scope // arguments) (head missing));

  callPackagesWith =
    scope: fn: arguments:
    let
      f = asFunction fn;
      passed = intersectAttrs (functionArgs f) scope // arguments;
      packages = f passed;
      member = name: mirrorFunctionArgs f (newArguments: (f newArguments).${name});
    in
    if lib.isDerivation packages then
      throw "function `callPackages` was called on a *single* derivation \"${packages.name or "<unknown-name>"}\"; did you mean to use `callPackage` instead?"
    else
      mapAttrs (name: _: makeOverridable (member name) passed) packages;

  # -- Scopes ------------------------------------------------------------------

  makeScope =
    newScope: f:
    let
      scope =
        { callPackage = scope.newScope { }; }
        // f scope
        // {
          newScope = extra: newScope (scope // extra);
          overrideScope = overlay: makeScope newScope (lib.extends overlay f);
          packages = f;
        };
    in
    scope;

  makeScopeWithSplicing =
    splicePackages: newScope: otherSplices: keep: extra: f:
    makeScopeWithSplicing' { inherit splicePackages newScope; } { inherit otherSplices keep extra f; };
  makeScopeWithSplicing' =
    tools@{ splicePackages, newScope }:
    {
      otherSplices,
      keep ? _: { },
      extra ? _: { },
      f,
    }:
    let
      # This scope is its own host-to-target set: taking it from
      # `otherSplices` would lose overrides.
      plain = splicePackages (
        listToAttrs (
          map (index: {
            name = prefixed "pkgs" index;
            value = if index == "hostTarget" then scope else otherSplices.${prefixed "self" index};
          }) crossIndexes
        )
      );
      spliced = extra plain // plain // keep scope;
      scope = f scope // {
        newScope = more: newScope (spliced // more);
        callPackage = newScope spliced;
        overrideScope =
          overlay:
          makeScopeWithSplicing' tools {
            inherit otherSplices keep extra;
            f = lib.extends overlay f;
          };
        packages = f;
      };
    in
    scope;

  renameCrossIndexFrom = prefix: set: lib.genAttrs crossIndexes (index: set.${prefixed prefix index});
  renameCrossIndexTo =
    prefix: set: lib.mapAttrs' (index: lib.nameValuePair (prefixed prefix index)) (lib.getAttrs crossIndexes set);
  mapCrossIndex =
    f:
    {
      buildBuild,
      buildHost,
      buildTarget,
      hostHost,
      hostTarget,
      targetTarget,
    }@set:
    mapAttrs (_: f) set;

  # -- Build helpers -------------------------------------------------------------

  # A `mkDerivation` with arguments of its own, still open to `finalAttrs`.
  extendMkDerivation =
    {
      constructDrv,
      excludeDrvArgNames ? [ ],
      excludeFunctionArgNames ? [ ],
      extendDrvArgs,
      inheritFunctionArgs ? true,
      transformDrv ? lib.id,
    }:
    let
      inherited = lib.optionalAttrs inheritFunctionArgs (
        removeAttrs (functionArgs constructDrv) excludeDrvArgNames
      );
    in
    {
      inherit constructDrv excludeDrvArgNames extendDrvArgs transformDrv;
      __functionArgs = removeAttrs (inherited // functionArgs (extendDrvArgs { })) excludeFunctionArgNames;
      __functor =
        _: given:
        transformDrv (
          constructDrv (
            final:
            let
              arguments = applyChange given final;
            in
            removeAttrs arguments excludeDrvArgNames // extendDrvArgs final arguments
          )
        );
    };
}
