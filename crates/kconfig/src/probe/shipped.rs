//! The recorded toolchains that this program brings.
//!
//! A profile is called `COMPILER-VERSION-MACHINE`, then `+pahole` and `+rust` for what it has
//! besides.

use super::profile::Profile;
use std::io::Read;

/// Profiles, one a line, as `cargo xtask profiles` packs them.
const PACKED: &[u8] = include_bytes!("../../profiles/profiles.jsonl.zst");
/// More than all profiles take.
const MAX_UNPACKED: u64 = 64 << 20;

/// The lines.
fn lines() -> Vec<String> {
    let mut text = String::new();
    let unpacked = zstd::Decoder::new(PACKED)
        .and_then(|decoder| decoder.take(MAX_UNPACKED).read_to_string(&mut text));
    // A test reads them all, so that what is brought can be read.
    debug_assert!(unpacked.is_ok(), "{unpacked:?}");
    text.lines().map(str::to_owned).collect()
}

/// All profiles.
pub(super) fn all() -> Vec<Profile> {
    lines()
        .iter()
        .filter_map(|line| Profile::from_json(line.as_bytes()).ok())
        .collect()
}

/// The profile for a system that is meant by a name.
pub(super) fn find(name: &str, system: &str) -> Option<Profile> {
    find_by(name, system, choose)
}

/// The same, with the nearest version.
pub(super) fn find_nearest(name: &str, system: &str) -> Option<Profile> {
    find_by(name, system, choose_nearest)
}

fn find_by(name: &str, system: &str, choose: Choose) -> Option<Profile> {
    let lines = lines();
    let names = lines.iter().filter_map(|line| {
        // A name has no character that JSON escapes.
        let rest = line.strip_prefix("{\"format\":1,\"name\":\"")?;
        Some((rest.split('"').next()?, line))
    });
    let names: Vec<_> = names.collect();
    let machine = system.strip_suffix("-linux").unwrap_or(system);
    let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    let wanted = choose(&known, name, machine)?.to_owned();
    let (_, line) = names.iter().find(|(name, _)| *name == wanted)?;
    Profile::from_json(line.as_bytes()).ok()
}

/// A profile's name in its parts.
struct Name<'n> {
    compiler: &'n str,
    version: Option<u32>,
    machine: Option<&'n str>,
    extras: Vec<&'n str>,
}

impl<'n> Name<'n> {
    fn of(name: &'n str) -> Self {
        let mut parts = name.split('+');
        let head = parts.next().unwrap_or_default();
        let (compiler, rest) = head.split_once('-').unwrap_or((head, ""));
        let (version, machine) = rest.split_once('-').unwrap_or((rest, ""));
        Self {
            compiler,
            version: version.parse().ok(),
            machine: (!machine.is_empty()).then_some(machine),
            extras: parts.collect(),
        }
    }
}

/// Finds the name that is meant, for a machine.
type Choose = for<'n> fn(&[&'n str], &str, &str) -> Option<&'n str>;

/// The name that is meant, or that of the nearest version; the newer one of two that are as near.
fn choose_nearest<'n>(names: &[&'n str], wanted: &str, machine: &str) -> Option<&'n str> {
    let Some(version) = Name::of(wanted).version else {
        return choose(names, wanted, machine);
    };
    let any = wanted.replacen(&format!("-{version}"), "", 1);
    let mut near: Vec<u32> = names
        .iter()
        .filter_map(|name| Name::of(name).version)
        .collect();
    near.sort_unstable_by_key(|&other| (other.abs_diff(version), std::cmp::Reverse(other)));
    near.into_iter().find_map(|other| {
        let (compiler, extras) = any.split_once('+').unwrap_or((&any, ""));
        let plus = if extras.is_empty() { "" } else { "+" };
        choose(names, &format!("{compiler}-{other}{plus}{extras}"), machine)
    })
}

/// The name that is meant: the newest version that fits. Where nothing is said of extras, it has
/// pahole and no Rust, as most kernels of nixpkgs are built.
fn choose<'n>(names: &[&'n str], wanted: &str, machine: &str) -> Option<&'n str> {
    let request = Name::of(wanted);
    let mut extras = request.extras.clone();
    if extras.is_empty() && request.machine.is_none() {
        extras.push("pahole");
    }
    extras.sort_unstable();
    let fits = |name: &&str| {
        let candidate = Name::of(name);
        let mut has = candidate.extras;
        has.sort_unstable();
        let is_version = request.version.is_none() || request.version == candidate.version;
        let machine = request.machine.unwrap_or(machine);
        candidate.compiler == request.compiler
            && is_version
            && candidate.machine == Some(machine)
            && has == extras
    };
    names
        .iter()
        .copied()
        .filter(fits)
        .max_by_key(|name| Name::of(name).version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_leave_out_what_is_plain() {
        let names = [
            "gcc-13-x86_64+pahole",
            "gcc-14-x86_64",
            "gcc-14-x86_64+pahole",
            "gcc-14-x86_64+pahole+rust",
            "gcc-14-aarch64+pahole",
            "clang-19-x86_64+pahole",
        ];
        for (wanted, found) in [
            ("gcc", Some("gcc-14-x86_64+pahole")),
            ("gcc-13", Some("gcc-13-x86_64+pahole")),
            ("gcc-14-x86_64", Some("gcc-14-x86_64")),
            ("gcc+rust+pahole", Some("gcc-14-x86_64+pahole+rust")),
            ("gcc-14-aarch64+pahole", Some("gcc-14-aarch64+pahole")),
            ("clang", Some("clang-19-x86_64+pahole")),
            ("clang-20", None),
            ("tcc", None),
            ("", None),
        ] {
            assert_eq!(choose(&names, wanted, "x86_64"), found, "{wanted}");
        }
    }

    #[test]
    fn the_nearest_version_is_taken() {
        let names = [
            "gcc-12-x86_64+pahole",
            "gcc-14-x86_64+pahole",
            "clang-19-x86_64+pahole",
            "clang-19-x86_64+pahole+rust",
        ];
        for (wanted, found) in [
            ("gcc-13", Some("gcc-14-x86_64+pahole")),
            ("gcc-12", Some("gcc-12-x86_64+pahole")),
            ("gcc-30", Some("gcc-14-x86_64+pahole")),
            ("clang-18+pahole+rust", Some("clang-19-x86_64+pahole+rust")),
            ("gcc", Some("gcc-14-x86_64+pahole")),
            ("tcc-1", None),
        ] {
            assert_eq!(choose_nearest(&names, wanted, "x86_64"), found, "{wanted}");
        }
    }

    #[test]
    fn every_profile_can_be_read_and_found_by_its_name() {
        let lines = lines();
        let profiles = all();
        assert_eq!(profiles.len(), lines.len());
        for profile in &profiles {
            let found = find(&profile.name, &profile.system);
            assert_eq!(found.as_ref(), Some(profile));
            assert!(profile.answers().count() > 50, "{}", profile.name);
        }
    }
}
