# GVariant values in GLib's text format, as dconf stores them.
{ lib }:
let
  inherit (builtins)
    concatStringsSep filter head isBool isFloat isInt isList isString
    ;

  # `@type value` unless a constructor knows a shorter form.
  typed =
    type: show: value: {
      _type = "gvariant";
      inherit type value;
      __toString = show;
    };
  annotated = show: self: "@${self.type} ${show self.value}";
  showAll = values: concatStringsSep "," (map toString values);
  plain = self: toString self.value;
  number = type: typed type (annotated toString);

  # Of integers, the type must be said: dconf would take another for an error.
  integers = [
    { name = "mkInt32"; type = "i"; min = -2147483648; max = 2147483647; }
    { name = "mkUint32"; type = "u"; min = 0; max = 4294967295; }
    { name = "mkInt64"; type = "x"; min = null; max = null; }
    { name = "mkUint64"; type = "t"; min = 0; max = null; }
    { name = "mkInt16"; type = "n"; min = -32768; max = 32767; }
    { name = "mkUint16"; type = "q"; min = 0; max = 65535; }
    { name = "mkUchar"; type = "y"; min = 0; max = 255; }
  ];
  fits = value: { min, max, ... }: (min == null || min <= value) && (max == null || value <= max);
in
rec {
  intConstructors = integers;
  type = {
    boolean = "b";
    double = "d";
    int16 = "n";
    int32 = "i";
    int64 = "x";
    string = "s";
    uchar = "y";
    uint16 = "q";
    uint32 = "u";
    uint64 = "t";
    variant = "v";
    arrayOf = of: "a${of}";
    maybeOf = of: "m${of}";
    tupleOf = of: "(${concatStringsSep "" of})";
    dictionaryEntryOf = key: value: "{${key}${value}}";
  };
  isGVariant = value: value._type or "" == "gvariant";

  mkValue =
    value:
    if isBool value then
      mkBoolean value
    else if isFloat value then
      mkDouble value
    else if isString value then
      mkString value
    else if isList value then
      mkArray value
    else if isGVariant value then
      value
    else if isInt value then
      throw ''
        The GVariant type for number “${toString value}” is unclear.
        Please wrap the value with one of the following, depending on the value type in GSettings schema:

        ${lib.concatMapStringsSep "\n" (integer: "- `lib.gvariant.${integer.name}` for `${integer.type}`") (
          filter (fits value) integers
        )}
      ''
    else if builtins.isAttrs value then
      throw "Cannot construct GVariant value from an attribute set. If you want to construct a dictionary, you will need to create an array containing items constructed with `lib.gvariant.mkDictionaryEntry`."
    else
      throw "The GVariant type of “${builtins.typeOf value}” can't be inferred.";

  mkBoolean = typed type.boolean (self: lib.boolToString self.value);
  mkDouble = typed type.double plain;
  mkInt32 = typed type.int32 plain;
  mkInt16 = number type.int16;
  mkInt64 = number type.int64;
  mkUchar = number type.uchar;
  mkUint16 = number type.uint16;
  mkUint32 = number type.uint32;
  mkUint64 = number type.uint64;
  mkString = typed type.string (self: "'${builtins.replaceStrings [ "'" "\\" "\n" ] [ "\\'" "\\\\" "\\n" ] self.value}'");
  mkObjectpath = typed type.string (self: "objectpath '${builtins.replaceStrings [ "'" ] [ "\\'" ] self.value}'");

  mkArray =
    elements:
    let
      values = map mkValue (lib.throwIf (elements == [ ]) "Please create empty array with mkEmptyArray." elements);
      first = (head values).type;
      element = lib.throwIfNot (builtins.all (value: value.type == first) values) "Elements in a list should have same type." first;
    in
    typed (type.arrayOf element) (annotated (items: "[${showAll items}]")) values;
  mkEmptyArray = element: typed (type.arrayOf element) (annotated (_: "[]")) [ ];
  mkTuple =
    elements:
    let
      values = map mkValue elements;
    in
    typed (type.tupleOf (map (value: value.type) values)) (annotated (items: "(${showAll items})")) values;
  mkDictionaryEntry =
    name: value:
    let
      key = mkValue name;
      content = mkValue value;
    in
    typed (type.dictionaryEntryOf key.type content.type) (annotated (_: "{${toString key},${toString content}}")) {
      inherit name value;
    };
  mkVariant = value: typed type.variant (self: "<${toString self.value}>") (mkValue value);
  mkMaybe =
    element:
    typed (type.maybeOf element) (
      self: if self.value == null then "@${self.type} nothing" else "just ${toString self.value}"
    );
  mkNothing = element: mkMaybe element null;
  mkJust =
    value:
    let
      content = mkValue value;
    in
    mkMaybe content.type content;
}
