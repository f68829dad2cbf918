//! Patches as text: what `diff -u`, `git diff` and people write.

use std::collections::BTreeSet;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::random::Random;
use super::trees::{Files, with_crlf};

/// The manner in which a patch is written.
struct Manner {
    is_git: bool,
    context: usize,
    /// What stands behind names.
    times: bool,
    /// Git's hashes.
    hashes: bool,
    /// Names of the old files end with `.orig`.
    orig: bool,
}

/// The difference of two trees.
pub(super) fn patch(random: &mut Random, before: &Files, after: &Files) -> Vec<u8> {
    let is_git = !random.once_in(3);
    let manner = Manner {
        is_git,
        context: random.one_of(&[0, 1, 2, 3, 3, 3, 3, 5]),
        times: !is_git && random.once_in(2),
        hashes: random.once_in(2),
        orig: !is_git && random.once_in(8),
    };
    let (from, to) = if random.once_in(15) {
        (after, before)
    } else {
        (before, after)
    };
    let mut sections = sections(random, &manner, from, to);
    if random.once_in(20) && sections.len() > 1 {
        sections.reverse();
    }
    if random.once_in(20) && !sections.is_empty() {
        let again = sections[random.below(sections.len())].clone();
        sections.push(again);
    }
    let mut text = Vec::new();
    if random.once_in(2) {
        text.extend_from_slice(
            b"From: Somebody\nSubject: [PATCH] kconfig: change\n\n*** not a header ***\n\
              --- nor this\n---\n net/Kconfig | 2 +-\n\n",
        );
    }
    for section in sections {
        if random.once_in(10) {
            text.extend_from_slice(b"Only in a: something\n# a comment\n");
        }
        text.extend(section);
    }
    if random.once_in(3) {
        text.extend_from_slice(b"-- \n2.47.1\n\n");
    }
    mangled(random, text)
}

/// One part for each file that differs.
fn sections(random: &mut Random, manner: &Manner, from: &Files, to: &Files) -> Vec<Vec<u8>> {
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let gone: Vec<&String> = names
        .iter()
        .copied()
        .filter(|it| !to.contains_key(*it))
        .collect();
    let mut come: Vec<&String> = names
        .iter()
        .copied()
        .filter(|it| !from.contains_key(*it))
        .collect();
    let mut sections = Vec::new();
    let mut renamed = BTreeSet::new();
    if manner.is_git {
        for old in gone {
            if let Some(new) = come.pop() {
                renamed.insert(old);
                renamed.insert(new);
                let change = Change {
                    old_name: old,
                    new_name: new,
                    old: from.get(old).map(Vec::as_slice),
                    new: to.get(new).map(Vec::as_slice),
                    is_copy: random.once_in(4),
                };
                sections.push(change.write(random, manner));
            }
        }
    }
    for name in names {
        let (old, new) = (from.get(name), to.get(name));
        if old != new && !renamed.contains(name) {
            let change = Change {
                old_name: name,
                new_name: name,
                old: old.map(Vec::as_slice),
                new: new.map(Vec::as_slice),
                is_copy: false,
            };
            sections.push(change.write(random, manner));
        }
    }
    sections
}

/// What happens to a file.
struct Change<'a> {
    old_name: &'a str,
    new_name: &'a str,
    old: Option<&'a [u8]>,
    new: Option<&'a [u8]>,
    is_copy: bool,
}

impl Change<'_> {
    fn write(&self, random: &mut Random, manner: &Manner) -> Vec<u8> {
        let mut text = Vec::new();
        let mut line = |content: String| text.extend_from_slice(content.as_bytes());
        let (old_name, new_name) = (self.old_name, self.new_name);
        if manner.is_git {
            line(format!("diff --git a/{old_name} b/{new_name}\n"));
            if self.old.is_none() {
                line("new file mode 100644\n".to_owned());
            } else if self.new.is_none() {
                line("deleted file mode 100644\n".to_owned());
            } else if old_name != new_name {
                let how = if self.is_copy { "copy" } else { "rename" };
                line(format!(
                    "similarity index 90%\n{how} from {old_name}\n{how} to {new_name}\n"
                ));
            } else if random.once_in(15) {
                line("old mode 100644\nnew mode 100755\n".to_owned());
            }
            if manner.hashes {
                let hash = |content: Option<&[u8]>| match content {
                    None => "0000000",
                    Some([]) => "e69de29",
                    Some(_) => "1234567",
                };
                line(format!(
                    "index {}..{} 100644\n",
                    hash(self.old),
                    hash(self.new)
                ));
            }
        }
        let hunks = hunks(
            self.old.unwrap_or_default(),
            self.new.unwrap_or_default(),
            manner.context,
        );
        if hunks.is_empty() {
            return text;
        }
        if !manner.is_git && random.once_in(2) {
            text.extend_from_slice(format!("diff -u a/{old_name} b/{new_name}\n").as_bytes());
        }
        if !manner.is_git && random.once_in(10) {
            text.extend_from_slice(format!("Index: b/{new_name}\n").as_bytes());
        }
        let suffix = if manner.orig { ".orig" } else { "" };
        let time = |content: Option<&[u8]>, random: &mut Random| match (manner.times, content) {
            (false, _) => "",
            (true, None) => random.one_of(&[
                "\t1970-01-01 00:00:00.000000000 +0000",
                "\t1970-01-01 01:00:00.000000000 +0100",
                "\tThu Jan  1 00:00:00 1970",
            ]),
            (true, Some(_)) => "\t2025-03-04 05:06:07.000000000 +0000",
        };
        let has_null = manner.is_git || !manner.times;
        for (keyword, side, name, suffix, content) in [
            ("---", "a", old_name, suffix, self.old),
            ("+++", "b", new_name, "", self.new),
        ] {
            let header = if content.is_none() && has_null {
                format!("{keyword} /dev/null\n")
            } else {
                let time = time(content, random);
                format!("{keyword} {side}/{name}{suffix}{time}\n")
            };
            text.extend_from_slice(header.as_bytes());
        }
        text.extend(hunks.concat());
        text
    }
}

/// The hunks of a difference.
fn hunks(old: &[u8], new: &[u8], context: usize) -> Vec<Vec<u8>> {
    let lines = |content| -> Vec<&[u8]> {
        let content: &[u8] = content;
        content.split_inclusive(|&byte| byte == b'\n').collect()
    };
    let (old, new) = (lines(old), lines(new));
    let operations = capture_diff_slices(Algorithm::Myers, &old, &new);
    let groups = similar::group_diff_ops(operations, context);
    groups
        .iter()
        .filter_map(|group| hunk(group, &old, &new))
        .collect()
}

fn hunk(group: &[DiffOp], old: &[&[u8]], new: &[&[u8]]) -> Option<Vec<u8>> {
    let (first, last) = (group.first()?, group.last()?);
    let olds = first.old_range().start..last.old_range().end;
    let news = first.new_range().start..last.new_range().end;
    let range = |range: &std::ops::Range<usize>| match range.len() {
        0 => format!("{},0", range.start),
        1 => (range.start + 1).to_string(),
        count => format!("{},{count}", range.start + 1),
    };
    let mut text = format!("@@ -{} +{} @@ menu\n", range(&olds), range(&news)).into_bytes();
    let mut put = |mark: u8, line: &[u8]| {
        text.push(mark);
        text.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            text.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    };
    for operation in group {
        if matches!(operation, DiffOp::Equal { .. }) {
            for line in old.get(operation.old_range())? {
                put(b' ', line);
            }
            continue;
        }
        for line in old.get(operation.old_range())? {
            put(b'-', line);
        }
        for line in new.get(operation.new_range())? {
            put(b'+', line);
        }
    }
    Some(text)
}

/// What happens to patches on their way.
fn mangled(random: &mut Random, mut text: Vec<u8>) -> Vec<u8> {
    match random.below(40) {
        0 => with_crlf(&text),
        1 => {
            // Blanks at the ends of lines are lost.
            let lines = text.split(|&byte| byte == b'\n');
            let trimmed: Vec<&[u8]> = lines.map(<[u8]>::trim_ascii_end).collect();
            trimmed.join(&b'\n')
        }
        2 => {
            let kept = text.len().saturating_sub(random.below(60));
            text.truncate(kept);
            text
        }
        3 => {
            let lines = text.split_inclusive(|&byte| byte == b'\n');
            let indented: Vec<Vec<u8>> = lines.map(|line| [b"  ", line].concat()).collect();
            indented.concat()
        }
        4 => {
            let mut lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
            if !lines.is_empty() {
                lines.remove(random.below(lines.len()));
            }
            lines.concat()
        }
        5 => {
            // Line numbers that are wrong.
            let mut lines: Vec<Vec<u8>> = text
                .split_inclusive(|&byte| byte == b'\n')
                .map(<[u8]>::to_vec)
                .collect();
            for line in &mut lines {
                if line.starts_with(b"@@ -") && random.once_in(2) {
                    line.insert(4, b'1');
                }
            }
            lines.concat()
        }
        _ => text,
    }
}
