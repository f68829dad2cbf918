# What the module system does to a kernel's settings, small enough to be checked
# by reading: conditions, priorities, then the three strategies. Plain Nix, no
# `lib`. Unlike the module system it collects all conflicts.
let
  normalPriority = 100;
  normalOrder = 1000;

  typeOf = value: if builtins.isAttrs value then value._type or null else null;

  # `mkIf` and `mkMerge` resolved.
  discharge =
    value:
    if typeOf value == "merge" then
      builtins.concatMap discharge value.contents
    else if typeOf value == "if" then
      if value.condition then discharge value.content else [ ]
    else
      [ value ];

  # Of what one option was defined as, what has the strongest priority.
  effective =
    values:
    let
      discharged = builtins.concatMap discharge values;
      priority = value: if typeOf value == "override" then value.priority else normalPriority;
      strongest = builtins.foldl' (
        least: priority: if priority < least then priority else least
      ) (builtins.head priorities) priorities;
      priorities = map priority discharged;
    in
    if discharged == [ ] then
      [ ]
    else
      map (value: if typeOf value == "override" then value.content else value) (
        builtins.filter (value: priority value == strongest) discharged
      );

  # Properties of a set, moved to its attributes.
  pushDown =
    value:
    let
      each = wrap: map (builtins.mapAttrs (_: wrap)) (pushDown value.content);
    in
    if typeOf value == "merge" then
      builtins.concatMap pushDown value.contents
    else if typeOf value == "if" then
      each (content: value // { inherit content; })
    else if typeOf value == "override" then
      each (content: value // { inherit content; })
    else
      [ value ];

  # What each attribute is defined as, over several sets.
  zip =
    sets:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = map (set: set.${name}) (builtins.filter (set: set ? ${name}) sets);
      }) (builtins.concatMap builtins.attrNames sets)
    );

  onlyOne = values: builtins.all (value: value == builtins.head values) values;

  strategies = answers: {
    tristate =
      given:
      let
        best = builtins.filter (answer: builtins.elem answer given) answers;
      in
      if answers == "equal" then
        {
          conflict = !onlyOne given;
          value = builtins.head given;
        }
      else
        {
          conflict = false;
          value = if best == [ ] then null else builtins.head best;
        };
    freeform = given: {
      conflict = !onlyOne given;
      value = builtins.head given;
    };
    optional = given: {
      conflict = false;
      value = builtins.all (value: value) given;
    };
  };

  defaults = {
    tristate = null;
    freeform = null;
    optional = false;
  };

  mergeItem =
    answers: values:
    let
      defined = zip (builtins.concatMap pushDown (effective values));
    in
    builtins.mapAttrs (
      part: strategy:
      let
        given = effective (defined.${part} or [ ]);
      in
      if given == [ ] then
        {
          conflict = false;
          value = defaults.${part};
        }
      else
        strategy given
    ) (strategies answers);
in
{
  inherit effective pushDown;

  settings =
    { answers, definitions }:
    let
      # An option that no condition lets through is not there.
      named = zip (effective definitions);
      names = builtins.filter (name: effective named.${name} != [ ]) (builtins.attrNames named);
      items = builtins.listToAttrs (
        map (name: {
          inherit name;
          value = mergeItem answers named.${name};
        }) names
      );
    in
    {
      settings = builtins.mapAttrs (_: builtins.mapAttrs (_: part: part.value)) items;
      conflicts = builtins.concatMap (
        name:
        map (part: "settings.${name}.${part}") (
          builtins.filter (part: items.${name}.${part}.conflict) (builtins.attrNames items.${name})
        )
      ) names;
    };

  # A list option: definitions in their order (`mkBefore`, `mkAfter`), joined.
  listOption =
    values:
    let
      order = value: if typeOf value == "order" then value.priority else normalOrder;
      content = value: if typeOf value == "order" then value.content else value;
    in
    builtins.concatMap content (builtins.sort (a: b: order a < order b) (effective values));
}
