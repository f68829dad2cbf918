//! The command line of `conf`, read as glibc's `getopt_long` reads it.

use crate::generation::Generation;

/// What `conf` is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Ask for every symbol that can be changed.
    OldAsk,
    /// Ask for new symbols, and write what the build reads.
    Sync,
    /// Ask for new symbols.
    Old,
    /// Answer `n` to everything.
    AllNo,
    /// Answer `y` to everything.
    AllYes,
    /// Answer `m` to everything.
    AllMod,
    /// Leave everything at its default.
    AllDef,
    /// Answer everything by chance.
    Random,
    /// Read a file of defaults.
    Def,
    /// Write the shortest file of defaults.
    SaveDef,
    /// List new symbols.
    ListNew,
    /// List new symbols with their help texts.
    HelpNew,
    /// Set new symbols to their defaults.
    OldDef,
    /// Turn `y` into `m`.
    YesToMod,
    /// Turn `m` into `y`.
    ModToYes,
    /// Turn `m` into `n`.
    ModToNo,
}

/// What `getopt_long` returned for one option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opt {
    Help,
    Silent,
    Mode(Mode, Option<String>),
    /// The option was not understood; the text has been told to the user.
    Bad(String),
}

/// A command line, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) options: Vec<Opt>,
    pub(crate) operands: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
enum Long {
    Help,
    Silent,
    Mode(Mode),
}

const LONG: &[(&str, Long, bool)] = &[
    ("help", Long::Help, false),
    ("silent", Long::Silent, false),
    ("oldaskconfig", Long::Mode(Mode::OldAsk), false),
    ("oldconfig", Long::Mode(Mode::Old), false),
    ("syncconfig", Long::Mode(Mode::Sync), false),
    ("defconfig", Long::Mode(Mode::Def), true),
    ("savedefconfig", Long::Mode(Mode::SaveDef), true),
    ("allnoconfig", Long::Mode(Mode::AllNo), false),
    ("allyesconfig", Long::Mode(Mode::AllYes), false),
    ("allmodconfig", Long::Mode(Mode::AllMod), false),
    ("alldefconfig", Long::Mode(Mode::AllDef), false),
    ("randconfig", Long::Mode(Mode::Random), false),
    ("listnewconfig", Long::Mode(Mode::ListNew), false),
    ("helpnewconfig", Long::Mode(Mode::HelpNew), false),
    ("olddefconfig", Long::Mode(Mode::OldDef), false),
    ("yes2modconfig", Long::Mode(Mode::YesToMod), false),
    ("mod2yesconfig", Long::Mode(Mode::ModToYes), false),
    ("mod2noconfig", Long::Mode(Mode::ModToNo), false),
];

/// Whether a release's `conf` has an option.
fn is_known(option: Long, generation: Generation) -> bool {
    match option {
        Long::Help => !generation.stops_at_unknown_options(),
        Long::Mode(Mode::HelpNew) => generation.has_helpnewconfig(),
        Long::Mode(Mode::YesToMod | Mode::ModToYes) => generation.has_yes2modconfig(),
        Long::Mode(Mode::ModToNo) => generation.has_mod2noconfig(),
        Long::Silent => !generation.stops_at_unknown_options(),
        Long::Mode(_) => true,
    }
}

/// Reads the arguments behind the program's name.
pub(crate) fn parse(program: &str, arguments: &[String], generation: Generation) -> Parsed {
    let mut parsed = Parsed {
        options: Vec::new(),
        operands: Vec::new(),
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            parsed.operands.extend(rest.by_ref().cloned());
        } else if let Some(long) = argument.strip_prefix("--") {
            let option = parse_long(program, long, &mut rest, generation);
            parsed.options.push(option);
        } else if argument.len() > 1 && argument.starts_with('-') {
            for letter in argument[1..].chars() {
                parsed.options.push(match letter {
                    'h' if is_known(Long::Help, generation) => Opt::Help,
                    's' => Opt::Silent,
                    _ => Opt::Bad(format!("{program}: invalid option -- '{letter}'\n")),
                });
            }
        } else {
            parsed.operands.push(argument.clone());
        }
    }
    parsed
}

fn parse_long<'a>(
    program: &str,
    argument: &str,
    rest: &mut impl Iterator<Item = &'a String>,
    generation: Generation,
) -> Opt {
    let (name, value) = match argument.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (argument, None),
    };
    let matching: Vec<_> = LONG
        .iter()
        .filter(|(long, option, _)| long.starts_with(name) && is_known(*option, generation))
        .collect();
    let exact = matching.iter().find(|(long, _, _)| *long == name);
    let &&(long, option, takes_value) = match (exact, matching.as_slice()) {
        (Some(found), _) | (None, [found]) => found,
        (None, []) => {
            return Opt::Bad(format!("{program}: unrecognized option '--{argument}'\n"));
        }
        (None, several) => {
            let mut text = format!("{program}: option '--{argument}' is ambiguous; possibilities:");
            for (long, _, _) in several {
                text.push_str(" '--");
                text.push_str(long);
                text.push('\'');
            }
            text.push('\n');
            return Opt::Bad(text);
        }
    };
    let value = match (takes_value, value) {
        (false, Some(_)) => {
            return Opt::Bad(format!(
                "{program}: option '--{long}' doesn't allow an argument\n"
            ));
        }
        (false, None) => None,
        (true, Some(value)) => Some(value.to_owned()),
        (true, None) => match rest.next() {
            Some(value) => Some(value.clone()),
            None => {
                return Opt::Bad(format!(
                    "{program}: option '--{long}' requires an argument\n"
                ));
            }
        },
    };
    match option {
        Long::Help => Opt::Help,
        Long::Silent => Opt::Silent,
        Long::Mode(mode) => Opt::Mode(mode, value),
    }
}

/// What each option does, in the order of the help text.
const EXPLAINED: [(&str, Mode, &str); 16] = [
    ("listnewconfig", Mode::ListNew, "List new options"),
    (
        "helpnewconfig",
        Mode::HelpNew,
        "List new options and help text",
    ),
    (
        "oldaskconfig",
        Mode::OldAsk,
        "Start a new configuration using a line-oriented program",
    ),
    (
        "oldconfig",
        Mode::Old,
        "Update a configuration using a provided .config as base",
    ),
    (
        "syncconfig",
        Mode::Sync,
        "Similar to oldconfig but generates configuration in\n\
         \x20                         include/{generated/,config/}",
    ),
    (
        "olddefconfig",
        Mode::OldDef,
        "Same as oldconfig but sets new symbols to their default value",
    ),
    (
        "defconfig <file>",
        Mode::Def,
        "New config with default defined in <file>",
    ),
    (
        "savedefconfig <file>",
        Mode::SaveDef,
        "Save the minimal current configuration to <file>",
    ),
    (
        "allnoconfig",
        Mode::AllNo,
        "New config where all options are answered with no",
    ),
    (
        "allyesconfig",
        Mode::AllYes,
        "New config where all options are answered with yes",
    ),
    (
        "allmodconfig",
        Mode::AllMod,
        "New config where all options are answered with mod",
    ),
    (
        "alldefconfig",
        Mode::AllDef,
        "New config with all symbols set to default",
    ),
    (
        "randconfig",
        Mode::Random,
        "New config with random answer to all options",
    ),
    (
        "yes2modconfig",
        Mode::YesToMod,
        "Change answers from yes to mod if possible",
    ),
    (
        "mod2yesconfig",
        Mode::ModToYes,
        "Change answers from mod to yes if possible",
    ),
    (
        "mod2noconfig",
        Mode::ModToNo,
        "Change answers from mod to no if possible",
    ),
];

/// The text of `--help`.
pub(crate) fn usage(program: &str, generation: Generation) -> String {
    let mut text = if generation.stops_at_unknown_options() {
        format!(
            "Usage: {program} [-s] [option] <kconfig-file>\n\
             [option] is _one_ of the following:\n"
        )
    } else {
        let operand = if generation.explains_operand() {
            "kconfig_file"
        } else {
            "<kconfig-file>"
        };
        format!(
            "Usage: {program} [options] {operand}\n\
             \n\
             Generic options:\n\
             \x20 -h, --help              Print this message and exit.\n\
             \x20 -s, --silent            Do not print log.\n\
             \n\
             Mode options:\n"
        )
    };
    for (option, mode, explanation) in EXPLAINED {
        if is_known(Long::Mode(mode), generation) {
            text.push_str(&format!("  --{option:21} {explanation}\n"));
        }
    }
    if !generation.stops_at_unknown_options() {
        text.push_str("  (If none of the above is given, --oldaskconfig is the default)\n");
    }
    if generation.explains_operand() {
        text.push_str("\nArguments:\n  kconfig_file            Top-level Kconfig file.\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &[&str]) -> Vec<Opt> {
        let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
        parse("conf", &arguments, Generation::NEWEST).options
    }

    #[test]
    fn a_unique_beginning_names_an_option() {
        assert_eq!(options(&["--oldd"]), [Opt::Mode(Mode::OldDef, None)]);
        assert_eq!(
            options(&["--def", "x"]),
            [Opt::Mode(Mode::Def, Some("x".to_owned()))]
        );
    }

    #[test]
    fn mistakes_are_told_in_the_words_of_the_c_library() {
        assert_eq!(
            options(&["--old"]),
            [Opt::Bad(
                "conf: option '--old' is ambiguous; possibilities: '--oldaskconfig' \
                 '--oldconfig' '--olddefconfig'\n"
                    .to_owned()
            )]
        );
        assert_eq!(
            options(&["--savedefconfig"]),
            [Opt::Bad(
                "conf: option '--savedefconfig' requires an argument\n".to_owned()
            )]
        );
        assert_eq!(
            options(&["-sx"]),
            [
                Opt::Silent,
                Opt::Bad("conf: invalid option -- 'x'\n".to_owned())
            ]
        );
    }
}
