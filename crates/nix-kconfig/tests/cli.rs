//! Whole transcripts of the program, as a user sees them in a terminal:
//! `tests/cli/*.trycmd`, and the page about messages. `TRYCMD=overwrite cargo test` writes what is said now.

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
        .case("crates/nix-kconfig/tests/cli/*.trycmd")
        // A page whose examples are transcripts.
        .case("docs/messages.md");
}

/// Every example of a message is on the page about messages.
#[test]
fn every_message_is_on_its_page() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(workspace.join("docs/messages.md")).unwrap();
    for file in std::fs::read_dir(workspace.join("fixtures/messages")).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|end| end == "nix") {
            let name = file.file_name().unwrap().to_str().unwrap();
            let command = format!("fixtures/messages/{name}");
            assert!(page.contains(&command), "docs/messages.md lacks {command}");
        }
    }
}
