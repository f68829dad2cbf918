//! The attribute names that the module system looks at, interned once.

use nix_eval::{Evaluator, Symbol};

macro_rules! names {
    ($($field:ident = $text:literal),* $(,)?) => {
        /// Interned attribute names, one field a name.
        #[derive(Clone, Copy)]
        pub(crate) struct Names {
            $(pub(crate) $field: Symbol,)*
        }

        impl Names {
            pub(crate) fn new(evaluator: &mut Evaluator<'_>) -> Self {
                Self { $($field: evaluator.intern($text),)* }
            }
        }
    };
}

names! {
    type_tag = "_type",
    class_tag = "_class",
    file_tag = "_file",
    module_tag = "_module",
    prefix_tag = "_prefix",
    functor = "__functor",
    function_args = "__functionArgs",
    to_string = "__toString",
    apply = "apply",
    args = "args",
    check = "check",
    checked_and_merged = "checkedAndMerged",
    class = "class",
    condition = "condition",
    config = "config",
    content = "content",
    contents = "contents",
    declaration_positions = "declarationPositions",
    declarations = "declarations",
    default = "default",
    definitions = "definitions",
    definitions_with_locations = "definitionsWithLocations",
    defs = "defs",
    defs_final = "defsFinal",
    defs_final_prime = "defsFinal'",
    deprecation_message = "deprecationMessage",
    description = "description",
    disabled = "disabled",
    disabled_modules = "disabledModules",
    empty_value = "emptyValue",
    example = "example",
    extend_modules = "extendModules",
    file = "file",
    files = "files",
    freeform_type = "freeformType",
    get_sub_modules = "getSubModules",
    graph = "graph",
    head_error = "headError",
    highest_prio = "highestPrio",
    imports = "imports",
    is_defined = "isDefined",
    is_v2_merge_coherent = "isV2MergeCoherent",
    key = "key",
    lib = "lib",
    loc = "loc",
    matched_options = "matchedOptions",
    merge = "merge",
    merged_value = "mergedValue",
    message = "message",
    meta = "meta",
    module_type = "moduleType",
    modules = "modules",
    modules_path = "modulesPath",
    name = "name",
    options = "options",
    optional_value = "optionalValue",
    out_path = "outPath",
    pos = "pos",
    prefix = "prefix",
    priority = "priority",
    read_only = "readOnly",
    require = "require",
    special_args = "specialArgs",
    subst_sub_modules = "substSubModules",
    type_ = "type",
    type_internal = "_internal",
    type_merge = "typeMerge",
    type_functor = "functor",
    shorthand_only_defines_config = "shorthandOnlyDefinesConfig",
    unmatched_definitions = "unmatchedDefns",
    v2 = "v2",
    value = "value",
    value_meta = "valueMeta",
    values = "values",
}
