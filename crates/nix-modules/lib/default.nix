# The library: families of functions, one file each, read when first used, and
# the functions that go by a short name as well. A fixed point, so that `extend`
# changes what the families themselves see.
let
  fix =
    definition:
    let
      self = definition self // {
        extend = overlay: fix (final: let prev = definition final; in prev // overlay final prev);
      };
    in
    self;
  withNative = import ./native.nix;
in
fix (
  self:
  let
    family = file: import file { lib = self; };
  in
  {
    asserts = family ./asserts.nix;
    attrsets = family ./attrsets.nix;
    cli = family ./cli.nix;
    customisation = family ./customisation.nix;
    debug = family ./debug.nix;
    derivations = family ./derivations.nix;
    fetchers = family ./fetchers.nix;
    fileset = family ./fileset.nix;
    filesystem = family ./filesystem.nix;
    fixedPoints = family ./fixed-points.nix;
    flakes = family ./flakes.nix;
    generators = family ./generators.nix;
    gvariant = family ./gvariant.nix;
    kernel = family ./kernel.nix;
    licenses = family ./licenses.nix;
    lists = family ./lists.nix;
    # Of people and teams there is nothing to know about a kernel.
    maintainers = { };
    teams = { };
    meta = family ./meta.nix;
    misc = family ./misc.nix;
    modules = withNative self "modules" (family ./modules.nix);
    network = family ./network.nix;
    options = withNative self "options" (family ./options.nix);
    path = family ./path.nix;
    sources = family ./sources.nix;
    sourceTypes = family ./source-types.nix;
    strings = family ./strings.nix;
    stringsWithDeps = family ./strings-with-deps.nix;
    systems = family ./systems;
    trivial = family ./trivial.nix;
    types = withNative self "types" (family ./types.nix);
    versions = family ./versions.nix;

    platforms = self.systems.doubles;

    inherit (builtins)
      convertHash fromJSON fromTOML getContext hasContext hashString parseDrvName placeholder toFile
      toJSON toString toXML tryEval
      ;
    inherit (self.trivial)
      add and bitAnd bitNot bitOr bitXor boolToString boolToYesNo ceil checkListOfEnum compare concat
      const deepSeq defaultTo div flip floor fromHexString functionArgs genericClosure id importJSON
      importTOML inNixShell inPureEvalMode info isBool isFloat isFunction isInOldestRelease isInt
      lessThan mapNullable max mergeAttrs min mirrorFunctionArgs mod mul nixpkgsVersion
      oldestSupportedReleaseIsAtLeast "or" pathExists pipe readFile seq setFunctionArgs showWarnings
      splitByAndCompare sub throwIf throwIfNot toBaseDigits toFunction toHexString version warn warnIf
      warnIfNot xor
      ;
    inherit (self.fixedPoints)
      composeExtensions composeManyExtensions converge extends fix fix' makeExtensible
      makeExtensibleWithCustomName toExtension
      ;
    inherit (self.attrsets)
      attrByPath attrNames attrVals attrValues attrsToList cartesianProduct cartesianProductOfSets
      catAttrs chooseDevOutputs collect concatMapAttrs dontRecurseIntoAttrs filterAttrs
      filterAttrsRecursive foldAttrs foldlAttrs genAttrs genAttrs' getAttr getAttrFromPath getAttrs
      getBin getDev getFirstOutput getInclude getLib getMan getOutput getStatic hasAttr hasAttrByPath
      intersectAttrs isAttrs isDerivation listToAttrs mapAttrs mapAttrs' mapAttrsRecursive
      mapAttrsRecursiveCond mapAttrsToList mapAttrsToListRecursive mapAttrsToListRecursiveCond
      mapCartesianProduct matchAttrs mergeAttrsList nameValuePair optionalAttrs overrideExisting
      recurseIntoAttrs recursiveUpdate recursiveUpdateUntil removeAttrs setAttrByPath showAttrPath
      toDerivation updateManyAttrsByPath zipAttrs zipAttrsWith zipAttrsWithNames zipWithNames
      ;
    inherit (self.lists)
      all allUnique any compareLists concatAttrValues concatLists concatMap count crossLists drop
      dropEnd elem elemAt filter findFirst findSingle flatten fold foldl foldl' foldr forEach genList
      groupBy groupBy' head ifilter0 imap0 imap1 init intersectLists isList last length listDfs map
      mutuallyExclusive naturalSort optional optionals partition range remove replaceElemAt replicate
      reverseList singleton sort sortOn sublist subtractLists tail take takeEnd toList toposort unique
      uniqueStrings zipLists zipListsWith
      ;
    inherit (self.strings)
      addContextFrom appendContext cmakeBool cmakeFeature cmakeOptionType concatImapStrings
      concatImapStringsSep concatLines concatMapAttrsStringSep concatMapStrings concatMapStringsSep
      concatStrings concatStringsSep enableFeature enableFeatureAs escape escapeRegex escapeShellArg
      escapeShellArgs escapeURL escapeXML fileContents fixedWidthNumber fixedWidthString getName
      getVersion hasInfix hasPrefix hasSuffix intersperse isStorePath isString isStringLike
      isValidPosixName join lowerChars makeBinPath makeIncludePath makeLibraryPath makeSearchPath
      makeSearchPathOutput match mesonBool mesonEnable mesonOption nameFromURL optionalString
      removePrefix removeSuffix replaceString replaceStrings split splitString splitStringBy
      stringAsChars stringLength stringToCharacters substring toCamelCase toInt toIntBase10 toLower
      toSentenceCase toShellVar toShellVars toUpper trim trimWith typeOf unsafeDiscardStringContext
      upperChars versionAtLeast versionOlder withFeature withFeatureAs
      ;
    inherit (self.stringsWithDeps)
      fullDepEntry noDepEntry packEntry stringAfter textClosureList textClosureMap
      ;
    inherit (self.versions) compareVersions splitVersion;
    inherit (self.customisation)
      callPackageWith callPackagesWith extendDerivation extendMkDerivation hydraJob makeOverridable
      makeScope makeScopeWithSplicing makeScopeWithSplicing' mapCrossIndex overrideDerivation
      renameCrossIndexFrom renameCrossIndexTo
      ;
    inherit (self.derivations)
      addDrvOutputDependencies lazyDerivation optionalDrvAttr unsafeDiscardOutputDependency
      warnOnInstantiate
      ;
    inherit (self.meta)
      addMetaAttrs appendToName dontDistribute getExe getExe' getLicenseFromSpdxId
      getLicenseFromSpdxIdOr hiPrio hiPrioSet licensesSpdx lowPrio lowPrioSet mapDerivationAttrset
      setName setPrio updateName
      ;
    inherit (self.filesystem)
      baseNameOf dirOf hashFile isPath packagesFromDirectoryRecursive pathIsDirectory
      pathIsRegularFile pathType readDir readFileType
      ;
    inherit (self.sources)
      canCleanSource cleanSource cleanSourceFilter cleanSourceWith commitIdFromGitRepo filterSource
      pathHasContext pathIsGitRepo repoRevToName revOrTag sourceByRegex sourceFilesBySuffices
      ;
    inherit (self.modules)
      applyModuleArgsIfFunction dischargeProperties doRename evalModules filterOverrides
      fixMergeModules fixupOptionType mergeDefinitions mergeModules mergeModules' mergeOptionDecls
      mkAfter mkAliasAndWrapDefinitions mkAliasDefinitions mkAliasOptionModule mkAliasOptionModuleMD
      mkAssert mkBefore mkChangedOptionModule mkDefault mkDefinition mkDerivedConfig
      mkFixStrictness mkForce mkIf mkImageMediaOverride mkMerge mkMergedOptionModule
      mkOptionDefault mkOrder mkOverride mkRemovedOptionModule mkRenamedOptionModule
      mkRenamedOptionModuleWith mkVMOverride pushDownProperties setDefaultModuleLocation
      sortProperties unifyModuleSyntax
      ;
    evalOptionValue = self.warn "External use of `lib.evalOptionValue` is deprecated. If your use case isn't covered by non-deprecated functions, we'd like to know more and perhaps support your use case well, instead of providing access to these low level functions. In this case please open an issue in https://github.com/nixos/nixpkgs/issues/." self.modules.evalOptionValue;
    inherit (self.options)
      getFiles getValues isOption literalExpression literalMD mergeDefaultOption mergeEqualOption
      mergeOneOption mergeUniqueOption mkEnableOption mkOption mkPackageOption
      mkSinkUndeclaredOptions optionAttrSetToDocList optionAttrSetToDocList' scrubOptionValue
      showFiles showOption showOptionWithDefLocs unknownModule
      ;
    inherit (self.types)
      defaultFunctor defaultTypeMerge isOptionType isType mkOptionType setType
      ;
    inherit (self.generators) mkLuaInline;
    inherit (self.asserts) assertMsg assertOneOf;
    inherit (self.debug)
      addErrorContext runTests testAllTrue trace traceFnSeqN traceIf traceSeq traceSeqN traceVal
      traceValFn traceValSeq traceValSeqFn traceValSeqN traceValSeqNFn unsafeGetAttrPos
      ;
    inherit (self.network.ipv6) mkEUI64Suffix;
    inherit (self.flakes) flakeRefToString parseFlakeRef;
    inherit (self.misc)
      checkFlag checkReqs closePropagation condConcat defaultMerge defaultMergeArg fakeHash
      fakeSha256 fakeSha512 foldArgs getValue ifEnable imap innerClosePropagation
      innerModifySumArgs lazyGenericClosure literalExample maybeAttr maybeAttrNullable maybeEnv
      mdDoc mergeAttrBy mergeAttrByFunc mergeAttrsByFuncDefaults mergeAttrsByFuncDefaultsClean
      mergeAttrsConcatenateValues mergeAttrsNoOverride mergeAttrsWithFunc modifySumArgs nixType nvs
      setAttr setAttrMerge uniqList uniqListExt
      ;
  }
)
