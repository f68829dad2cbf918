# Fixed points, and overlays on the functions that define them.
{ lib }:
rec {
  fix = f: let self = f self; in self;

  # As `fix`, remembering the function it was made from.
  fix' = f: let self = f self // { __unfix__ = f; }; in self;

  converge = f: value: let next = f value; in if next == value then value else converge f next;

  extends = overlay: base: final: let prev = base final; in prev // overlay final prev;

  composeExtensions =
    first: second: final: prev:
    let
      changes = first final prev;
    in
    changes // second final (prev // changes);
  composeManyExtensions = overlays: lib.foldr composeExtensions (_: _: { }) overlays;

  makeExtensible = makeExtensibleWithCustomName "extend";
  makeExtensibleWithCustomName =
    name: base:
    fix' (self: base self // { ${name} = overlay: makeExtensibleWithCustomName name (extends overlay base); });

  # An overlay from a set, from a function of `prev`, or from an overlay.
  toExtension =
    change:
    if !lib.isFunction change then
      _: _: change
    else
      final: prev:
      let
        applied = change prev;
      in
      if lib.isFunction applied then change final prev else applied;
}
