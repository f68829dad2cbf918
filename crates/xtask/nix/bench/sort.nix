let
  # In no order, and without a pattern that a sort could profit from.
  scattered = builtins.genList (index: (index * 7919 + 13) - (index * 7919 + 13) / 100003 * 100003) 100000;
in
builtins.elemAt (builtins.sort (a: b: a < b) scattered) 500
