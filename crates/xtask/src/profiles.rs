//! `cargo xtask profiles`: packs recorded toolchains into the file that the program brings.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use kconfig::Profile;

use crate::workspace::Workspace;

/// Options of the command.
#[derive(Args)]
pub(crate) struct ProfilesArgs {
    /// Profiles, as `nix-kconfig toolchain record` writes them
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// What is packed is read much more often than written.
const LEVEL: i32 = 22;
/// Profiles are much alike: each is found in those before it.
const WINDOW: u32 = 25;

/// Packs the profiles. True if all of them can be used.
///
/// # Errors
///
/// A file is no profile, or the result cannot be written.
pub(crate) fn run(args: &ProfilesArgs) -> Result<bool> {
    let mut profiles = Vec::new();
    for file in &args.files {
        let text = fs::read(file).with_context(|| file.display().to_string())?;
        let profile = Profile::from_json(&text).with_context(|| file.display().to_string())?;
        profiles.push(profile);
    }
    // Those of one machine side by side.
    profiles.sort_by(|one, other| (&one.system, &one.name).cmp(&(&other.system, &other.name)));
    let mut lines = String::new();
    for profile in &profiles {
        lines.push_str(&profile.to_json()?);
        lines.push('\n');
    }
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    encoder.long_distance_matching(true)?;
    encoder.window_log(WINDOW)?;
    encoder.include_checksum(true)?;
    std::io::copy(&mut lines.as_bytes(), &mut encoder)?;
    let packed = encoder.finish()?;
    let workspace = Workspace::find()?;
    let file = workspace.path("crates/kconfig/profiles/profiles.jsonl.zst");
    fs::write(&file, &packed)?;
    println!(
        "{} profiles, {} bytes packed into {}",
        profiles.len(),
        lines.len(),
        packed.len()
    );
    Ok(true)
}
