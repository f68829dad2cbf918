//! Whole transcripts of the program, as a user sees them in a terminal:
//! `tests/cli/*.trycmd`. `TRYCMD=overwrite cargo test` writes what is said now.

use std::path::Path;

#[test]
fn transcripts() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = crate_folder.join("../..").canonicalize().unwrap();
    // Transcripts name fixtures as a user at the top of the repository would.
    std::env::set_current_dir(workspace).unwrap();
    trycmd::TestCases::new()
        .env("NO_COLOR", "1")
        // Which toolchain is taken where nothing is said is told, and depends on the machine.
        .env("NIX_KCONFIG_TOOLCHAIN", "host")
        .env(
            "NIX_KCONFIG_CACHE",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
        )
        // Whoever has a nixpkgs would see its settings, too.
        .env("NIX_PATH", "")
        .case("crates/nix-kconfig/tests/cli/*.trycmd");
}
