//! How answers are put to a kernel, for every command that resolves.

use std::path::PathBuf;

use kernel_config::{Platform, Release};
use kernel_resolve::{Answering, nixpkgs};

use crate::kernel_input::Evaluated;

/// Options of every command that resolves.
#[derive(Clone, Default, clap::Args)]
#[command(next_help_heading = "Answering")]
pub(crate) struct AnsweringArgs {
    /// How answers are resolved
    #[arg(long, value_name = "WAY", default_value = "nixpkgs")]
    answering: Way,
    /// Tell, too, which options differ between both ways, and why
    #[arg(long)]
    pub(crate) compare_answering: bool,
    /// Answers as nixpkgs' intermediate text (`NAME value`, `NAME? value`), in place
    /// of a kernel's file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["patches", "attribute"])]
    pub(crate) answers: Option<PathBuf>,
    /// Make a module of what can be one and is not answered, whatever the kernel
    /// says
    #[arg(long, overrides_with = "no_auto_modules")]
    auto_modules: bool,
    /// Leave what is not answered at its default
    #[arg(long)]
    no_auto_modules: bool,
    /// But leave built in what is so by default, whatever the kernel says
    #[arg(long, overrides_with = "no_prefer_builtin")]
    prefer_builtin: bool,
    /// Make a module even of what is built in by default
    #[arg(long)]
    no_prefer_builtin: bool,
    /// Answers that are not reached are warnings, whatever the kernel says
    #[arg(long)]
    pub(crate) ignore_config_errors: bool,
}

/// The names of ways.
#[derive(Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Way {
    /// As nixpkgs does: the kernel's questions are answered one by one, twice
    #[default]
    Nixpkgs,
    /// The base with the answers on top, completed by `conf --olddefconfig`
    Olddefconfig,
}

impl AnsweringArgs {
    /// The way to go: what the user says, else the kernel, else its platform.
    pub(crate) fn way(&self, platform: &Platform, kernel: &Evaluated) -> Answering {
        match self.answering {
            // nixpkgs takes such a configuration as it is (`make oldconfig`).
            _ if kernel.whole.is_some() => Answering::Olddefconfig,
            Way::Olddefconfig => Answering::Olddefconfig,
            Way::Nixpkgs => Answering::Nixpkgs(self.driver(platform, kernel)),
        }
    }

    /// What nixpkgs' driver is told.
    pub(crate) fn driver(&self, platform: &Platform, kernel: &Evaluated) -> nixpkgs::Options {
        let release = kernel.release;
        let either = |yes: bool, no: bool| match (yes, no) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        let is_x86 = platform.srcarch == "x86";
        // Errors are fatal on the platforms that nixpkgs builds kernels for (since 25.05 on 64-bit
        // ARM, too).
        // Of the platforms of nixpkgs those whose kernels are for many machines (`linux-kernel`).
        let prefers_builtin = matches!(platform.srcarch, "arm" | "arm64" | "riscv" | "loongarch");
        let is_strict = is_x86 || platform.srcarch == "arm64" && release >= Release::new(25, 5);
        nixpkgs::Options {
            release,
            auto_modules: either(self.auto_modules, self.no_auto_modules)
                .or(kernel.auto_modules)
                .unwrap_or(true),
            prefer_builtin: either(self.prefer_builtin, self.no_prefer_builtin)
                .or(kernel.prefer_builtin)
                .unwrap_or(prefers_builtin),
            ignore_config_errors: either(self.ignore_config_errors, false)
                .or(kernel.ignore_config_errors)
                .unwrap_or(!is_strict),
        }
    }
}
