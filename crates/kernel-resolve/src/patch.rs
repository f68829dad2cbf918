//! Patches on a source tree, applied in memory: the hunks of a unified diff on files that
//! configuration is made from, as `patch -p1` applies them, with its fuzz and offsets.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use kconfig::FileSource;

use crate::error::{Error, Result};
use crate::source::{Source, SourceTree};

/// A part of a patch that could not be applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejected {
    /// The file that it is about.
    pub file: String,
    /// Why.
    pub reason: Reason,
}

/// Why a part of a patch could not be applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// There is no such file in the tree.
    NoFile,
    /// A hunk does not fit.
    Hunk {
        /// Which one of the file's hunks, from 1.
        number: usize,
        /// The line that it is meant for.
        line: usize,
    },
    /// The file that is to be made is there already.
    Exists,
}

impl Rejected {
    /// What is wrong, in one line.
    pub fn text(&self) -> String {
        let file = &self.file;
        match &self.reason {
            Reason::NoFile => format!("there is no {file} in the tree"),
            Reason::Hunk { number, line } => {
                format!("hunk #{number} does not apply to {file}, at line {line}")
            }
            Reason::Exists => format!("{file} is to be made, and is in the tree already"),
        }
    }
}

/// A tree with other files in front.
struct Patched {
    below: Arc<dyn SourceTree>,
    /// `None` where the file is taken away.
    files: BTreeMap<String, Option<Arc<[u8]>>>,
}

impl FileSource for Patched {
    fn read(&self, name: &str) -> io::Result<Option<Arc<[u8]>>> {
        match self.files.get(name) {
            Some(content) => Ok(content.clone()),
            None => self.below.read(name),
        }
    }
}

impl SourceTree for Patched {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = self.below.list(folder)?;
        for (path, content) in &self.files {
            let Some((above, name)) = path.rsplit_once('/') else {
                continue;
            };
            if above == folder.trim_end_matches('/') {
                names.retain(|known| known != name);
                names.extend(content.is_some().then(|| name.to_owned()));
            }
        }
        names.sort();
        Ok(names)
    }
}

/// Applies a patch to a tree: what fits, and what does not. Only files that configuration is made
/// from are looked at.
pub fn apply(source: &Source, patch: &[u8]) -> Result<(Source, Vec<Rejected>)> {
    let mut files: BTreeMap<String, Option<Arc<[u8]>>> = BTreeMap::new();
    let mut rejected = Vec::new();
    for change in changes(patch) {
        let (from, to) = (change.from.as_deref(), change.to.as_deref());
        let Some(name) = to.or(from).filter(|name| is_of_interest(name)) else {
            continue;
        };
        let read = |name: &str| match files.get(name) {
            Some(content) => Ok::<_, Error>(content.clone()),
            None => source.read(name),
        };
        // Without a rename both names are meant for one file.
        let origin = if change.is_rename {
            from
        } else {
            from.and(Some(name))
        };
        let before = match origin {
            Some(origin) => {
                let Some(content) = read(origin)? else {
                    rejected.push(Rejected {
                        file: origin.to_owned(),
                        reason: Reason::NoFile,
                    });
                    continue;
                };
                content
            }
            None if read(name)?.is_some_and(|content| !content.is_empty()) => {
                rejected.push(Rejected {
                    file: name.to_owned(),
                    reason: Reason::Exists,
                });
                continue;
            }
            None => Arc::from(Vec::new()),
        };
        let mut lines: Vec<Cow<'_, [u8]>> = split(&before).map(Cow::Borrowed).collect();
        let mut moved = Placement::default();
        for (index, hunk) in change.hunks.iter().enumerate() {
            if !moved.apply(&mut lines, hunk) {
                rejected.push(Rejected {
                    file: name.to_owned(),
                    reason: Reason::Hunk {
                        number: index + 1,
                        line: hunk.line,
                    },
                });
            }
        }
        let after: Vec<u8> = lines.concat();
        if let (true, Some(from)) = (change.is_rename, from) {
            files.insert(from.to_owned(), None);
        }
        files.insert(name.to_owned(), to.is_some().then(|| Arc::from(after)));
    }
    let below = Arc::clone(source.files());
    let patched = Source::of_files(
        source.name(),
        source.location(),
        Arc::new(Patched { below, files }),
    )?;
    Ok((patched, rejected))
}

/// Whether a file bears on configuration.
fn is_of_interest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_arch_makefile = name == "Makefile"
        && (path == "Makefile" || path.starts_with("arch/") && path.matches('/').count() == 2);
    name.starts_with("Kconfig")
        || name.ends_with("Kconfig")
        || path.contains("/configs/")
        || is_arch_makefile
}

/// What a patch does to one file.
#[derive(Default)]
struct Change<'p> {
    from: Option<String>,
    to: Option<String>,
    is_rename: bool,
    hunks: Vec<Hunk<'p>>,
}

struct Hunk<'p> {
    /// The line that it is meant for, from 1; 0 for an empty file.
    line: usize,
    lines: Vec<(Kind, &'p [u8])>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Context,
    Removed,
    Added,
}

/// Lines with their ends.
fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n')
}

/// Reads a unified diff; what is no part of one is a comment.
fn changes(patch: &[u8]) -> Vec<Change<'_>> {
    let mut changes: Vec<Change<'_>> = Vec::new();
    let mut rename = false;
    let mut from = None;
    let mut lines = split(patch).peekable();
    while let Some(line) = lines.next() {
        if line.starts_with(b"diff ") {
            rename = false;
        } else if line.starts_with(b"rename from ") {
            rename = true;
        } else if let Some(name) = line.strip_prefix(b"--- ") {
            from = Some(file_name(name));
        } else if let (Some(name), Some(old)) = (line.strip_prefix(b"+++ "), from.take()) {
            changes.push(Change {
                from: old,
                to: file_name(name),
                is_rename: rename,
                hunks: Vec::new(),
            });
        } else if let (Some((line, mut old, mut new)), Some(change)) =
            (hunk_header(line), changes.last_mut())
        {
            let mut hunk = Hunk {
                line,
                lines: Vec::new(),
            };
            while old > 0 || new > 0 {
                let Some(line) = lines.next() else { break };
                let (kind, text) = match line {
                    [b'+', text @ ..] => (Kind::Added, text),
                    [b'-', text @ ..] => (Kind::Removed, text),
                    [b' ', text @ ..] => (Kind::Context, text),
                    [b'\\', ..] => continue,
                    // A blank at the end of a line gets lost on the way.
                    text => (Kind::Context, text),
                };
                old = old.saturating_sub(usize::from(kind != Kind::Added));
                new = new.saturating_sub(usize::from(kind != Kind::Removed));
                hunk.lines.push((kind, text));
            }
            // A last line without an end.
            if lines.peek().is_some_and(|line| line.starts_with(b"\\"))
                && let Some((_, text)) = hunk.lines.last_mut()
            {
                *text = text.strip_suffix(b"\n").unwrap_or(text);
            }
            change.hunks.push(hunk);
        }
    }
    changes
}

/// A name behind `---` or `+++` without its first part; none for `/dev/null`.
fn file_name(text: &[u8]) -> Option<String> {
    let name = text
        .split(|byte| matches!(byte, b'\t' | b'\n' | b'\r'))
        .next()?;
    let name = String::from_utf8_lossy(name);
    let name = name.trim();
    if name == "/dev/null" {
        return None;
    }
    name.split_once('/').map(|(_, rest)| rest.to_owned())
}

/// `@@ -LINE,OLD +LINE,NEW @@`: the line, and how many lines there are before and after.
fn hunk_header(line: &[u8]) -> Option<(usize, usize, usize)> {
    let text = std::str::from_utf8(line.strip_prefix(b"@@ -")?).ok();
    // What follows may be in any encoding.
    let lossy = String::from_utf8_lossy(line.strip_prefix(b"@@ -")?);
    let text = text.unwrap_or(&lossy);
    let (old, rest) = text.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let range = |text: &str| -> Option<(usize, usize)> {
        match text.split_once(',') {
            Some((line, count)) => Some((line.parse().ok()?, count.parse().ok()?)),
            None => Some((text.parse().ok()?, 1)),
        }
    };
    let (line, old) = range(old)?;
    let (_, new) = range(new)?;
    Some((line, old, new))
}

/// How much fuzz `patch` allows.
const FUZZ_LIMIT: usize = 2;

/// How far hunks are moved, and what lies behind.
#[derive(Default)]
struct Placement {
    /// How much later than it says the last hunk was found, and how many lines it added.
    offset: isize,
    /// Lines before this are done with.
    frozen: usize,
}

impl Placement {
    fn apply<'p>(&mut self, lines: &mut Vec<Cow<'p, [u8]>>, hunk: &Hunk<'p>) -> bool {
        let leading = count(hunk.lines.iter());
        let trailing = count(hunk.lines.iter().rev());
        let context = leading.max(trailing);
        for fuzz in 0..=FUZZ_LIMIT.min(context) {
            // With less context on one side the hunk belongs to that end of the file.
            let (Some(prefix), suffix) = (
                (fuzz + leading).checked_sub(context).or(Some(0)),
                (fuzz + trailing).saturating_sub(context),
            ) else {
                continue;
            };
            let at_start = fuzz + leading < context;
            let at_end = fuzz + trailing < context;
            let kept = &hunk.lines[prefix..hunk.lines.len() - suffix];
            let old: Vec<&[u8]> = kept
                .iter()
                .filter(|(kind, _)| *kind != Kind::Added)
                .map(|&(_, text)| text)
                .collect();
            let guess = (hunk.line.max(1) - 1 + prefix).checked_add_signed(self.offset);
            let Some(found) = self.find(lines, &old, guess.unwrap_or(0), at_start, at_end) else {
                continue;
            };
            let new = kept
                .iter()
                .filter(|(kind, _)| *kind != Kind::Removed)
                .map(|&(_, text)| Cow::Borrowed(text));
            let before = lines.len();
            lines.splice(found..found + old.len(), new);
            let grown = lines.len() as isize - before as isize;
            self.offset = found as isize - (hunk.line.max(1) - 1 + prefix) as isize + grown;
            self.frozen = (found + old.len()).saturating_add_signed(grown);
            return true;
        }
        false
    }

    /// The place nearest to `guess` where the lines stand, the later one first.
    fn find(
        &self,
        lines: &[Cow<'_, [u8]>],
        old: &[&[u8]],
        guess: usize,
        at_start: bool,
        at_end: bool,
    ) -> Option<usize> {
        let last = lines.len().checked_sub(old.len())?;
        let fits = |at: usize| {
            at >= self.frozen
                && at <= last
                && lines[at..at + old.len()]
                    .iter()
                    .zip(old)
                    .all(|(line, old)| same(line, old))
        };
        if at_start {
            return (self.frozen == 0 && fits(0) && (!at_end || last == 0)).then_some(0);
        }
        if at_end {
            return fits(last).then_some(last);
        }
        (0..=lines.len())
            .flat_map(|distance| [guess.checked_add(distance), guess.checked_sub(distance)])
            .flatten()
            .find(|&at| fits(at))
    }
}

/// Whether two lines are one but for the end of the last.
fn same(line: &[u8], other: &[u8]) -> bool {
    line.strip_suffix(b"\n").unwrap_or(line) == other.strip_suffix(b"\n").unwrap_or(other)
}

/// How many lines of context there are before something is changed.
fn count<'a>(lines: impl Iterator<Item = &'a (Kind, &'a [u8])>) -> usize {
    lines.take_while(|(kind, _)| *kind == Kind::Context).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kconfig::MemoryFiles;

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

    fn patched(kconfig: &str, patch: &str) -> (String, Vec<String>) {
        let (source, rejected) = apply(&tree(kconfig), patch.as_bytes()).unwrap();
        let content = source.read("drivers/Kconfig").unwrap().unwrap();
        let texts = rejected.iter().map(Rejected::text).collect();
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
        let (source, rejected) = apply(&tree(LINES), made.as_bytes()).unwrap();
        assert!(rejected.is_empty());
        let content = source.read("fs/new/Kconfig").unwrap().unwrap();
        assert_eq!(&*content, b"config NEW\n\tbool \"New\"\n");
        let gone =
            "--- a/drivers/Kconfig\n+++ /dev/null\n@@ -1,7 +0,0 @@\n-a\n-b\n-c\n-d\n-e\n-f\n-g\n";
        let (source, rejected) = apply(&tree(LINES), gone.as_bytes()).unwrap();
        assert!(rejected.is_empty());
        assert_eq!(source.read("drivers/Kconfig").unwrap(), None);
    }
}
