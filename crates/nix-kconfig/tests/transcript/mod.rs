//! Transcripts of `nix-instantiate`: what it prints and says on standard error, and how it
//! ends. `cargo xtask reference` has Nix write them, and the tests hold ours against them.
//!
//! `NAME.sh` holds command lines for a shell, `NAME.expr` expressions, in which `\n` is a
//! new line, that are evaluated with and without `--show-trace`. All run in `files`.

use std::path::{Path, PathBuf};

/// One run of the program.
pub(crate) struct Case {
    /// What it is in the transcript.
    pub(crate) shown: String,
    /// For `sh -c`, with `nix-instantiate` on the `PATH`.
    pub(crate) line: String,
}

/// What a run left behind.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The transcripts of a folder: the files with cases, and where their transcripts are.
pub(crate) fn topics(folder: &Path) -> std::io::Result<Vec<(PathBuf, PathBuf)>> {
    let mut topics = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_cases = path
            .extension()
            .is_some_and(|kind| kind == "sh" || kind == "expr");
        if is_cases {
            topics.push((path.clone(), path.with_extension("transcript")));
        }
    }
    topics.sort();
    Ok(topics)
}

/// The cases of a file. Lines that begin with `##` are comments.
pub(crate) fn cases(file: &Path) -> std::io::Result<Vec<Case>> {
    let text = std::fs::read_to_string(file)?;
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("##"));
    if file.extension().is_some_and(|kind| kind == "sh") {
        let case = |line: &str| Case {
            shown: line.to_owned(),
            line: line.to_owned(),
        };
        return Ok(lines.map(case).collect());
    }
    let with = |line: &str, flags: &str| {
        let expression = line.replace("\\n", "\n").replace('\'', "'\\''");
        Case {
            shown: format!(
                "{line}{}",
                flags.replace("--show-trace", "   # --show-trace")
            ),
            line: format!("nix-instantiate --eval --strict {flags} -E '{expression}'"),
        }
    };
    Ok(lines
        .flat_map(|line| [with(line, ""), with(line, "--show-trace")])
        .collect())
}

/// How a case stands in a transcript. The folder that it ran in is `$DIR`.
pub(crate) fn entry(case: &Case, ran: &Ran, folder: &str) -> String {
    let mut text = format!("$ {}\n", case.shown);
    let mut add = |mark: &str, said: &str| {
        let said = said.replace(folder, "$DIR");
        for line in said.split_inclusive('\n') {
            text.push_str(format!("{mark}{}", line.trim_end_matches('\n')).trim_end());
            text.push('\n');
        }
    };
    add("", &ran.stdout);
    add("! ", &ran.stderr);
    if ran.status != 0 {
        text.push_str(&format!("? {}\n", ran.status));
    }
    text
}
