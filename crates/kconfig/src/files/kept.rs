//! Which files of a kernel's sources are of use here.

/// Whether a file is kept: Kconfig files, default configurations, the Makefiles that say
/// something of configuration, and helper scripts of toolchain probes. `path` may begin with
/// any number of folders.
pub(super) fn is_kept(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let [folders @ .., name] = parts.as_slice() else {
        return false;
    };
    let within = |folder: &str| folders.contains(&folder);
    let parent = folders.last().copied().unwrap_or_default();
    // `Config.in` is what Busybox and Buildroot call a Kconfig file.
    let is_kconfig = name.starts_with("Kconfig") || name.starts_with("Config.");
    let is_configuration = within("configs");
    let is_shell = name.rsplit_once('.').is_some_and(|(_, end)| end == "sh");
    let is_script = parent == "scripts" || (is_shell && (parent == "tools" || within("scripts")));
    is_kconfig || is_configuration || is_script || is_makefile(folders, name)
}

/// Those at the top, of an architecture, and in `scripts`.
fn is_makefile(folders: &[&str], name: &str) -> bool {
    if !name.starts_with("Makefile") {
        return false;
    }
    let of_architecture = folders.iter().rev().nth(1) == Some(&"arch");
    // The archive's own folder may stand in front.
    folders.len() <= 1 || of_architecture || folders.last() == Some(&"scripts")
}

/// The files that a Kconfig file names: other Kconfig files, and helper scripts below
/// `$(srctree)`. Names that are put together from variables are not told.
pub(super) fn named_files(text: &str) -> impl Iterator<Item = &str> {
    let sourced = text.lines().filter_map(|line| {
        let rest = line.trim_start();
        let rest = rest.strip_prefix("source")?;
        let rest = rest.trim_start();
        let name = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next()?,
            None => rest.split_whitespace().next()?,
        };
        Some(name.strip_prefix("$(srctree)/").unwrap_or(name))
    });
    let scripts = text.split("$(srctree)/").skip(1).map(|rest| {
        let end = rest.find(|char: char| !(char.is_ascii_alphanumeric() || "_-./+".contains(char)));
        &rest[..end.unwrap_or(rest.len())]
    });
    sourced
        .chain(scripts)
        .filter(|name| !name.is_empty() && !name.contains('$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_configuration_needs_is_kept() {
        for (path, kept) in [
            ("Kconfig", true),
            ("linux-6.12/Kconfig", true),
            ("linux-6.12/drivers/net/Kconfig.debug", true),
            ("linux-6.12/drivers/net/Makefile", false),
            ("linux-6.12/Makefile", true),
            ("linux-6.12/arch/x86/Makefile", true),
            ("linux-6.12/arch/x86/boot/Makefile", false),
            ("linux-6.12/arch/arm/configs/multi_v7_defconfig", true),
            ("linux-6.12/kernel/configs/debug.config", true),
            ("linux-6.12/scripts/cc-version.sh", true),
            ("linux-6.12/scripts/Makefile.clang", true),
            (
                "linux-6.12/arch/powerpc/tools/gcc-check-mprofile-kernel.sh",
                true,
            ),
            ("linux-6.12/drivers/net/tun.c", false),
            ("busybox/shell/Config.in", true),
        ] {
            assert_eq!(is_kept(path), kept, "{path}");
        }
    }

    #[test]
    fn files_that_are_named_in_full_are_told() {
        let text = "source \"init/Kconfig\"\n\tsource drivers/a\nsource \"arch/$(SRCARCH)/Kconfig\"\n\
                    X := $(shell,$(srctree)/tools/x.py $(CC))\nsource \"$(srctree)/b\"\n";
        let names: Vec<&str> = named_files(text).collect();
        assert_eq!(names, ["init/Kconfig", "drivers/a", "b", "tools/x.py", "b"]);
    }
}
