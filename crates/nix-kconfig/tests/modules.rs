//! The module sets of `fixtures/modules`: what `nix-kconfig modules` makes of each
//! configuration, and what the scripts that come out of them do.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/modules")
}

/// `nix-kconfig modules` for one configuration of a set.
fn modules(case: &Path, arguments: &[&str]) -> Output {
    let set = case.parent().unwrap();
    Command::new(env!("CARGO_BIN_EXE_nix-kconfig"))
        .arg("modules")
        .arg(fixtures().join("packages.nix"))
        .arg(set)
        .arg(case)
        .args(arguments)
        .args(["--system", "x86_64-linux"])
        .output()
        .unwrap()
}

fn cases() -> Vec<PathBuf> {
    let mut cases = Vec::new();
    for set in fs::read_dir(fixtures()).unwrap() {
        let set = set.unwrap().path();
        if set.is_dir() {
            cases.extend(
                fs::read_dir(set)
                    .unwrap()
                    .map(|file| file.unwrap().path())
                    .filter(|file| file.extension().is_some_and(|found| found == "nix"))
                    .filter(|file| !file.ends_with("default.nix")),
            );
        }
    }
    cases.sort();
    assert!(cases.len() > 10);
    cases
}

#[test]
fn every_configuration_comes_to_what_it_should() {
    for case in cases() {
        let expected = fs::read_to_string(case.with_extension("exp")).unwrap();
        let attribute = fs::read_to_string(case.with_file_name("attribute")).unwrap();
        let output = modules(&case, &["-A", attribute.trim()]);
        let said = String::from_utf8_lossy(&output.stderr);
        let name = case.display();
        if let Ok(expected) = serde_json::from_str::<Value>(&expected) {
            assert!(output.status.success(), "{name}: {said}");
            let value: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(value, expected, "{name}");
        } else {
            // Assertions that do not hold, a line each.
            assert_eq!(output.status.code(), Some(1), "{name}");
            assert!(output.stdout.is_empty(), "{name}");
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            for message in expected.lines() {
                assert!(said.contains(message), "{name}: {said}");
            }
        }
    }
}

#[test]
fn a_path_leads_into_submodules_and_definitions_tell_where_they_are() {
    let case = fixtures().join("confinement/chroot-only.nix");
    let output = modules(
        &case,
        &[
            "--definitions",
            "-A",
            "systemd.services.greeter.confinement",
        ],
    );
    let options: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mode = &options["systemd.services.greeter.confinement.mode"];
    assert_eq!(mode["value"], "\"chroot-only\"");
    let position = &mode["definitions"][0]["position"];
    assert_eq!(position["line"], 7);
    assert!(
        position["file"]
            .as_str()
            .unwrap()
            .ends_with("chroot-only.nix")
    );
}

/// A script from the result of a configuration.
fn script(case: &str, path: &str) -> String {
    let output = modules(&fixtures().join(case), &["-A", path]);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn stage_1_goes_on_where_the_target_has_an_init_and_stops_where_not() {
    let script = script("stage-1/profile.nix", "boot.initrd.stage1Script");
    let goes_on = |prepare: &dyn Fn(&Path)| {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("nix/var/profiles")).unwrap();
        prepare(root.path());
        let output = Command::new("sh")
            .args(["-c", &script])
            .env("targetRoot", root.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(said.contains("going to"), output.status.success());
        output.status.success()
    };
    let system = |root: &Path| {
        let system = root.join("nix/store/0-system");
        fs::create_dir_all(&system).unwrap();
        fs::write(system.join("init"), "").unwrap();
    };
    // Links that mean something in the target only, one of them relative.
    assert!(goes_on(&|root| {
        system(root);
        symlink("system-1", root.join("nix/var/profiles/system")).unwrap();
        symlink(
            "/nix/store/0-system",
            root.join("nix/var/profiles/system-1"),
        )
        .unwrap();
    }));
    assert!(goes_on(&|root| {
        fs::create_dir_all(root.join("nix/var/profiles/system")).unwrap();
        fs::write(root.join("nix/var/profiles/system/init"), "").unwrap();
    }));
    assert!(!goes_on(&|_| {}), "nothing is there");
    assert!(
        !goes_on(&|root| {
            symlink("/nix/store/0-system", root.join("nix/var/profiles/system")).unwrap();
        }),
        "a link to nothing"
    );
    assert!(
        !goes_on(&|root| {
            // Something that is there out here, and not in the target.
            symlink("/", root.join("nix/var/profiles/system")).unwrap();
        }),
        "a link to somewhere without an init"
    );
    assert!(
        !goes_on(&|root| symlink("system", root.join("nix/var/profiles/system")).unwrap()),
        "a link to itself"
    );
}

/// Runs an opening script with a `cryptsetup` that takes the passphrase `secret`, and
/// tells what it was called with to open devices.
fn opened(script: &str, already_open: &[&str], typed: &str) -> (bool, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let program = folder.path().join("cryptsetup");
    let open = already_open.join("|");
    fs::write(
        &program,
        format!(
            "#!/bin/sh\ncase $1 in\nstatus) case $2 in {}) exit 0;; esac; exit 1;;\nesac\n\
             echo \"$@\" >> {log}\n\
             case $* in *--key-file=-*) [ \"$(cat)\" = secret ];; esac\n",
            if open.is_empty() { "-" } else { &open },
            log = log.display()
        ),
    )
    .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let input = folder.path().join("typed");
    fs::write(&input, typed).unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", script])
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .stdin(fs::File::open(&input).unwrap())
        .output()
        .unwrap();
    let calls = fs::read_to_string(&log).unwrap_or_default();
    let calls = calls.lines().map(str::to_owned).collect();
    (output.status.success(), calls)
}

#[test]
fn a_passphrase_is_reused_unless_that_is_switched_off() {
    let reuse = script("luks/reuse.nix", "boot.initrd.openingScript");
    let (went_well, calls) = opened(&reuse, &[], "secret\n");
    assert!(went_well, "one passphrase opens both");
    assert_eq!(calls.len(), 2);
    assert!(calls[1].contains("--allow-discards"));
    let (went_well, calls) = opened(&reuse, &[], "wrong\nsecret\n");
    assert!(went_well, "there is another try");
    assert_eq!(calls.len(), 3);

    let no_reuse = script("luks/no-reuse.nix", "boot.initrd.openingScript");
    assert!(
        !opened(&no_reuse, &[], "secret\n").0,
        "it is asked for twice"
    );
    let (went_well, calls) = opened(&no_reuse, &[], "secret\nsecret\n");
    assert!(went_well);
    assert!(calls[0].contains("--key-file /crypto/key /dev/disk/by-label/it's data data-1"));
}

#[test]
fn a_device_that_is_open_already_is_left_alone() {
    let reuse = script("luks/reuse.nix", "boot.initrd.openingScript");
    let (went_well, calls) = opened(&reuse, &["root", "swap"], "");
    assert!(went_well && calls.is_empty(), "{calls:?}");
    let (went_well, calls) = opened(&reuse, &["root"], "secret\n");
    assert!(went_well);
    assert_eq!(calls.len(), 1);
}
