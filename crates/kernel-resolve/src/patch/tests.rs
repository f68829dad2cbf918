use std::io;
use std::sync::Arc;

use kconfig::MemoryFiles;

use super::*;
use crate::source::SourceTree;

impl SourceTree for MemoryFiles {
    fn list(&self, _: &str) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

fn tree(kconfig: &str) -> Source {
    let files: MemoryFiles = [("Kconfig", "# top\n"), ("drivers/Kconfig", kconfig)]
        .into_iter()
        .collect();
    Source::of_files("tree", "/tree", Arc::new(files)).unwrap()
}

fn apply(tree: &Source, patch: &str) -> (Source, Outcome) {
    let mut patcher = Patcher::new(tree);
    let outcome = patcher.apply(patch.as_bytes()).unwrap();
    (patcher.finish().unwrap(), outcome)
}

fn patched(kconfig: &str, patch: &str) -> (String, Vec<String>) {
    let (source, outcome) = apply(&tree(kconfig), patch);
    let content = source.read("drivers/Kconfig").unwrap().unwrap();
    let texts = outcome.problems.iter().map(Problem::to_string).collect();
    (String::from_utf8(content.to_vec()).unwrap(), texts)
}

const LINES: &str = "a\nb\nc\nd\ne\nf\ng\n";
const PATCH: &str = "From someone\n\n---\n drivers/Kconfig | 1 +\n\ndiff --git a/drivers/Kconfig b/drivers/Kconfig\n\
                     --- a/drivers/Kconfig\n+++ b/drivers/Kconfig\n@@ -2,5 +2,6 @@ menu\n b\n c\n-d\n+D\n+new\n e\n f\n-- \n2.47\n";

#[test]
fn a_hunk_replaces_lines() {
    assert_eq!(
        patched(LINES, PATCH),
        ("a\nb\nc\nD\nnew\ne\nf\ng\n".to_owned(), vec![])
    );
}

#[test]
fn a_hunk_is_found_elsewhere_and_with_other_context() {
    let moved = format!("x\ny\nz\n{LINES}");
    assert_eq!(
        patched(&moved, PATCH).0,
        "x\ny\nz\na\nb\nc\nD\nnew\ne\nf\ng\n"
    );
    let other = "a\nB\nc\nd\ne\nF\ng\n";
    assert_eq!(patched(other, PATCH).0, "a\nB\nc\nD\nnew\ne\nF\ng\n");
}

#[test]
fn what_does_not_fit_is_told() {
    let (text, rejected) = patched("a\nb\n", PATCH);
    assert_eq!(text, "a\nb\n");
    assert_eq!(
        rejected,
        ["hunk #1 does not apply to drivers/Kconfig, at line 2"]
    );
    let missing = PATCH.replace("drivers/Kconfig", "net/Kconfig");
    assert_eq!(
        patched(LINES, &missing).1,
        ["there is no net/Kconfig in the tree"]
    );
}

#[test]
fn files_are_made_and_taken_away() {
    let made =
        "--- /dev/null\n+++ b/fs/new/Kconfig\n@@ -0,0 +1,2 @@\n+config NEW\n+\tbool \"New\"\n";
    let (source, outcome) = apply(&tree(LINES), made);
    assert_eq!(outcome.problems, []);
    let content = source.read("fs/new/Kconfig").unwrap().unwrap();
    assert_eq!(&*content, b"config NEW\n\tbool \"New\"\n");
    let gone =
        "--- a/drivers/Kconfig\n+++ /dev/null\n@@ -1,7 +0,0 @@\n-a\n-b\n-c\n-d\n-e\n-f\n-g\n";
    let (source, outcome) = apply(&tree(LINES), gone);
    assert_eq!(outcome.problems, []);
    assert_eq!(source.read("drivers/Kconfig").unwrap(), None);
}

#[test]
fn several_patches_build_on_each_other_and_folders_show_what_they_bring() {
    let made = "--- /dev/null\n+++ b/fs/new/Kconfig\n@@ -0,0 +1 @@\n+config NEW\n";
    let more =
        "--- a/fs/new/Kconfig\n+++ b/fs/new/Kconfig\n@@ -1 +1,2 @@\n config NEW\n+config NEWER\n";
    let tree = tree(LINES);
    let mut patcher = Patcher::new(&tree);
    for patch in [made, more] {
        assert_eq!(patcher.apply(patch.as_bytes()).unwrap().problems, []);
    }
    let source = patcher.finish().unwrap();
    let content = source.read("fs/new/Kconfig").unwrap().unwrap();
    assert_eq!(&*content, b"config NEW\nconfig NEWER\n");
    assert_eq!(source.files().list("fs").unwrap(), ["new"]);
    assert_eq!(source.files().list("fs/new").unwrap(), ["Kconfig"]);
}

#[test]
fn definitions_that_come_and_go_are_named_with_their_hunk() {
    let before = "menuconfig GONE\n\tbool\nconfig KEPT\n";
    let patch = "--- a/drivers/Kconfig\n+++ b/drivers/Kconfig\n@@ -1,3 +1,3 @@\n-menuconfig GONE\n+config COME\n \tbool\n config KEPT\n";
    let (_, outcome) = apply(&tree(before), patch);
    let names = |lines: &[OptionLine]| -> Vec<(String, usize, String)> {
        let shown = |line: &OptionLine| patch[line.span.clone()].to_owned();
        lines
            .iter()
            .map(|line| (line.name.clone(), line.hunk, shown(line)))
            .collect()
    };
    let only = |name: &str| vec![(name.to_owned(), 1, name.to_owned())];
    assert_eq!(names(&outcome.removed), only("GONE"));
    assert_eq!(names(&outcome.added), only("COME"));
}

#[test]
fn a_hunk_that_does_not_fit_is_shown_with_what_is_there() {
    let other = LINES.replace("d\n", "other\n");
    let (_, outcome) = apply(&tree(&other), PATCH);
    let [problem] = &outcome.problems[..] else {
        panic!("{:?}", outcome.problems);
    };
    let Reason::Hunk { mismatch, .. } = &problem.reason else {
        panic!("{problem:?}");
    };
    assert_eq!(&PATCH[mismatch.wanted.clone().unwrap()], "-d\n");
    assert_eq!(&mismatch.content[mismatch.found.clone()], b"other\n");
}

#[test]
fn what_is_there_already_and_what_is_no_patch_is_told() {
    let done = patched(LINES, PATCH).0;
    let (text, problems) = patched(&done, PATCH);
    assert_eq!(text, done);
    assert_eq!(
        problems,
        ["the tree has what it does to drivers/Kconfig already"]
    );
    assert_eq!(
        patched(LINES, "Dear reader,\n").1,
        ["there is no patch in it"]
    );
    let short = "--- a/drivers/Kconfig\n+++ b/drivers/Kconfig\n@@ -1,9 +1,9 @@\n a\n";
    assert_eq!(patched(LINES, short).1, ["the patch ends within a hunk"]);
}

#[test]
fn looking_for_a_place_ends() {
    // Each line of each could be where the other begins.
    let file = "\n".repeat(60_000);
    let lines = " \n".repeat(40_000);
    let patch = format!(
        "--- a/drivers/Kconfig\n+++ b/drivers/Kconfig\n@@ -30000,40001 +30000,40001 @@\n{lines}-x\n+y\n"
    );
    let (text, problems) = patched(&file, &patch);
    assert_eq!(text, file);
    assert_eq!(problems.len(), 1);
}
