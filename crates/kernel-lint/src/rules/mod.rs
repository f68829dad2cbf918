//! The rules, one file each.

mod answer_is_default;
mod config_prefix;
mod constant_guard;
mod deprecated_lib_function;
mod discarded_config;
mod duplicate_definition;
mod force_drops_optional;
mod force_without_effect;
mod freeform_tristate;
mod hidden_config_error;
mod ignored_config_errors;
mod legacy_extra_config;
mod not_evaluated;
mod option_on_mandatory;
mod optionals_of_non_list;
mod order_dependent_answer;
mod override_attrs_config;
mod patch_config_spelling;
mod patch_without_effect;
mod quoted_freeform;
mod redundant_definition;
mod shadowed_name;
mod symbol_case;
mod syntax_error;
mod text_answer;
mod unknown_argument;
mod unknown_symbol;
mod unused_allow;
mod update_with_property;

use crate::rule::Rule;

pub(crate) use not_evaluated::RULE as NOT_EVALUATED;
pub(crate) use syntax_error::RULE as SYNTAX_ERROR;
pub(crate) use unused_allow::RULE as UNUSED_ALLOW;

/// All rules, by name.
pub static RULES: &[&Rule] = &[
    &answer_is_default::RULE,
    &config_prefix::RULE,
    &constant_guard::RULE,
    &deprecated_lib_function::RULE,
    &discarded_config::RULE,
    &duplicate_definition::RULE,
    &force_drops_optional::RULE,
    &force_without_effect::RULE,
    &freeform_tristate::RULE,
    &hidden_config_error::RULE,
    &ignored_config_errors::RULE,
    &legacy_extra_config::RULE,
    &not_evaluated::RULE,
    &option_on_mandatory::RULE,
    &optionals_of_non_list::RULE,
    &order_dependent_answer::RULE,
    &override_attrs_config::RULE,
    &patch_config_spelling::RULE,
    &patch_without_effect::RULE,
    &quoted_freeform::RULE,
    &redundant_definition::RULE,
    &shadowed_name::RULE,
    &symbol_case::RULE,
    &syntax_error::RULE,
    &text_answer::RULE,
    &unknown_argument::RULE,
    &unknown_symbol::RULE,
    &unused_allow::RULE,
    &update_with_property::RULE,
];
