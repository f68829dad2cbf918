//! Evaluating Nix for a command: what it may read, and how much memory and time it
//! may take.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use findings::Finding;
use kernel_config::with_embedded_nixpkgs;
use nix_eval::{HostIo, Io as _, LookupPathEntry, Options, RestrictedIo};

/// Options of every command that evaluates Nix.
#[derive(clap::Args, Clone)]
#[command(next_help_heading = "Evaluation")]
pub(crate) struct EvaluationArgs {
    /// On an error of evaluation, the whole way to it
    #[arg(long)]
    pub(crate) show_trace: bool,
    /// Read no Nix file outside of this folder; may be repeated
    #[arg(long, value_name = "DIR")]
    restrict: Vec<PathBuf>,
    /// Fail when values take more memory
    #[arg(long, value_name = "MIB", default_value_t = 4096)]
    max_memory: usize,
    /// Fail when the evaluation takes longer; 0 for no bound
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

impl EvaluationArgs {
    /// Whether only some folders may be read.
    pub(crate) fn is_restricted(&self) -> bool {
        !self.restrict.is_empty()
    }

    /// The same with one more folder that may be read.
    #[must_use]
    pub(crate) fn with_folder(&self, folder: &Path) -> Self {
        let mut args = self.clone();
        if args.is_restricted() {
            args.restrict.push(folder.to_owned());
        }
        args
    }

    /// The bytes of a file that the evaluated files name, if it may be read.
    pub(crate) fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.restrict.is_empty() {
            return std::fs::read(path);
        }
        let folders = self.restrict.iter().map(std::path::absolute);
        let folders = folders.collect::<Result<Vec<_>, _>>()?;
        RestrictedIo::new(HostIo, &folders)?.read_file(path)
    }

    /// What an evaluator is to be made with: the embedded nixpkgs behind `nix_path`,
    /// for `system`.
    ///
    /// # Errors
    ///
    /// A folder that reading is restricted to is not there.
    pub(crate) fn options(
        &self,
        system: &str,
        nix_path: Vec<LookupPathEntry>,
    ) -> Result<Options, Box<Finding>> {
        let mut options = Options {
            max_memory: Some(self.max_memory.saturating_mul(1024 * 1024)),
            timeout: (self.timeout > 0).then(|| Duration::from_secs(self.timeout)),
            io: Box::new(with_embedded_nixpkgs(HostIo)),
            nix_path: nix_modules::look_up_path(nix_path),
            current_system: Some(system.to_owned()),
            ..Options::default()
        };
        if !self.restrict.is_empty() {
            let folders = self
                .restrict
                .iter()
                .map(std::path::absolute)
                .collect::<Result<Vec<_>, _>>();
            let io = folders
                .and_then(|folders| RestrictedIo::new(HostIo, &folders))
                .map_err(|error| {
                    Box::new(Finding::failure(format!(
                        "reading cannot be restricted: {error}"
                    )))
                })?;
            options.io = Box::new(with_embedded_nixpkgs(io));
        }
        Ok(options)
    }
}
