//! Random programs that mostly make sense: an expression is put together of
//! templates that say what type they give and want. Now and then a type is ignored,
//! so that errors come up, too.

use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, Union};

/// What an expression is meant to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Type {
    Int,
    Float,
    Bool,
    Text,
    Ints,
    Texts,
    Set,
    /// From an integer to an integer.
    Function,
    Path,
}

use Type::{Bool, Float, Function, Int, Ints, Path, Set, Text, Texts};

const TYPES: [Type; 9] = [Int, Float, Bool, Text, Ints, Texts, Set, Function, Path];

/// How deep expressions nest.
const DEPTH: usize = 4;

/// One expression in so many is of a type that nobody asked for.
const MISFITS: u32 = 40;

/// What every program can refer to.
const PRELUDE: &str = "let i = 3; j = -2; f = 1.5; b = true; s = \"ab\"; t = ''\n  x\n    y''; \
                       l = [ 1 2 3 ]; m = [ \"x\" \"yz\" ]; a = { x = 1; y = \"q\"; z = { w = [ ]; }; }; \
                       g = n: n + 1; p = /p/q; in ";

/// Expressions without parts.
const LEAVES: &[(Type, &str)] = &[
    (Int, "0"),
    (Int, "1"),
    (Int, "i"),
    (Int, "j"),
    (Int, "9223372036854775807"),
    (Int, "a.x"),
    (Float, "f"),
    (Float, "0.1"),
    (Float, "1.0e10"),
    (Float, "123456.789"),
    (Float, "(-0.0)"),
    (Bool, "b"),
    (Bool, "false"),
    (Bool, "(a ? z.w)"),
    (Text, "s"),
    (Text, "t"),
    (Text, "\"\""),
    (Text, "\"a\\n\\t\\\"\\\\ \\${x} $\""),
    (Text, "''\n    ''${a} ''' ''\\n\n   b\n  ''"),
    (Text, "\"1.2.3pre-x\""),
    (Text, "\"é\""),
    (Text, "a.y"),
    (Ints, "l"),
    (Ints, "[ ]"),
    (Ints, "[ 3 1 2 1 ]"),
    (Texts, "m"),
    (Texts, "[ \"b\" \"a\" \"\" ]"),
    (Set, "a"),
    (Set, "{ }"),
    (Set, "{ x = 2; \"a b\" = 3; or = 4; }"),
    (Set, "rec { x = y; y = 1; }"),
    (Function, "g"),
    (Function, "(n: n * n)"),
    (Function, "({ x, ... }: x)"),
    (Function, "(builtins.add 1)"),
    (Path, "p"),
    (Path, "/a/b/../c"),
];

/// Expressions with parts: `%` stands for a part of each type that is listed.
const TEMPLATES: &[(Type, &str, &[Type])] = &[
    (Int, "(% + %)", &[Int, Int]),
    (Int, "(% - %)", &[Int, Int]),
    (Int, "(% * %)", &[Int, Int]),
    (Int, "(% / %)", &[Int, Int]),
    (Int, "(-%)", &[Int]),
    (Int, "(if % then % else %)", &[Bool, Int, Int]),
    (Int, "(% %)", &[Function, Int]),
    (Int, "(builtins.length %)", &[Ints]),
    (Int, "(builtins.stringLength %)", &[Text]),
    (Int, "(builtins.head %)", &[Ints]),
    (Int, "(builtins.elemAt % %)", &[Ints, Int]),
    (Int, "(builtins.foldl' (x: y: x + y) % %)", &[Int, Ints]),
    (Int, "(%.x or %)", &[Set, Int]),
    (Int, "(let i = %; in %)", &[Int, Int]),
    (
        Int,
        "(let x = %; in with { x = %; inherit (a) y; }; x)",
        &[Int, Int],
    ),
    (Int, "(builtins.bitAnd % %)", &[Int, Int]),
    (Int, "(builtins.bitXor % %)", &[Int, Int]),
    (Int, "(builtins.floor %)", &[Float]),
    (Int, "(builtins.ceil %)", &[Float]),
    (Int, "(builtins.compareVersions % %)", &[Text, Text]),
    (Int, "(assert %; %)", &[Bool, Int]),
    (Int, "(builtins.seq % %)", &[Set, Int]),
    (Int, "(builtins.fromJSON (builtins.toJSON %))", &[Int]),
    (Int, "({ x ? %, y ? x }: x + y) { }", &[Int]),
    (Int, "(% |> %)", &[Int, Function]),
    (Int, "(rec { i = %; k = i; }).k", &[Int]),
    (Float, "(% + %)", &[Float, Int]),
    (Float, "(% * %)", &[Float, Float]),
    (Float, "(% / %)", &[Int, Float]),
    (Float, "(builtins.fromJSON (builtins.toJSON %))", &[Float]),
    (Bool, "(% == %)", &[Int, Float]),
    (Bool, "(% == %)", &[Set, Set]),
    (Bool, "(% != %)", &[Ints, Ints]),
    (Bool, "(% == %)", &[Text, Path]),
    (Bool, "(% < %)", &[Int, Float]),
    (Bool, "(% <= %)", &[Text, Text]),
    (Bool, "(% > %)", &[Ints, Ints]),
    (Bool, "(% >= %)", &[Path, Path]),
    (Bool, "(% && %)", &[Bool, Bool]),
    (Bool, "(% || %)", &[Bool, Bool]),
    (Bool, "(% -> %)", &[Bool, Bool]),
    (Bool, "(!%)", &[Bool]),
    (Bool, "(% ? x)", &[Set]),
    (Bool, "(% ? ${%}.w)", &[Set, Text]),
    (Bool, "(builtins.elem % %)", &[Int, Ints]),
    (Bool, "(builtins.all (n: n > %) %)", &[Int, Ints]),
    (Bool, "(builtins.isInt %)", &[Float]),
    (Bool, "(builtins.hasAttr % %)", &[Text, Set]),
    (
        Bool,
        "(builtins.tryEval (assert %; %)).success",
        &[Bool, Int],
    ),
    (Text, "(% + %)", &[Text, Text]),
    (Text, "\"<${%}>${%}\"", &[Text, Text]),
    (Text, "''\n   a ${%}\n     b${%}\n  ''", &[Text, Text]),
    (Text, "(toString %)", &[Int]),
    (Text, "(toString %)", &[Float]),
    (Text, "(toString %)", &[Ints]),
    (Text, "(toString %)", &[Path]),
    (Text, "(toString %)", &[Bool]),
    (Text, "(builtins.substring % % %)", &[Int, Int, Text]),
    (Text, "(builtins.concatStringsSep % %)", &[Text, Texts]),
    (
        Text,
        "(builtins.replaceStrings % % %)",
        &[Texts, Texts, Text],
    ),
    (Text, "(builtins.toJSON %)", &[Set]),
    (Text, "(builtins.toJSON [ % % ])", &[Text, Float]),
    (Text, "(builtins.toXML %)", &[Set]),
    (Text, "(builtins.typeOf %)", &[Function]),
    (Text, "(baseNameOf %)", &[Text]),
    (Text, "(dirOf %)", &[Text]),
    (Text, "(baseNameOf %)", &[Path]),
    (Text, "(builtins.hashString \"sha256\" %)", &[Text]),
    (Text, "(%.y or %)", &[Set, Text]),
    (
        Text,
        "(builtins.head (builtins.splitVersion % ++ %))",
        &[Text, Texts],
    ),
    (Text, "(builtins.parseDrvName %).name", &[Text]),
    (Text, "(if % then % else %)", &[Bool, Text, Text]),
    (Text, "(builtins.unsafeDiscardStringContext %)", &[Text]),
    (Ints, "[ % % ]", &[Int, Int]),
    (Ints, "(% ++ %)", &[Ints, Ints]),
    (Ints, "(map % %)", &[Function, Ints]),
    (Ints, "(builtins.filter (n: n < %) %)", &[Int, Ints]),
    (Ints, "(builtins.sort (x: y: x < y) %)", &[Ints]),
    (Ints, "(builtins.sort builtins.lessThan %)", &[Ints]),
    (Ints, "(builtins.genList % 3)", &[Function]),
    (Ints, "(builtins.concatMap (n: [ n % ]) %)", &[Int, Ints]),
    (Ints, "(builtins.tail %)", &[Ints]),
    (Ints, "(builtins.concatLists [ % % ])", &[Ints, Ints]),
    (Ints, "(builtins.catAttrs \"x\" [ % % ])", &[Set, Set]),
    (
        Ints,
        "(map (n: n.key) (builtins.genericClosure { startSet = [ { key = %; } ]; operator = n: \
         if n.key > 2 || n.key < -9 then [ ] else [ { key = n.key + 1; } ]; }))",
        &[Int],
    ),
    (
        Ints,
        "(builtins.partition (n: n > %) %).right",
        &[Int, Ints],
    ),
    (Texts, "[ % % ]", &[Text, Text]),
    (Texts, "(% ++ %)", &[Texts, Texts]),
    (Texts, "(builtins.attrNames %)", &[Set]),
    (Texts, "(builtins.sort (x: y: x < y) %)", &[Texts]),
    (Texts, "(builtins.splitVersion %)", &[Text]),
    (
        Texts,
        "(builtins.filter builtins.isString (builtins.split \"[a-x]+|(1)\" %))",
        &[Text],
    ),
    (Texts, "(map (n: n + %) %)", &[Text, Texts]),
    (Texts, "(map toString %)", &[Ints]),
    (Set, "{ x = %; y = %; }", &[Int, Text]),
    (Set, "rec { x = %; z.w = x; z.v = %; }", &[Int, Float]),
    (Set, "{ ${%} = %; }", &[Text, Int]),
    (Set, "{ inherit (%) x; z = %; }", &[Set, Set]),
    (Set, "(% // %)", &[Set, Set]),
    (Set, "(builtins.mapAttrs (n: v: n) %)", &[Set]),
    (Set, "(removeAttrs % %)", &[Set, Texts]),
    (Set, "(builtins.intersectAttrs % %)", &[Set, Set]),
    (
        Set,
        "(builtins.listToAttrs (map (name: { inherit name; value = %; }) %))",
        &[Int, Texts],
    ),
    (
        Set,
        "(builtins.zipAttrsWith (n: v: builtins.length v) [ % % ])",
        &[Set, Set],
    ),
    (Set, "(builtins.groupBy (n: n) %)", &[Texts]),
    (Set, "(builtins.fromJSON (builtins.toJSON %))", &[Set]),
    (Set, "(builtins.functionArgs %)", &[Function]),
    (Set, "(if % then % else %)", &[Bool, Set, Set]),
    (Set, "(builtins.tryEval (throw %))", &[Text]),
    (Set, "{ __toString = self: %; y = %; }", &[Text, Int]),
    (
        Set,
        "{ r = builtins.match \"(.*)([a-z])(x?)\" %; }",
        &[Text],
    ),
    (Function, "(n: %)", &[Int]),
    (Function, "(n: n + %)", &[Int]),
    (Function, "({ x ? %, ... }@n: x)", &[Int]),
    (Function, "(x: y: y + x) %", &[Int]),
    (Function, "{ __functor = self: n: n * %; }", &[Int]),
    (Path, "(% + \"/x\")", &[Path]),
    (Path, "(% + (\"/\" + %))", &[Path, Text]),
    (Path, "/r/${%}/../s", &[Text]),
    (Path, "(dirOf %)", &[Path]),
];

/// Any program.
pub(super) fn program() -> BoxedStrategy<String> {
    let mut expressions: Vec<BoxedStrategy<String>> = TYPES.iter().map(|of| leaf(*of)).collect();
    for _ in 0..DEPTH {
        expressions = TYPES
            .iter()
            .map(|of| expression(*of, &expressions))
            .collect();
    }
    Union::new(expressions)
        .prop_map(|expression| format!("{PRELUDE}{expression}"))
        .boxed()
}

fn leaf(of: Type) -> BoxedStrategy<String> {
    let leaves = LEAVES.iter().filter(|(is, _)| *is == of);
    Union::new(leaves.map(|(_, text)| Just((*text).to_owned()))).boxed()
}

/// An expression of a type, whose parts are among those given (by type).
fn expression(of: Type, parts: &[BoxedStrategy<String>]) -> BoxedStrategy<String> {
    let part = |wanted: Type| -> BoxedStrategy<String> {
        let fits = parts[wanted as usize].clone();
        let any = Union::new(parts.iter().cloned()).boxed();
        Union::new_weighted(vec![(MISFITS - 1, fits), (1, any)]).boxed()
    };
    let templates = TEMPLATES.iter().filter(|(is, _, _)| *is == of);
    let composed = templates.map(|(_, template, wanted)| {
        let template = *template;
        let parts: Vec<_> = wanted.iter().map(|wanted| part(*wanted)).collect();
        parts.prop_map(move |parts| fill(template, &parts)).boxed()
    });
    // A part in place of the whole is what a program shrinks to.
    let mut choices = vec![(2, leaf(of))];
    choices.extend(composed.map(|composed| (1, composed)));
    Union::new_weighted(choices).boxed()
}

fn fill(template: &str, parts: &[String]) -> String {
    let mut parts = parts.iter();
    let mut text = String::new();
    for character in template.chars() {
        match character {
            '%' => text.extend(parts.next().map(String::as_str)),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{TEMPLATES, TYPES};

    #[test]
    fn templates_name_a_type_for_each_part() {
        for (_, template, wanted) in TEMPLATES {
            assert_eq!(template.matches('%').count(), wanted.len(), "{template}");
        }
        assert!(
            TYPES
                .iter()
                .enumerate()
                .all(|(index, of)| *of as usize == index)
        );
    }
}
