//! Which kernel's Kconfig is spoken: behaviour differs from release to release.

use std::fmt;

/// The kernel release whose `conf` is to be matched.
///
/// Every place where releases differ asks one of the methods here; each names the rule and the
/// first release that follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation {
    major: u16,
    minor: u16,
}

impl Generation {
    /// The newest behaviour known here.
    pub const NEWEST: Self = Self::new(6, 18);

    /// The release `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
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
        Some(Self {
            major: value(b"VERSION")?,
            minor: value(b"PATCHLEVEL")?,
        })
    }

    const fn since(self, major: u16, minor: u16) -> bool {
        self.major > major || (self.major == major && self.minor >= minor)
    }

    /// Chains of the symbol hash table.
    pub(crate) fn hash_buckets(self) -> u32 {
        if self.since(6, 9) { 1 << 14 } else { 9973 }
    }

    /// Expressions are shared nodes, simplified by rebuilding; before, trees changed in place.
    /// The results differ (6.12, "use hash table to reuse expressions").
    pub(crate) fn shares_expressions(self) -> bool {
        self.since(6, 12)
    }

    /// A choice is a menu whose members have an order of priority; before, a choice is a symbol
    /// with a value of its own (6.11, "refactor choice value calculation").
    pub(crate) fn choices_are_menus(self) -> bool {
        self.since(6, 11)
    }

    /// `optional`, named choices and tristate choices are part of the language.
    pub(crate) fn has_optional_choices(self) -> bool {
        !self.since(6, 10)
    }

    /// An int or hex symbol without default is `0`, not empty.
    pub(crate) fn numbers_default_to_zero(self) -> bool {
        self.since(6, 9)
    }

    /// A sourced file's end is told apart from the top file's: a top file without final
    /// newline ends in the middle of its last statement.
    pub(crate) fn top_file_ends_without_newline(self) -> bool {
        self.since(6, 9)
    }

    /// Syntax errors are reported one line too far down.
    pub(crate) fn syntax_errors_name_next_line(self) -> bool {
        !self.since(6, 9)
    }

    /// A recursive inclusion is shown only up to the file that includes itself.
    pub(crate) fn shortens_inclusion_path(self) -> bool {
        !self.since(6, 9)
    }

    /// A value from a file that is out of range is dropped; later it is clamped.
    pub(crate) fn drops_values_out_of_range(self) -> bool {
        !self.since(6, 11)
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

    /// `rustc_cfg` is written.
    pub(crate) fn writes_rust_flags(self) -> bool {
        self.since(6, 1)
    }

    /// Files for changed symbols are in subfolders: `foo/bar.h` for `FOO_BAR`.
    pub(crate) fn touches_in_subfolders(self) -> bool {
        !self.since(5, 14)
    }

    /// The file below `include/config` that is touched when a symbol changes.
    pub(crate) fn touched_file(self, symbol: &str) -> String {
        if self.touches_in_subfolders() {
            format!("{}.h", symbol.to_ascii_lowercase().replace('_', "/"))
        } else {
            symbol.to_owned()
        }
    }

    /// `.config` lines are read strictly: `is not set` must end the line, and a line without
    /// `=` is warned of.
    pub(crate) fn reads_lines_strictly(self) -> bool {
        self.since(6, 9)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
