//! The environment in which a kernel's Kconfig files are read: what the kernel's
//! own `make` exports to `conf` (top-level `Makefile`).

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use kconfig::{Environment, Profile};
use kernel_config::Platform;

use crate::source::Source;

/// The tools that probes run, by the variables that name them: of GCC and binutils, which have
/// the prefix of a cross compiler, and of LLVM.
const TARGET_TOOLS: &[(&str, &str, &str)] = &[
    ("CC", "gcc", "clang"),
    ("LD", "ld", "ld.lld"),
    ("AR", "ar", "llvm-ar"),
    ("NM", "nm", "llvm-nm"),
    ("OBJCOPY", "objcopy", "llvm-objcopy"),
    ("OBJDUMP", "objdump", "llvm-objdump"),
    ("READELF", "readelf", "llvm-readelf"),
    ("STRIP", "strip", "llvm-strip"),
];

const LLVM_HOST_TOOLS: &[(&str, &str)] = &[("HOSTCC", "clang"), ("HOSTCXX", "clang++")];

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

/// What tools say of themselves, and the variables that name the tools.
const VERSION_TEXTS: &[(&str, &str)] =
    &[("CC_VERSION_TEXT", "CC"), ("RUSTC_VERSION_TEXT", "RUSTC")];

/// pahole's version as a number, which kernels from 7.2 on are told so.
const PAHOLE_VERSION: &str = "PAHOLE_VERSION";

/// The variables that name tools, and those that say what they are.
pub fn tool_variables() -> impl Iterator<Item = &'static str> {
    let target = TARGET_TOOLS.iter().map(|(name, _, _)| *name);
    let host = HOST_TOOLS.iter().map(|(name, _)| *name);
    let texts = VERSION_TEXTS.iter().map(|(name, _)| *name);
    target.chain(host).chain(texts).chain([PAHOLE_VERSION])
}

/// What the tools say of themselves, by the variables that name them; those that are there.
pub fn tool_versions(environment: &Environment) -> BTreeMap<String, String> {
    let tools = ["CC", "LD", "RUSTC", "BINDGEN", "PAHOLE", "PYTHON3"];
    let said = tools.into_iter().filter_map(|name| {
        let line = version_line(environment.get(name)?);
        (!line.is_empty()).then(|| (name.to_owned(), line))
    });
    said.collect()
}

/// The environment for a source tree and the tools of this machine, on top of this process's
/// own. Variables that are set already stay: `CC=clang nix-kconfig …` means what it says, and
/// `LLVM=1` what it says to `make`. The compiler is asked for its version.
pub fn of(source: &Source, platform: &Platform, version: Option<&str>) -> Environment {
    let mut environment = of_tree(source, platform, version);
    name_tools(&mut environment, platform);
    for (name, tool) in VERSION_TEXTS {
        if environment.get(name).is_none() {
            let tool = environment.get(tool).unwrap_or_default().to_owned();
            environment.set(*name, version_line(&tool));
        }
    }
    let tells_pahole = source
        .text("Makefile")
        .is_some_and(|makefile| makefile.contains("PAHOLE_VERSION = $(shell"));
    if tells_pahole && environment.get(PAHOLE_VERSION).is_none() {
        let tool = environment.get("PAHOLE").unwrap_or_default().to_owned();
        environment.set(PAHOLE_VERSION, pahole_version(&version_line(&tool)));
    }
    add_flags(&mut environment, source, platform);
    environment
}

/// `v1.30` as `130` (`scripts/pahole-version.sh`); 0 where there is no pahole.
fn pahole_version(line: &str) -> String {
    if line.is_empty() {
        return "0".to_owned();
    }
    let numbers = line.strip_prefix('v').unwrap_or(line);
    match numbers.split_once('.') {
        Some((major, minor)) => format!("{major}{minor}"),
        None => line.to_owned(),
    }
}

/// The environment for a source tree and a recorded toolchain. Nothing is run.
pub fn of_profile(
    source: &Source,
    platform: &Platform,
    version: Option<&str>,
    profile: &Profile,
) -> Environment {
    let mut environment = of_tree(source, platform, version);
    for name in tool_variables().chain(["CROSS_COMPILE", "LLVM", "LLVM_IAS", "CLANG_FLAGS"]) {
        environment.remove(name);
    }
    for (name, value) in &profile.variables {
        environment.set(name, value);
    }
    add_flags(&mut environment, source, platform);
    environment
}

/// This process's environment, and what tells of the tree.
fn of_tree(source: &Source, platform: &Platform, version: Option<&str>) -> Environment {
    let mut environment = of_process();
    environment.set("srctree", source.location());
    let says_the_same = |arch: &str| Platform::srcarch_of(arch) == Some(platform.srcarch);
    if !environment.get("ARCH").is_some_and(says_the_same) {
        environment.set("ARCH", platform.arch);
    }
    environment.set("SRCARCH", platform.srcarch);
    if let Some(version) = version {
        environment.set("KERNELVERSION", version);
    }
    environment
}

/// This process's environment, as far as it is text.
pub(crate) fn of_process() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Names the tools that have no name yet.
pub(crate) fn name_tools(environment: &mut Environment, platform: &Platform) {
    let prefix = if Platform::host_system() == platform.system {
        ""
    } else {
        platform.cross_compile
    };
    let prefix = environment
        .get("CROSS_COMPILE")
        .unwrap_or(prefix)
        .to_owned();
    let llvm = environment
        .get("LLVM")
        .filter(|llvm| !llvm.is_empty())
        .map(str::to_owned);
    let mut set_default = |name: &str, value: String| {
        if environment.get(name).is_none() {
            environment.set(name, value);
        }
    };
    // `LLVM=/usr/lib/llvm-19/bin/`, `LLVM=-19`, or anything else for no more than the name.
    let of_llvm = llvm.as_deref().map(|llvm| {
        let prefix = if llvm.ends_with('/') { llvm } else { "" };
        let suffix = if llvm.starts_with('-') { llvm } else { "" };
        move |tool: &str| format!("{prefix}{tool}{suffix}")
    });
    if let Some(of_llvm) = &of_llvm {
        for (name, tool) in LLVM_HOST_TOOLS {
            set_default(name, of_llvm(tool));
        }
    }
    for (name, gnu, llvm) in TARGET_TOOLS {
        let value = match &of_llvm {
            Some(of_llvm) => of_llvm(llvm),
            None => format!("{prefix}{gnu}"),
        };
        set_default(name, value);
    }
    for (name, tool) in HOST_TOOLS {
        set_default(name, (*tool).to_owned());
    }
}

/// What the tree's Makefiles make of the tools.
fn add_flags(environment: &mut Environment, source: &Source, platform: &Platform) {
    let is_clang = environment
        .get("CC_VERSION_TEXT")
        .is_some_and(|text| text.contains("clang"));
    if is_clang
        && environment.get("CLANG_FLAGS").is_none()
        && let Some(makefile) = source.text("scripts/Makefile.clang")
    {
        let flags = clang_flags(&makefile, platform, environment.get("CROSS_COMPILE"));
        environment.set("CLANG_FLAGS", flags);
    }
    // Unstable features of a stable compiler.
    let boots = |makefile: String| makefile.contains("export RUSTC_BOOTSTRAP := 1");
    if source.text("Makefile").is_some_and(boots) {
        environment.set("RUSTC_BOOTSTRAP", "1");
    }
}

/// `CLANG_FLAGS`, as `scripts/Makefile.clang` adds it up where the integrated assembler is used.
fn clang_flags(makefile: &str, platform: &Platform, cross_compile: Option<&str>) -> String {
    let value = |name: &str| {
        makefile.lines().find_map(|line| {
            let (assigned, value) = line.split_once(":=")?;
            (assigned.trim() == name).then(|| value.trim())
        })
    };
    let prefix = cross_compile
        .filter(|prefix| !prefix.is_empty() && makefile.contains("$(CROSS_COMPILE:%-=%)"))
        .map(|prefix| {
            prefix
                .rsplit('/')
                .next()
                .unwrap_or(prefix)
                .trim_end_matches('-')
        });
    let target = prefix.or_else(|| value(&format!("CLANG_TARGET_FLAGS_{}", platform.srcarch)));
    let mut flags: Vec<String> = target
        .map(|target| format!("--target={target}"))
        .into_iter()
        .collect();
    for line in makefile.lines() {
        let Some(flag) = line.strip_prefix("CLANG_FLAGS").map(str::trim_start) else {
            continue;
        };
        let flag = flag.strip_prefix("+=").map_or("", str::trim);
        let is_of_integrated = !flag.contains("$(") && flag != "-fno-integrated-as";
        if is_of_integrated && !flag.is_empty() {
            flags.push(flag.to_owned());
        }
    }
    flags.join(" ")
}

/// The first line of `TOOL --version`, as the kernel's Makefile takes it: without
/// the comment character, and empty where there is no such tool.
pub(crate) fn version_line(tool: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    const MAKEFILE_CLANG: &str = "\
CLANG_TARGET_FLAGS_arm64	:= aarch64-linux-gnu
CLANG_TARGET_FLAGS_x86		:= x86_64-linux-gnu
CLANG_TARGET_FLAGS		:= $(CLANG_TARGET_FLAGS_$(SRCARCH))
ifeq ($(CROSS_COMPILE),)
CLANG_FLAGS	+= --target=$(CLANG_TARGET_FLAGS)
else
CLANG_FLAGS	+= --target=$(notdir $(CROSS_COMPILE:%-=%))
endif
ifeq ($(LLVM_IAS),0)
CLANG_FLAGS	+= -fno-integrated-as
CLANG_FLAGS	+= --prefix=$(GCC_TOOLCHAIN_DIR)$(notdir $(CROSS_COMPILE))
else
CLANG_FLAGS	+= -fintegrated-as
endif
CLANG_FLAGS	+= -Werror=option-ignored
";

    #[test]
    fn flags_of_clang_are_those_of_the_trees_makefile() {
        let platform = Platform::of("aarch64-linux").unwrap();
        assert_eq!(
            clang_flags(MAKEFILE_CLANG, platform, None),
            "--target=aarch64-linux-gnu -fintegrated-as -Werror=option-ignored"
        );
        assert_eq!(
            clang_flags(MAKEFILE_CLANG, platform, Some("/opt/bin/aarch64-none-elf-")),
            "--target=aarch64-none-elf -fintegrated-as -Werror=option-ignored"
        );
    }

    #[test]
    fn llvm_says_where_its_tools_are() {
        let platform = Platform::of("aarch64-linux").unwrap();
        for (llvm, linker) in [
            ("1", "ld.lld"),
            ("-19", "ld.lld-19"),
            ("/llvm/bin/", "/llvm/bin/ld.lld"),
            ("", "aarch64-linux-gnu-ld"),
        ] {
            let mut environment: Environment =
                [("LLVM", llvm), ("CROSS_COMPILE", "aarch64-linux-gnu-")]
                    .into_iter()
                    .collect();
            name_tools(&mut environment, platform);
            assert_eq!(environment.get("LD"), Some(linker), "{llvm}");
        }
    }
}
