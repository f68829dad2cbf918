//! The environment in which a kernel's Kconfig files are read: what the kernel's
//! own `make` exports to `conf` (top-level `Makefile`).

use std::process::{Command, Stdio};

use kconfig::Environment;
use kernel_config::Platform;

use crate::source::Source;

/// The tools that probes run, and the variables that name them. Those of a
/// compiler for another machine have its prefix in front.
const TARGET_TOOLS: &[(&str, &str)] = &[
    ("CC", "gcc"),
    ("LD", "ld"),
    ("AR", "ar"),
    ("NM", "nm"),
    ("OBJCOPY", "objcopy"),
    ("OBJDUMP", "objdump"),
    ("READELF", "readelf"),
    ("STRIP", "strip"),
];

const HOST_TOOLS: &[(&str, &str)] = &[
    ("HOSTCC", "gcc"),
    ("HOSTCXX", "g++"),
    ("RUSTC", "rustc"),
    ("HOSTRUSTC", "rustc"),
    ("BINDGEN", "bindgen"),
    ("PAHOLE", "pahole"),
    ("PYTHON3", "python3"),
    ("PERL", "perl"),
];

/// The environment for a source tree, on top of this process's own. Variables that are set
/// already stay: `CC=clang nix-kconfig …` means what it says.
pub fn of(source: &Source, platform: &Platform, version: Option<&str>) -> Environment {
    let mut environment: Environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    environment.set("srctree", source.location());
    let says_the_same = |arch: &str| Platform::srcarch_of(arch) == Some(platform.srcarch);
    if !environment.get("ARCH").is_some_and(says_the_same) {
        environment.set("ARCH", platform.arch);
    }
    environment.set("SRCARCH", platform.srcarch);
    if let Some(version) = version {
        environment.set("KERNELVERSION", version);
    }
    let prefix = if Platform::host_system() == platform.system {
        ""
    } else {
        platform.cross_compile
    };
    let prefix = environment
        .get("CROSS_COMPILE")
        .unwrap_or(prefix)
        .to_owned();
    let mut set_default = |name: &str, value: String| {
        if environment.get(name).is_none() {
            environment.set(name, value);
        }
    };
    for (name, tool) in TARGET_TOOLS {
        set_default(name, format!("{prefix}{tool}"));
    }
    for (name, tool) in HOST_TOOLS {
        set_default(name, (*tool).to_owned());
    }
    for (name, tool) in [("CC_VERSION_TEXT", "CC"), ("RUSTC_VERSION_TEXT", "RUSTC")] {
        if environment.get(name).is_none() {
            let tool = environment.get(tool).unwrap_or_default().to_owned();
            environment.set(name, version_line(&tool));
        }
    }
    environment
}

/// The first line of `TOOL --version`, as the kernel's Makefile takes it: without
/// the comment character, and empty where there is no such tool.
fn version_line(tool: &str) -> String {
    let mut words = tool.split_whitespace();
    let Some(program) = words.next() else {
        return String::new();
    };
    let output = Command::new(program)
        .args(words)
        .arg("--version")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match output {
        Ok(output) => String::from_utf8_lossy(&output.stdout)
            .lines()
            .next()
            .unwrap_or_default()
            .replace('#', ""),
        Err(_) => String::new(),
    }
}

/// `KERNELVERSION` as the top-level Makefile puts it together.
pub(crate) fn makefile_version(makefile: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(makefile);
    let value = |wanted: &str| {
        text.lines().find_map(|line| {
            let rest = line.strip_prefix(wanted)?.trim_start();
            Some(rest.strip_prefix('=')?.trim())
        })
    };
    let version = value("VERSION")?;
    let parts = [value("PATCHLEVEL"), value("SUBLEVEL")];
    let numbers: Vec<&str> = std::iter::once(version)
        .chain(parts.into_iter().flatten().filter(|part| !part.is_empty()))
        .collect();
    let extra = value("EXTRAVERSION").unwrap_or_default();
    Some(format!("{}{extra}", numbers.join(".")))
}
