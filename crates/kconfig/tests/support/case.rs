//! A case: a small tree, how `conf` is called on it, and what that leaves behind.
//!
//! Used by the tests of this crate, and by the comparison with the kernels' own programs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

/// `case.json`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it shows.
    #[serde(rename = "name")]
    _name: String,
    /// The command line, without the program's name.
    pub(crate) args: Vec<String>,
    /// Variables besides `KERNELVERSION`.
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    /// Releases whose program does not come to an end here: nothing is expected of them.
    #[serde(default)]
    pub(crate) endless: Vec<String>,
    /// Releases whose program reads memory here that it should not: it may crash, and what it says on
    /// standard error shows no rule.
    #[serde(default)]
    pub(crate) memory_errors: Vec<String>,
    /// Files that are looked at besides `.config` and `defconfig`.
    #[serde(default)]
    pub(crate) written: Vec<String>,
}

/// What a run left behind, by the names of the expectations.
pub(crate) type Left = BTreeMap<String, Vec<u8>>;

impl Case {
    /// Reads the case in a folder.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(
            folder.join("case.json"),
        )?)?)
    }

    /// Puts everything that the run starts from into a new folder.
    pub(crate) fn lay_out(case_folder: &Path, folder: &Path) -> io::Result<()> {
        copy(&case_folder.join("Kconfig"), &folder.join("Kconfig"))?;
        copy(&case_folder.join("in.config"), &folder.join(".config"))?;
        fs::create_dir_all(folder.join("include/config"))?;
        fs::write(folder.join("include/config/auto.conf"), "")?;
        copy(&case_folder.join("files"), folder)
    }

    /// What is typed.
    pub(crate) fn stdin(case_folder: &Path) -> Vec<u8> {
        fs::read(case_folder.join("stdin")).unwrap_or_default()
    }

    /// What a run in `folder` left behind. Nothing is told by an empty text.
    pub(crate) fn left(&self, folder: &Path, status: i32, stdout: &[u8], stderr: &[u8]) -> Left {
        let mut left = Left::from([
            ("rc".to_owned(), format!("{status}\n").into_bytes()),
            ("stdout".to_owned(), stdout.to_owned()),
            ("stderr".to_owned(), stderr.to_owned()),
            ("config-body".to_owned(), body(&folder.join(".config"))),
        ]);
        for name in self.written.iter().map(String::as_str).chain(["defconfig"]) {
            let content = fs::read(folder.join(name)).unwrap_or_default();
            left.insert(name.replace('/', "+"), content);
        }
        left
    }

    /// Where what is left differs from what is expected of a release, with both.
    pub(crate) fn differences(&self, expected: &Path, release: &str, left: &Left) -> String {
        let mut differences = String::new();
        let careless = self.memory_errors.iter().any(|one| one == release);
        if careless && fs::read(expected.join("rc")).is_ok_and(|status| status.starts_with(b"-")) {
            return differences;
        }
        for (name, actual) in left {
            if careless && name == "stderr" {
                continue;
            }
            let wanted = fs::read(expected.join(name)).unwrap_or_default();
            if wanted != *actual {
                differences.push_str(&format!(
                    "{release}: {name}\n--- expected\n{}\n--- actual\n{}\n",
                    String::from_utf8_lossy(&wanted),
                    String::from_utf8_lossy(actual)
                ));
            }
        }
        differences
    }
}

/// A configuration file without its heading, which names the release.
fn body(file: &Path) -> Vec<u8> {
    let Ok(config) = fs::read(file) else {
        return b"(none)\n".to_vec();
    };
    if !config.starts_with(b"#\n# Automatically generated") {
        return config;
    }
    let lines = config.split_inclusive(|&byte| byte == b'\n');
    lines.skip(4).flatten().copied().collect()
}

/// Copies a file or a folder's content, where it is there.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else if from.exists() {
        fs::copy(from, to)?;
    }
    Ok(())
}
