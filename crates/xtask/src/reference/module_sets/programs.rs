//! Random module sets: options of random types, declared by one module or by
//! several, and definitions that mostly fit, under random properties.

use proptest::prelude::*;

/// How deep types nest.
const DEPTH: u32 = 3;

/// Types without parts, each with values that it takes.
const LEAVES: &[(&str, &[&str])] = &[
    ("int", &["1", "3"]),
    ("str", &["\"a\"", "\"b c\""]),
    ("bool", &["true", "false"]),
    ("lines", &["\"a\"", "\"b\\nc\""]),
    ("commas", &["\"a\"", "\"b\""]),
    ("ints.u8", &["0", "255"]),
    ("number", &["1", "1.5"]),
    ("attrs", &["{ p = 1; }", "{ q = \"x\"; }"]),
    (
        "anything",
        &[
            "1",
            "{ p.x = 1; }",
            "{ p.y = [ 1 ]; }",
            "\"s\"",
            "[ 1 ]",
            "(x: [ x ])",
        ],
    ),
    ("raw", &["1", "{ p = 1; }"]),
    ("unspecified", &["1", "{ p = 2; }", "[ 3 ]"]),
    ("boolByOr", &["true", "false"]),
    ("path", &["/x", "\"/y\""]),
    ("strMatching \"[a-z]+\"", &["\"a\""]),
    ("enum [ \"a\" 1 ]", &["\"a\"", "1"]),
    ("passwdEntry types.str", &["\"a\""]),
    ("nonEmptyStr", &["\"a\""]),
];

/// Values that fit by chance.
const MISFITS: &[&str] = &[
    "0",
    "(-1)",
    "256",
    "\"\"",
    "\"l\\nm\"",
    "null",
    "true",
    "1.5",
    "[ ]",
    "{ }",
    "[ { } 1 ]",
    "{ p = 3; }",
    "(x: x)",
    "./.",
    "types.int",
    "{ _type = \"if\"; condition = true; content = 1; }",
];

/// What may stand around a definition: `%` is where it stands.
const PROPERTIES: &[&str] = &[
    "(mkForce %)",
    "(mkDefault %)",
    "(mkOptionDefault %)",
    "(mkOverride 60 %)",
    "(mkVMOverride %)",
    "(mkIf true %)",
    "(mkIf false %)",
    "(mkMerge [ % ])",
    "(mkMerge [ % % ])",
    "(mkBefore %)",
    "(mkAfter %)",
    "(mkOrder 1200 %)",
    "(mkIf true (mkMerge [ (mkDefault %) ]))",
    "(mkForce (mkAfter %))",
];

/// What else a declaration may say.
const EXTRAS: &[&str] = &[
    "",
    "",
    "",
    "",
    "apply = x: { applied = x; };",
    "readOnly = true;",
    "description = \"text\"; internal = true;",
    "visible = false;",
];

/// The options that may be declared.
const NAMES: [&str; 4] = ["a", "b", "c", "g.h"];

/// What a module may say besides.
const BESIDES: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "",
    "config._module.check = false;",
    "config._module.freeformType = types.attrsOf types.anything;",
    "config.stranger = 1;",
    "disabledModules = [ \"m0\" ];",
    "_class = \"nixos\";",
    "imports = [ { config.a = mkDefault 2; } ];",
    "imports = [ (mkRenamedOptionModule [ \"old\" ] [ \"a\" ]) ];",
    "imports = [ (mkAliasOptionModule [ \"n\" \"m\" ] [ \"b\" ]) ]; config.n.m = 1;",
    "imports = [ (mkRemovedOptionModule [ \"gone\" ] \"for good\") ];",
    "config.g = mkIf true { h = 1; };",
    "config.g = 3;",
];

/// What is asked of an evaluation `e`.
const QUESTIONS: &[&str] = &[
    "show 0 (removeAttrs e.config [ \"_module\" ])",
    "show 0 e.config.a",
    "show 0 e.config.b",
    "mapAttrs (_: about) (removeAttrs e.options [ \"_module\" \"g\" \"n\" \"old\" \"gone\" ])",
    // What the module system says of its own options is in our own words.
    "map (o: removeAttrs o [ \"default\" \"declarations\" ]) \
     (filter (o: !elem \"_module\" o.loc) (optionAttrSetToDocList e.options))",
    "map (m: { inherit (m) key file disabled; }) e.graph",
];

/// Functions and types have no value that two evaluators could print alike; functions
/// are called, with a set that every submodule takes.
const PRELUDE: &str = r#"
  show = depth: value:
    if depth > 6 then "deep"
    else if isFunction value then { result = (builtins.tryEval (show (depth + 1) (value { }))).value; }
    else if isAttrs value then
      if value._type or null == "option-type" then "type ${value.name}: ${value.description}"
      else mapAttrs (_: show (depth + 1)) value
    else if isList value then map (show (depth + 1)) value
    else if builtins.isPath value then toString value
    else value;
  about = option: {
    type = option.type.description;
    definitions = map (it: { inherit (it) file; value = show 0 it.value; }) option.definitionsWithLocations;
    inherit (option) highestPrio isDefined loc files;
    declarations = map toString option.declarations;
  };
"#;

/// Modules, and what is asked about them.
#[derive(Clone, Debug)]
pub(super) struct ModuleSet {
    modules: Vec<String>,
    question: &'static str,
}

impl ModuleSet {
    /// The program with the `lib` that an expression gives.
    pub(super) fn program(&self, lib: &str) -> String {
        format!(
            "let\n  lib = {lib};\nin with lib; let{PRELUDE}  e = evalModules {{\n    modules = [\n      {}\n    ];\n  }};\nin {}",
            self.modules.join("\n      "),
            self.question
        )
    }
}

/// A type of options.
#[derive(Clone, Debug)]
enum Kind {
    Leaf(usize),
    ListOf(Box<Kind>),
    AttrsOf(Box<Kind>),
    LazyAttrsOf(Box<Kind>),
    NullOr(Box<Kind>),
    Uniq(Box<Kind>),
    FunctionTo(Box<Kind>),
    Either(Box<Kind>, Box<Kind>),
    /// From anything of the first to a list of the second.
    CoercedTo(Box<Kind>, Box<Kind>),
    AddCheck(Box<Kind>),
    /// With an option `p`, and how it is written.
    Submodule(Box<Kind>, &'static str),
    AttrTag(Box<Kind>, Box<Kind>),
}

/// How a submodule is written: `%` stands for the type of its option `p`.
const SUBMODULES: &[&str] = &[
    "types.submodule { options.p = mkOption { type = %; }; }",
    "types.submodule { options.p = mkOption { type = %; default = 1; }; freeformType = types.attrsOf types.int; }",
    "types.submodule ({ name, config, ... }: { options.p = mkOption { type = %; }; options.q = mkOption { default = name; }; })",
    "types.submoduleWith { shorthandOnlyDefinesConfig = true; modules = [ { options.p = mkOption { type = %; }; } ]; }",
    "types.submoduleWith { modules = [ { options.p = mkOption { type = %; }; } { config.p = mkDefault 1; } ]; }",
];

impl Kind {
    /// As an operand of `types`' functions.
    fn text(&self) -> String {
        let text = match self {
            Kind::Leaf(leaf) => format!("types.{}", LEAVES[*leaf].0),
            Kind::ListOf(inner) => format!("types.listOf {}", inner.text()),
            Kind::AttrsOf(inner) => format!("types.attrsOf {}", inner.text()),
            Kind::LazyAttrsOf(inner) => format!("types.lazyAttrsOf {}", inner.text()),
            Kind::NullOr(inner) => format!("types.nullOr {}", inner.text()),
            Kind::Uniq(inner) => format!("types.uniq {}", inner.text()),
            Kind::FunctionTo(inner) => format!("types.functionTo {}", inner.text()),
            Kind::Either(left, right) => format!("types.either {} {}", left.text(), right.text()),
            Kind::CoercedTo(from, to) => format!(
                "types.coercedTo {} (x: [ x ]) (types.listOf {})",
                from.text(),
                to.text()
            ),
            Kind::AddCheck(inner) => format!("types.addCheck {} (x: x != 3)", inner.text()),
            Kind::Submodule(inner, written) => written.replace('%', &inner.text()),
            Kind::AttrTag(left, right) => format!(
                "types.attrTag {{ p = mkOption {{ type = {}; }}; q = mkOption {{ type = {}; }}; }}",
                left.text(),
                right.text()
            ),
        };
        format!("({text})")
    }

    /// Definitions that mostly fit.
    fn definition(&self) -> BoxedStrategy<String> {
        let fits: BoxedStrategy<String> = match self {
            Kind::Leaf(leaf) => literal(LEAVES[*leaf].1),
            Kind::ListOf(inner) => prop::collection::vec(inner.definition(), 0..3)
                .prop_map(|items| format!("[ {} ]", items.join(" ")))
                .boxed(),
            Kind::AttrsOf(inner) | Kind::LazyAttrsOf(inner) => prop::collection::btree_map(
                prop::sample::select(&["p", "q", "r"][..]),
                inner.definition(),
                0..3,
            )
            .prop_map(|attrs| {
                let attrs: Vec<String> = attrs
                    .into_iter()
                    .map(|(name, value)| format!("{name} = {value};"))
                    .collect();
                format!("{{ {} }}", attrs.join(" "))
            })
            .boxed(),
            Kind::NullOr(inner) => {
                prop_oneof![1 => Just("null".to_owned()), 3 => inner.definition()].boxed()
            }
            Kind::Uniq(inner) | Kind::AddCheck(inner) => inner.definition(),
            Kind::FunctionTo(inner) => inner
                .definition()
                .prop_map(|value| format!("(_: {value})"))
                .boxed(),
            Kind::Either(left, right) | Kind::CoercedTo(left, right) => {
                prop_oneof![left.definition(), right.definition()].boxed()
            }
            Kind::Submodule(inner, _) => inner
                .definition()
                .prop_map(|value| format!("{{ p = {value}; }}"))
                .boxed(),
            Kind::AttrTag(left, right) => prop_oneof![
                left.definition()
                    .prop_map(|value| format!("{{ p = {value}; }}")),
                right
                    .definition()
                    .prop_map(|value| format!("{{ q = {value}; }}")),
            ]
            .boxed(),
        };
        prop_oneof![
            12 => fits.clone(),
            5 => (fits, prop::sample::select(PROPERTIES))
                .prop_map(|(value, property)| property.replace('%', &value)),
            1 => literal(MISFITS),
        ]
        .boxed()
    }
}

fn literal(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(texts).prop_map(str::to_owned).boxed()
}

fn kind() -> BoxedStrategy<Kind> {
    let leaf = (0..LEAVES.len()).prop_map(Kind::Leaf);
    leaf.prop_recursive(DEPTH, 12, 2, |inner| {
        let one = || inner.clone().prop_map(Box::new);
        prop_oneof![
            one().prop_map(Kind::ListOf),
            one().prop_map(Kind::AttrsOf),
            one().prop_map(Kind::LazyAttrsOf),
            one().prop_map(Kind::NullOr),
            one().prop_map(Kind::Uniq),
            one().prop_map(Kind::FunctionTo),
            one().prop_map(Kind::AddCheck),
            (one(), one()).prop_map(|(left, right)| Kind::Either(left, right)),
            (one(), one()).prop_map(|(from, to)| Kind::CoercedTo(from, to)),
            (one(), one()).prop_map(|(left, right)| Kind::AttrTag(left, right)),
            (one(), prop::sample::select(SUBMODULES))
                .prop_map(|(inner, written)| Kind::Submodule(inner, written)),
        ]
    })
    .boxed()
}

/// The text that declares an option.
fn declaration(name: &'static str, kind: &Kind) -> BoxedStrategy<String> {
    let kind_text = kind.text();
    let default = prop_oneof![
        2 => Just(String::new()),
        1 => kind.definition().prop_map(|value| format!("default = {value};")),
    ];
    (default, prop::sample::select(EXTRAS))
        .prop_map(move |(default, extra)| {
            format!("options.{name} = mkOption {{ type = {kind_text}; {default} {extra} }};")
        })
        .boxed()
}

/// A text now and then.
fn sometimes(probability: f64, text: BoxedStrategy<String>) -> BoxedStrategy<String> {
    prop::option::weighted(probability, text)
        .prop_map(Option::unwrap_or_default)
        .boxed()
}

/// One module of a set whose options are known. The first declares most of them.
fn module(number: usize, options: &[Kind]) -> BoxedStrategy<String> {
    let declares = if number == 0 { 0.9 } else { 0.07 };
    let mut parts: Vec<BoxedStrategy<String>> = Vec::new();
    for (name, kind) in NAMES.into_iter().zip(options) {
        parts.push(sometimes(declares, declaration(name, kind)));
        let definition = kind
            .definition()
            .prop_map(move |value| format!("config.{name} = {value};"));
        parts.push(sometimes(0.6, definition.boxed()));
    }
    parts.push(literal(BESIDES));
    parts.push(sometimes(
        0.15,
        Just(format!("key = \"m{number}\";")).boxed(),
    ));
    (parts, prop::bool::weighted(0.1))
        .prop_map(move |(parts, function)| {
            let text = parts.join(" ");
            let arguments = if function {
                "{ config, lib, options, ... }: "
            } else {
                ""
            };
            format!("({arguments}{{ _file = \"m{number}.nix\"; {text} }})")
        })
        .boxed()
}

/// A module set, and a question about it.
pub(super) fn module_set() -> impl Strategy<Value = ModuleSet> {
    let options = prop::collection::vec(kind(), NAMES.len());
    (options, 1..4_usize)
        .prop_flat_map(|(options, modules)| {
            let modules: Vec<_> = (0..modules)
                .map(|number| module(number, &options))
                .collect();
            (modules, prop::sample::select(QUESTIONS))
        })
        .prop_map(|(modules, question)| ModuleSet { modules, question })
}
