//! The fixture kernels with their patches: merged settings, and final
//! configurations on the miniature tree. What is expected was checked with Nix
//! and with the kernel's own conf (`cargo xtask reference`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    kernel: String,
    #[serde(default)]
    patches: Vec<String>,
    system: Option<String>,
    tristate: Option<String>,
    /// A source tree in `fixtures/kconfig`, for a final configuration.
    source: Option<String>,
    attribute: Option<String>,
    specialisation: Option<String>,
    #[serde(default)]
    set: Vec<String>,
    version: Option<String>,
    #[serde(default, rename = "settings_only")]
    _settings_only: bool,
    /// Whether nixpkgs' own way is compared on a whole kernel (`cargo xtask reference`).
    #[serde(default, rename = "answered")]
    _answered: bool,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn expected(name: &str, extension: &str) -> String {
    let file = fixtures().join(format!("kernels/expected/{name}.{extension}"));
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

impl Case {
    fn all() -> Vec<Self> {
        let text = fs::read_to_string(fixtures().join("kernels/cases.toml")).unwrap();
        toml::from_str::<Cases>(&text).unwrap().case
    }

    fn build(&self) -> Command {
        self.command("build")
    }

    fn eval(&self, format: &str) -> Command {
        let mut command = self.command("eval");
        command.args(["--format", format]);
        command
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nix-kconfig"));
        command
            .arg(name)
            .arg(fixtures().join("kernels").join(&self.kernel))
            .args(["--system", self.system.as_deref().unwrap_or("x86_64-linux")])
            .args(["--tristate", self.tristate.as_deref().unwrap_or("y,m,n")]);
        for patch in &self.patches {
            command
                .arg("--patches")
                .arg(fixtures().join("patches").join(patch));
        }
        for (flag, value) in [
            ("--attr", &self.attribute),
            ("--specialisation", &self.specialisation),
            ("--kernel-version", &self.version),
        ] {
            if let Some(value) = value {
                command.args([flag, value]);
            }
        }
        for set in &self.set {
            command.args(["--set", set]);
        }
        command.env_remove("NIX_PATH");
        command
    }

    fn problem(&self) -> Option<String> {
        let output = self.build().output().unwrap();
        let expected = expected(&self.name, "txt");
        let conflicts: Vec<&str> = expected
            .lines()
            .filter_map(|line| line.strip_prefix("conflict: "))
            .collect();
        let problem = if conflicts.is_empty() {
            self.difference(&output, &expected)
        } else {
            missed_conflicts(&output, &conflicts)
        };
        problem.map(|problem| format!("{}: {problem}", self.name))
    }

    fn difference(&self, output: &Output, expected: &str) -> Option<String> {
        if !output.status.success() {
            return Some(format!("{}\n{}", output.status, text(&output.stderr)));
        }
        let mut wanted: Vec<String> = expected.lines().map(configuration_line).collect();
        let given = text(&output.stdout);
        let mut given: Vec<&str> = given.lines().collect();
        wanted.sort();
        given.sort_unstable();
        let missing = wanted.iter().filter(|line| !given.contains(&line.as_str()));
        let surplus = given
            .iter()
            .filter(|line| !wanted.iter().any(|wanted| wanted == *line));
        let lines: Vec<String> = missing
            .map(|line| format!("-{line}"))
            .chain(surplus.map(|line| format!("+{line}")))
            .collect();
        (given != wanted).then(|| lines.join("\n"))
    }
}

fn missed_conflicts(output: &Output, conflicts: &[&str]) -> Option<String> {
    let stderr = text(&output.stderr);
    let missed: Vec<&&str> = conflicts
        .iter()
        .filter(|option| !stderr.contains(&format!("`{option}' has conflicting definition")))
        .collect();
    let as_expected = output.status.code() == Some(1) && missed.is_empty();
    (!as_expected).then(|| format!("{}, not told of {missed:?}\n{stderr}", output.status))
}

/// A line of nixpkgs' intermediate text as a line of a `.config`.
fn configuration_line(line: &str) -> String {
    let (name, answer) = line.split_once(' ').unwrap();
    let name = name.trim_end_matches('?');
    let digits = answer.strip_prefix('-').unwrap_or(answer);
    let is_number = (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        || answer.starts_with("0x");
    match answer {
        "n" => format!("# CONFIG_{name} is not set"),
        "y" | "m" => format!("CONFIG_{name}={answer}"),
        _ if is_number => format!("CONFIG_{name}={answer}"),
        _ => {
            let escaped = answer.replace('\\', "\\\\").replace('"', "\\\"");
            format!("CONFIG_{name}=\"{escaped}\"")
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn settings_merge_as_expected() {
    let problems: Vec<String> = Case::all().iter().filter_map(Case::problem).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn final_configurations_are_as_expected() {
    for (way, extension) in [("olddefconfig", "config"), ("nixpkgs", "nixpkgs.config")] {
        for case in Case::all() {
            let Some(source) = &case.source else {
                continue;
            };
            let output = case
                .build()
                .args([
                    "--answering",
                    way,
                    "--auto-modules",
                    "--no-prefer-builtin",
                    "--source",
                ])
                .arg(fixtures().join("kconfig").join(source))
                .output()
                .unwrap();
            let stderr = text(&output.stderr);
            // 1: an answer was not reached, on a platform that lacks it.
            let written = matches!(output.status.code(), Some(0 | 1));
            assert!(written, "{}: {stderr}", case.name);
            assert_eq!(
                text(&output.stdout),
                expected(&case.name, extension),
                "{}, {way}",
                case.name
            );
        }
    }
}

#[test]
fn the_conf_drop_in_gives_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mini = fixtures().join("kconfig/mini").canonicalize().unwrap();
    let laptop = Case::all()
        .into_iter()
        .find(|case| case.name == "laptop")
        .unwrap();
    let mut start = fs::read(mini.join("arch/x86/configs/x86_64_defconfig")).unwrap();
    start.extend(laptop.build().output().unwrap().stdout);
    let config = folder.path().join(".config");
    fs::write(&config, start).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_nix-kconfig"))
        .args(["conf", "--olddefconfig", "Kconfig"])
        .current_dir(folder.path())
        .env("srctree", &mini)
        .env("ARCH", "x86_64")
        .env("SRCARCH", "x86")
        .env("KERNELVERSION", "6.12.0")
        .env("CC", "gcc")
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(
        fs::read_to_string(&config).unwrap(),
        expected("laptop", "config")
    );
}

/// What `eval --format nix` prints, pasted into another kernel, gives the same settings.
#[test]
fn pasted_settings_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pasted.nix");
    for case in Case::all() {
        let printed = case.eval("nix").output().unwrap();
        if !printed.status.success() {
            // Told where settings are compared.
            continue;
        }
        let pasted = format!(
            "{{ lib, buildLinux, ... }}: buildLinux {{\n  version = \"6.12\";\n  enableCommonConfig \
             = false;\n  structuredExtraConfig =\n{};\n}}\n",
            text(&printed.stdout)
        );
        fs::write(&file, pasted).unwrap();
        let again = Command::new(env!("CARGO_BIN_EXE_nix-kconfig"))
            .arg("eval")
            .arg(&file)
            .env_remove("NIX_PATH")
            .output()
            .unwrap();
        assert!(
            again.status.success(),
            "{}: {}",
            case.name,
            text(&again.stderr)
        );
        let first = case.eval("json").output().unwrap();
        assert_eq!(
            parts(&again.stdout),
            parts(&first.stdout),
            "{} is not what it was",
            case.name
        );
    }
}

/// Of each option, what it came to.
fn parts(json: &[u8]) -> Vec<(String, [serde_json::Value; 2])> {
    let options: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(json).unwrap();
    options
        .into_iter()
        .map(|(name, option)| {
            (
                name,
                ["answer", "optional"].map(|part| option[part].clone()),
            )
        })
        .collect()
}
