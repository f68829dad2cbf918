//! Which kernel's Kconfig is spoken: behaviour differs from release to release.

use std::fmt;

/// The kernel release whose `conf` is to be matched.
///
/// Every place where releases differ asks one of the methods here; each names the rule and the
/// first release that follows it (stable releases got some of them later).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation {
    major: u16,
    minor: u16,
}

impl Generation {
    /// The newest behaviour known here.
    pub const NEWEST: Self = Self::new(7, 3);

    /// U-Boot has the Kconfig of this release, and counts its own by the year.
    const U_BOOT: Self = Self::new(4, 20);

    /// The release `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// The numbers of the release.
    pub(crate) const fn release(self) -> (u16, u16) {
        (self.major, self.minor)
    }

    /// Reads a version such as `6.12.117`, `6.1` or `6.18-rc3`.
    pub fn from_version(version: &str) -> Option<Self> {
        let mut numbers = version.trim().split(|c: char| !c.is_ascii_digit());
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        Some(Self { major, minor })
    }

    /// Reads `VERSION` and `PATCHLEVEL` from a kernel's top Makefile.
    pub fn from_makefile(makefile: &[u8]) -> Option<Self> {
        let value = |wanted: &[u8]| {
            makefile.split(|&byte| byte == b'\n').find_map(|line| {
                let rest = line.strip_prefix(wanted)?.trim_ascii_start();
                let number = rest.strip_prefix(b"=")?.trim_ascii();
                std::str::from_utf8(number).ok()?.parse().ok()
            })
        };
        let release = Self {
            major: value(b"VERSION")?,
            minor: value(b"PATCHLEVEL")?,
        };
        Some(if release.major >= FIRST_YEAR {
            Self::U_BOOT
        } else {
            release
        })
    }

    const fn since(self, major: u16, minor: u16) -> bool {
        self.major > major || (self.major == major && self.minor >= minor)
    }
}

/// The first release of U-Boot that is counted by its year.
const FIRST_YEAR: u16 = 2008;

/// The language.
impl Generation {
    /// Words of a statement may have `/` and `.` in them, prompts and names of files need no
    /// quotes, and a choice may source files.
    pub(crate) fn has_bare_paths(self) -> bool {
        !self.since(5, 0)
    }

    /// `---help---` begins a help text.
    pub(crate) fn has_dashed_help(self) -> bool {
        !self.since(5, 9)
    }

    /// `option modules`, `option defconfig_list` and `option allnoconfig_y`; later `modules`
    /// stands alone and the others are gone.
    pub(crate) fn has_option_keyword(self) -> bool {
        !self.since(5, 13)
    }

    /// `choice NAME`
    pub(crate) fn has_named_choices(self) -> bool {
        !self.since(6, 10)
    }

    /// A choice may be `optional` or of tristate type.
    pub(crate) fn has_optional_choices(self) -> bool {
        !self.since(6, 11)
    }

    /// A choice without a prompt is an error; before, a warning.
    pub(crate) fn choices_need_prompts(self) -> bool {
        self.since(6, 10)
    }

    /// The prompt of a choice may be given as `bool "prompt"`.
    pub(crate) fn choices_take_bool_prompts(self) -> bool {
        !self.since(6, 13)
    }

    /// A choice's member may not have a prompt anywhere else; before, not outside its choice.
    pub(crate) fn members_have_one_prompt(self) -> bool {
        self.since(6, 13)
    }

    /// A `menuconfig` without prompt and a blank or second help text are errors; before,
    /// warnings.
    pub(crate) fn rejects_careless_entries(self) -> bool {
        self.since(6, 13)
    }

    /// `transitional`
    pub(crate) fn has_transitional_symbols(self) -> bool {
        self.since(6, 18)
    }

    /// `depends on … if …`
    pub(crate) fn has_conditional_dependencies(self) -> bool {
        self.since(7, 0)
    }

    /// A file may be sourced only once.
    pub(crate) fn sources_files_once(self) -> bool {
        self.since(7, 1)
    }

    /// A top file without final newline ends in the middle of its last statement; before, its
    /// end was a line's end, as it is in a sourced file.
    pub(crate) fn top_file_ends_without_newline(self) -> bool {
        self.since(6, 9)
    }

    /// Syntax errors are reported one line too far down.
    pub(crate) fn syntax_errors_name_next_line(self) -> bool {
        !self.since(6, 9)
    }

    /// Messages name the file in which the statement began, even where it ended with the file.
    pub(crate) fn remembers_file_of_statement(self) -> bool {
        !self.since(6, 9)
    }

    /// A recursive inclusion is shown only up to the file that includes itself.
    pub(crate) fn shortens_inclusion_path(self) -> bool {
        !self.since(6, 9)
    }
}

/// Expressions, the menu tree and values.
impl Generation {
    /// Expressions are shared nodes, simplified by rebuilding; before, trees changed in place.
    pub(crate) fn shares_expressions(self) -> bool {
        self.since(6, 12)
    }

    /// An entry that needs the one before it to be off does not become part of its submenu.
    pub(crate) fn keeps_negated_entries_apart(self) -> bool {
        self.since(7, 1)
    }

    /// Loops of dependencies are sought in the order of the menu tree; before, in that of the
    /// hash table.
    pub(crate) fn checks_in_menu_order(self) -> bool {
        self.since(6, 10)
    }

    /// Chains of the symbol hash table.
    pub(crate) fn hash_buckets(self) -> u32 {
        if self.since(6, 9) { 1 << 14 } else { 9973 }
    }

    /// A choice is a menu whose members have an order of priority; before, a choice is a symbol
    /// with a value of its own.
    pub(crate) fn choices_are_menus(self) -> bool {
        self.since(6, 11)
    }

    /// What `imply` sets at `y` cannot be `m`, and `imply` disregards `m` dependencies.
    pub(crate) fn imply_excludes_modules(self) -> bool {
        !self.since(5, 7)
    }

    /// An int or hex symbol without default is `0`, not empty.
    pub(crate) fn numbers_default_to_zero(self) -> bool {
        self.since(6, 8)
    }

    /// A value from a file that is out of range is dropped; later it is clamped.
    pub(crate) fn drops_values_out_of_range(self) -> bool {
        !self.since(6, 8)
    }
}

/// Files and messages.
impl Generation {
    /// `KCONFIG_WERROR` and `KCONFIG_WARN_UNKNOWN_SYMBOLS` have an effect (6.6, and later releases
    /// of 6.1).
    pub(crate) fn warns_on_demand(self) -> bool {
        self.since(6, 1)
    }

    /// `--helpnewconfig`
    pub(crate) fn has_helpnewconfig(self) -> bool {
        self.since(5, 5)
    }

    /// `--yes2modconfig` and `--mod2yesconfig`
    pub(crate) fn has_yes2modconfig(self) -> bool {
        self.since(5, 6)
    }

    /// `--mod2noconfig`
    pub(crate) fn has_mod2noconfig(self) -> bool {
        self.since(5, 17)
    }

    /// An unknown option of `conf` ends it, and `--help` is one.
    pub(crate) fn stops_at_unknown_options(self) -> bool {
        !self.since(5, 13)
    }

    /// The seed of `randconfig` is told on standard error.
    pub(crate) fn tells_seed_as_error(self) -> bool {
        !self.since(5, 13)
    }

    /// `--help` explains the operand.
    pub(crate) fn explains_operand(self) -> bool {
        self.since(6, 14)
    }

    /// `is not set` for a number or a string is no value that is invalid, but ignored.
    pub(crate) fn ignores_unset_numbers(self) -> bool {
        !self.since(6, 1)
    }

    /// `.config` lines are read strictly: `is not set` must end the line, and a line without
    /// `=` is warned of.
    pub(crate) fn reads_lines_strictly(self) -> bool {
        self.since(6, 8)
    }

    /// Menus are closed with `# end of`.
    pub(crate) fn ends_menus(self) -> bool {
        self.since(5, 3)
    }

    /// Every front end writes `auto.conf` where there is none.
    pub(crate) fn always_has_autoconf(self) -> bool {
        self.since(5, 0)
    }

    /// A menu without visible entries is closed with `# end of` as well.
    pub(crate) fn ends_empty_menus(self) -> bool {
        self.since(5, 18)
    }

    /// Help shows only the entries above a prompt, not the prompt's own.
    pub(crate) fn locates_parents_only(self) -> bool {
        !self.since(6, 1)
    }

    /// Help names the main menu above all others.
    pub(crate) fn locates_from_main_menu(self) -> bool {
        self.since(5, 16) && !self.since(6, 1)
    }

    /// Help looks at all entries above a prompt, even after one was found that is shown.
    pub(crate) fn looks_at_all_locations(self) -> bool {
        !self.since(6, 9)
    }

    /// All values are computed before `auto.conf` is compared with them.
    pub(crate) fn computes_before_touching(self) -> bool {
        self.since(6, 11)
    }

    /// `auto.conf.cmd` names `auto.conf` by a variable, and files in the order of reading.
    pub(crate) fn names_autoconf_by_variable(self) -> bool {
        self.since(6, 9)
    }

    /// `auto.conf.cmd` has its name from `auto.conf`, and every line of its list goes on.
    pub(crate) fn continues_dependency_list(self) -> bool {
        self.since(5, 16)
    }

    /// Strings in `auto.conf` are quoted.
    pub(crate) fn quotes_in_autoconf(self) -> bool {
        !self.since(5, 17)
    }

    /// The heading of `autoconf.h` has an empty line above and below.
    pub(crate) fn frames_c_heading(self) -> bool {
        !self.since(5, 16)
    }

    /// `rustc_cfg` is written.
    pub(crate) fn writes_rust_flags(self) -> bool {
        self.since(6, 1)
    }

    /// Files for changed symbols are in subfolders: `foo/bar.h` for `FOO_BAR`.
    pub(crate) fn touches_in_subfolders(self) -> bool {
        !self.since(5, 13)
    }

    /// The file below `include/config` that is touched when a symbol changes.
    pub(crate) fn touched_file(self, symbol: &str) -> String {
        if self.touches_in_subfolders() {
            format!("{}.h", symbol.to_ascii_lowercase().replace('_', "/"))
        } else {
            symbol.to_owned()
        }
    }

    /// `KCONFIG_WARN_CHANGED_INPUT` has an effect.
    pub(crate) fn warns_of_changed_input(self) -> bool {
        self.since(7, 2)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::Generation;

    #[test]
    fn a_version_tells_the_generation() {
        for (version, expected) in [
            ("6.12.117", Some(Generation::new(6, 12))),
            ("6.18-rc3", Some(Generation::new(6, 18))),
            ("7.0", Some(Generation::new(7, 0))),
            ("6", None),
            ("", None),
        ] {
            assert_eq!(Generation::from_version(version), expected, "{version}");
        }
    }

    #[test]
    fn a_makefile_tells_the_generation() {
        let makefile = b"# comment\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n";
        assert_eq!(
            Generation::from_makefile(makefile),
            Some(Generation::new(6, 1))
        );
        assert_eq!(Generation::from_makefile(b"VERSION =\n"), None);
        assert_eq!(
            Generation::from_makefile(b"VERSION = 2026\nPATCHLEVEL = 10\n"),
            Some(Generation::U_BOOT)
        );
    }
}
