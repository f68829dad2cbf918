//! Archives of all kinds, made here.

use super::{ArchiveError, ArchiveLimits, FileSource, TreeFiles, read_archive};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const LIMITS: ArchiveLimits = ArchiveLimits {
    unpacked: 1 << 20,
    kept: 1 << 16,
    file: 1 << 12,
    entries: 100,
};

/// A small tree below a folder, as kernels are packed.
const TREE: &[(&str, &str)] = &[
    (
        "linux-6.12/Kconfig",
        "source \"init/Kconfig\"\nsource \"lib/options\"\n",
    ),
    ("linux-6.12/Makefile", "VERSION = 6\n"),
    ("linux-6.12/README", "nothing of use\n"),
    (
        "linux-6.12/arch/x86/configs/x86_64_defconfig",
        "CONFIG_A=y\n",
    ),
    ("linux-6.12/init/Kconfig", "config A\n\tbool \"A\"\n"),
    (
        "linux-6.12/lib/options",
        "config B\n\tbool \"B\"\nsource \"lib/more options\"\n",
    ),
    ("linux-6.12/lib/more options", "config C\n\tbool \"C\"\n"),
    ("linux-6.12/scripts/cc-version.sh", "#!/bin/sh\n"),
];

fn add(tar: &mut tar::Builder<Vec<u8>>, name: &str, content: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    let is_script = name.contains("/scripts/");
    header.set_mode(if is_script { 0o755 } else { 0o644 });
    tar.append_data(&mut header, name, content).unwrap();
}

fn add_link(tar: &mut tar::Builder<Vec<u8>>, kind: tar::EntryType, name: &str, target: &str) {
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    header.set_entry_type(kind);
    tar.append_link(&mut header, name, target).unwrap();
}

fn tree() -> tar::Builder<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in TREE {
        add(&mut tar, name, content.as_bytes());
    }
    tar
}

fn tarball() -> Vec<u8> {
    tree().into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A package with these members.
fn package(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut package = b"!<arch>\n".to_vec();
    for (name, content) in members {
        let header = format!(
            "{name:16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
            0,
            0,
            0,
            100_644,
            content.len()
        );
        package.extend_from_slice(header.as_bytes());
        package.extend_from_slice(content);
        if content.len() % 2 == 1 {
            package.push(b'\n');
        }
    }
    package
}

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, content: &[u8]) -> PathBuf {
        let path = self.0.path().join("archive");
        fs::write(&path, content).unwrap();
        path
    }

    fn cache(&self) -> PathBuf {
        self.0.path().join("cache")
    }
}

fn read(content: &[u8]) -> Result<TreeFiles, ArchiveError> {
    let place = Place::new();
    Ok(read_archive(&place.file(content), &LIMITS, None)?.files)
}

fn text(tree: &TreeFiles, name: &str) -> Option<String> {
    let content = tree.read(name).unwrap()?;
    Some(String::from_utf8(content.to_vec()).unwrap())
}

#[test]
fn every_packing_gives_the_same_files() {
    let tar = tarball();
    let plain = read(&tar).unwrap();
    let names: Vec<&str> = plain.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "Kconfig",
            "Makefile",
            "arch/x86/configs/x86_64_defconfig",
            "init/Kconfig",
            // Not what a Kconfig file is called, but named by one.
            "lib/more options",
            "lib/options",
            "scripts/cc-version.sh",
        ]
    );
    assert!(plain.get("scripts/cc-version.sh").unwrap().is_executable);
    assert_eq!(plain.list("arch"), ["x86"]);
    assert_eq!(plain.list("none"), [""; 0]);

    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&tar).unwrap();
    let mut source_package = tar::Builder::new(Vec::new());
    add(&mut source_package, "./usr/share/doc/copyright", b"text");
    add(
        &mut source_package,
        "./usr/src/linux-source-6.12.tar.xz",
        &xz(&tar),
    );
    let data = xz(&source_package.into_inner().unwrap());
    for (kind, packed) in [
        ("gzip", gzip(&tar)),
        ("xz", xz(&tar)),
        ("zstd", zstd::encode_all(&tar[..], 1).unwrap()),
        ("bzip2", bzip2.finish().unwrap()),
        (
            "deb",
            package(&[("debian-binary", b"2.0"), ("data.tar.xz", &data)]),
        ),
        ("deb, unpacked", package(&[("data.tar/", &tar)])),
    ] {
        assert_eq!(read(&packed).unwrap(), plain, "{kind}");
    }
}

#[test]
fn names_may_be_long_and_begin_with_the_place_of_the_tree() {
    let mut tar = tree();
    let long = format!("linux-6.12/{}/Kconfig", "folder/".repeat(40));
    add(&mut tar, &long, b"config D\n");
    let mut pax = tree();
    pax.append_pax_extensions([("path", long.as_bytes())])
        .unwrap();
    add(&mut pax, "shortened", b"config D\n");
    for tar in [tar, pax] {
        let tree = read(&tar.into_inner().unwrap()).unwrap().at("/place/");
        let name = long.replace("linux-6.12", "/place");
        assert_eq!(text(&tree, &name).as_deref(), Some("config D\n"));
        assert_eq!(
            text(&tree, "/place/./lib/../Makefile").as_deref(),
            Some("VERSION = 6\n")
        );
        assert_eq!(text(&tree, "/elsewhere/Makefile"), None);
    }
}

#[test]
fn links_lead_to_files_within_and_nowhere_else() {
    let mut tar = tree();
    let symlink = tar::EntryType::Symlink;
    add_link(&mut tar, symlink, "linux-6.12/vendor", "init");
    add_link(
        &mut tar,
        symlink,
        "linux-6.12/arch/Kconfig",
        "../init/Kconfig",
    );
    add_link(&mut tar, symlink, "linux-6.12/outside", "../../etc/passwd");
    add_link(&mut tar, symlink, "linux-6.12/absolute", "/etc/passwd");
    add_link(&mut tar, symlink, "linux-6.12/round", "round");
    add_link(
        &mut tar,
        tar::EntryType::Link,
        "linux-6.12/hard",
        "linux-6.12/Makefile",
    );
    let tree = read(&tar.into_inner().unwrap()).unwrap();
    let option = "config A\n\tbool \"A\"\n";
    for (name, expected) in [
        ("vendor/Kconfig", Some(option)),
        ("arch/Kconfig", Some(option)),
        ("hard", Some("VERSION = 6\n")),
        ("outside", None),
        ("absolute", None),
        ("round", None),
        ("../linux-6.12/Makefile", None),
        ("/etc/passwd", None),
    ] {
        assert_eq!(text(&tree, name).as_deref(), expected, "{name}");
    }
}

#[test]
fn entries_that_lead_outside_are_no_files() {
    let mut tar = tree();
    // The builder refuses such names; an attacker would not.
    let mut header = tar::Header::new_gnu();
    let name = b"../Kconfig";
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
    header.set_size(4);
    header.set_cksum();
    tar.append(&header, &b"evil"[..]).unwrap();
    let tree = read(&tar.into_inner().unwrap()).unwrap();
    assert!(tree.iter().all(|(_, file)| &*file.content != b"evil"));
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let refused = |content: &[u8], expected: &str| {
        let error = read(content).unwrap_err().to_string();
        assert_eq!(error, expected);
    };
    // A bomb: hardly anything unpacks to a lot.
    let mut tar = tree();
    add(&mut tar, "linux-6.12/zeros", &vec![0; 4 << 20]);
    let bomb = tar.into_inner().unwrap();
    for packed in [gzip(&bomb), xz(&bomb), gzip(&gzip(&bomb))] {
        refused(&packed, "it unpacks to more than is allowed");
    }
    let mut tar = tree();
    add(&mut tar, "linux-6.12/large/Kconfig", &vec![b'#'; 1 << 13]);
    refused(
        &tar.into_inner().unwrap(),
        "it holds more than 4096 bytes in one file that configuration needs",
    );
    let mut tar = tree();
    for number in 0..40 {
        add(
            &mut tar,
            &format!("linux-6.12/{number}/Kconfig"),
            &vec![b'#'; 1 << 11],
        );
    }
    refused(
        &tar.into_inner().unwrap(),
        "it holds more than 65536 bytes that configuration needs",
    );
    let mut tar = tree();
    for number in 0..100 {
        add(&mut tar, &format!("linux-6.12/{number}"), b"");
    }
    refused(&tar.into_inner().unwrap(), "it holds more than 100 files");
    // A name that does not end.
    let mut tar = tree();
    let mut header = tar::Header::new_gnu();
    header.set_path("././@LongLink").unwrap();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(1 << 17);
    header.set_cksum();
    tar.append(&header, &vec![b'a'; 1 << 17][..]).unwrap();
    refused(
        &tar.into_inner().unwrap(),
        "it holds more than 65536 bytes in one name",
    );
    // Packed again and again.
    let mut packed = tarball();
    for _ in 0..10 {
        packed = gzip(&packed);
    }
    assert!(matches!(read(&packed), Err(ArchiveError::Unknown)));
}

#[test]
fn what_is_no_tree_is_told() {
    assert!(matches!(read(b""), Err(ArchiveError::Unknown)));
    assert!(matches!(read(b"some text"), Err(ArchiveError::Unknown)));
    let mut tar = tar::Builder::new(Vec::new());
    add(&mut tar, "README", b"text");
    assert!(matches!(
        read(&tar.into_inner().unwrap()),
        Err(ArchiveError::NoKconfig)
    ));
    let whole = tarball();
    assert!(matches!(read(&whole[..2000]), Err(ArchiveError::Io(_))));
    let packed = xz(&whole);
    assert!(matches!(
        read(&packed[..packed.len() / 2]),
        Err(ArchiveError::Io(_))
    ));
    let cut = package(&[("data.tar", &whole)]);
    assert!(matches!(read(&cut[..40]), Err(ArchiveError::Io(_))));
    assert!(matches!(
        read(&package(&[("control.tar", b"text")])),
        Err(ArchiveError::Io(_))
    ));
}

fn read_kept(path: &Path, cache: &Path) -> (TreeFiles, Option<String>) {
    let tree = read_archive(path, &LIMITS, Some(cache)).unwrap();
    (tree.files, tree.warning)
}

#[test]
fn an_archive_is_read_once_and_again_when_it_changed() {
    let place = Place::new();
    let path = place.file(&gzip(&tarball()));
    let (first, _) = read_kept(&path, &place.cache());
    // What is kept is what is read: other files there would be found.
    let bundle = fs::read_dir(place.cache())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let written = bundle.metadata().unwrap().len();
    let (second, warning) = read_kept(&path, &place.cache());
    assert_eq!((&second, &warning), (&first, &None));
    assert_eq!(bundle.metadata().unwrap().len(), written);

    let mut tar = tree();
    add(&mut tar, "linux-6.12/new/Kconfig", b"config NEW\n");
    let path = place.file(&gzip(&tar.into_inner().unwrap()));
    let (changed, _) = read_kept(&path, &place.cache());
    assert_eq!(
        text(&changed, "new/Kconfig").as_deref(),
        Some("config NEW\n")
    );
}

#[test]
fn a_damaged_bundle_is_told_and_written_anew() {
    let place = Place::new();
    let path = place.file(&tarball());
    let (first, _) = read_kept(&path, &place.cache());
    let bundle = fs::read_dir(place.cache())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let whole = fs::read(&bundle).unwrap();
    let mut altered = whole.clone();
    *altered.last_mut().unwrap() ^= 1;
    for damaged in [altered, whole[..whole.len() - 1].to_vec(), Vec::new()] {
        fs::write(&bundle, damaged).unwrap();
        let (again, warning) = read_kept(&path, &place.cache());
        assert_eq!(again, first);
        assert!(warning.unwrap().ends_with("is not used: it is damaged"));
        assert_eq!(read_kept(&path, &place.cache()).1, None);
    }
}

#[test]
fn many_at_once_leave_a_whole_bundle() {
    let place = Place::new();
    let path = place.file(&tarball());
    let (first, _) = read_kept(&path, &place.cache());
    fs::remove_dir_all(place.cache()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(read_kept(&path, &place.cache()), (first.clone(), None)));
        }
    });
    assert_eq!(fs::read_dir(place.cache()).unwrap().count(), 1);
    assert_eq!(read_kept(&path, &place.cache()), (first, None));
}
