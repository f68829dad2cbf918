//! Applying a patch, part by part.

use std::sync::Arc;

use super::files::{Entry, Overlay, Working};
use super::header::{self, Header, Kind, Presence};
use super::hunk::{self, Hunk, Malformed, Mark};
use super::place::{Editing, FUZZ_LIMIT, TooCostly};
use super::reader::Reader;
use super::{OptionLine, Outcome, Problem, Reason, is_kconfig, is_of_interest, mismatch, reject};
use crate::error::Result;
use crate::source::Source;

/// Applies a patch to the files of a tree.
pub(super) fn apply(source: &Source, overlay: &mut Overlay, patch: &[u8]) -> Result<Outcome> {
    let mut run = Run {
        files: Working::new(source, overlay),
        reader: Reader::new(patch),
        outcome: Outcome::default(),
    };
    match run.parts() {
        Ok(()) => run.files.finish(false),
        Err(Stop::Malformed(Malformed { message, span })) => {
            run.outcome.problems.push(Problem {
                file: None,
                span,
                reason: Reason::Malformed(message),
            });
            run.files.finish(true);
        }
        Err(Stop::Tree(error)) => return Err(error),
    }
    Ok(run.outcome)
}

/// Why a patch is not gone through to its end.
enum Stop {
    Malformed(Malformed),
    Tree(crate::error::Error),
}

impl From<Malformed> for Stop {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<crate::error::Error> for Stop {
    fn from(error: crate::error::Error) -> Self {
        Self::Tree(error)
    }
}

struct Run<'p, 'f> {
    files: Working<'f>,
    reader: Reader<'p>,
    outcome: Outcome,
}

/// The file that a part is for.
struct Target {
    /// Where the file is.
    input: String,
    /// Where it goes.
    output: String,
}

/// What to do with a part.
enum Choice {
    Apply(Target),
    Skip {
        file: Option<String>,
        reason: Reason,
    },
}

impl Run<'_, '_> {
    fn parts(&mut self) -> std::result::Result<(), Stop> {
        let mut was_git = false;
        while !self.reader.is_at_end() {
            let is_first = self.reader.is_at_start();
            let Some(header) = header::read(&mut self.reader) else {
                if is_first {
                    return Err(Stop::Malformed(Malformed {
                        message: "there is no patch in it".to_owned(),
                        span: 0..0,
                    }));
                }
                return Ok(());
            };
            if was_git != header.is_git {
                self.files.flush();
            }
            was_git = header.is_git;
            let concerns_us = header.names().any(is_of_interest);
            let has_no_name = header.names().next().is_none();
            if !concerns_us && !has_no_name {
                while hunk::read(&mut self.reader, header.form)?.is_some() {}
                continue;
            }
            if let Kind::Unsupported(what) = header.kind {
                let file = header.names().find(|name| is_of_interest(name));
                let file = file.map(str::to_owned);
                self.problem(file, &header, Reason::Unsupported(what));
                while hunk::read(&mut self.reader, header.form)?.is_some() {}
                continue;
            }
            self.part(&header)?;
        }
        Ok(())
    }

    fn problem(&mut self, file: Option<String>, header: &Header, reason: Reason) {
        self.outcome.problems.push(Problem {
            file,
            span: header.span.clone(),
            reason,
        });
    }

    fn part(&mut self, header: &Header) -> std::result::Result<(), Stop> {
        match self.choose(header)? {
            Choice::Skip { file, reason } => {
                self.problem(file, header, reason);
                while hunk::read(&mut self.reader, header.form)?.is_some() {}
                Ok(())
            }
            Choice::Apply(target) => {
                if header.is_git {
                    self.files.is_about_to_change(&target.output)?;
                }
                self.change(header, &target)
            }
        }
    }

    /// Which file a part is for: of those that are named and there, the one with the fewest
    /// folders, then the shortest last part, then the shortest name.
    fn choose(&mut self, header: &Header) -> Result<Choice> {
        let names = [&header.old.name, &header.new.name, &header.index];
        let mut entries: [Option<Entry>; 3] = [None, None, None];
        for (entry, name) in entries.iter_mut().zip(names) {
            if let Some(name) = name {
                *entry = self.files.get_kept(name)?;
            }
        }
        let there = [0, 1, 2].map(|index| entries.get(index).is_some_and(Option::is_some));
        let mut chosen = best(names, there);
        let last_named = names.iter().rposition(|name| name.is_some());
        let skip = |name: Option<&String>, reason| Choice::Skip {
            file: name.cloned(),
            reason,
        };
        if let Some(last) = last_named {
            let entry = chosen.and_then(|index| entries.get(index)?.as_ref());
            if looks_reversed(header, entry) {
                let index = chosen.unwrap_or(last);
                let name = names.get(index).copied().and_then(Option::as_ref);
                return Ok(skip(name, Reason::Reversed));
            }
        }
        if chosen.is_none() && header.old.presence > Presence::There {
            let missing = names.map(|name| name.as_ref().map(|name| self.missing_folders(name)));
            let fewest = missing.iter().flatten().min().copied();
            chosen = best(
                names,
                missing.map(|count| count.is_some() && count == fewest),
            );
        }
        let moves = header.is_rename() || header.is_copy();
        let chosen = match chosen {
            Some(index) if !moves || index < 2 => index,
            _ => return Ok(self.no_file(header, names)),
        };
        let Some(Some(input)) = names.get(chosen) else {
            return Ok(self.no_file(header, names));
        };
        let output = match (&header.old.name, &header.new.name) {
            (Some(old), Some(new)) if moves => {
                if !is_safe(old) || !is_safe(new) {
                    return Ok(self.no_file(header, names));
                }
                new.clone()
            }
            _ if moves => return Ok(self.no_file(header, names)),
            _ => input.clone(),
        };
        Ok(Choice::Apply(Target {
            input: input.clone(),
            output,
        }))
    }

    /// That none of the files that are named is there.
    fn no_file(&mut self, header: &Header, names: [&Option<String>; 3]) -> Choice {
        let named = names.into_iter().flatten();
        let Some(file) = named.clone().find(|name| is_of_interest(name)) else {
            let file = named.last().cloned();
            let reason = match file {
                Some(_) => Reason::NoFile {
                    without_strip: false,
                },
                None => Reason::NoName,
            };
            return Choice::Skip { file, reason };
        };
        Choice::Skip {
            file: Some(file.clone()),
            reason: Reason::NoFile {
                without_strip: header.unstripped.iter().any(|name| {
                    let found = self.files.get_kept(name);
                    found.is_ok_and(|entry| entry.is_some())
                }),
            },
        }
    }

    /// How many folders would have to be made for a file.
    fn missing_folders(&self, name: &str) -> usize {
        let folders = name.match_indices('/').map(|(at, _)| &name[..at]);
        let there = folders
            .clone()
            .take_while(|folder| self.files.has_folder(folder))
            .count();
        folders.count() - there
    }

    /// Puts the hunks of a part into its file.
    fn change(&mut self, header: &Header, target: &Target) -> std::result::Result<(), Stop> {
        let before = match self.files.get(&target.input)? {
            Some(entry) => entry.content,
            None => Arc::from([]),
        };
        let mut editing = Editing::new(&before);
        let (mut count, mut failed) = (0, 0);
        let mut rejects = Vec::new();
        let mut is_reversed = false;
        while let Some(hunk) = hunk::read(&mut self.reader, header.form)? {
            count += 1;
            let place = if is_reversed {
                None
            } else {
                match place(&mut editing, &hunk, count == 1) {
                    Ok(Place::At(at)) => Some(at),
                    Ok(Place::Nowhere) => None,
                    Ok(Place::InReverse) => {
                        is_reversed = true;
                        None
                    }
                    Err(TooCostly) => {
                        return Err(Stop::Malformed(Malformed {
                            message: "looking for the places of its hunks takes too long"
                                .to_owned(),
                            span: hunk.span,
                        }));
                    }
                }
            };
            let makes_what_is_there =
                header.old.presence == Presence::Missing && place == Some(1) && !editing.is_empty();
            let is_put = place.is_some_and(|at| !makes_what_is_there && editing.put(&hunk, at));
            if is_put {
                self.options(&hunk, &target.output, count);
                continue;
            }
            reject::write(&mut rejects, header, &hunk, editing.out_offset, failed == 0);
            failed += 1;
            if !is_reversed {
                self.outcome.problems.push(Problem {
                    file: Some(target.input.clone()),
                    span: hunk.span.clone(),
                    reason: Reason::Hunk {
                        number: count,
                        mismatch: mismatch::find(&editing, &before, &hunk),
                    },
                });
            }
        }
        if failed > 0 {
            let name = format!("{}.rej", target.output);
            let file = self.outcome.rejects.entry(name).or_default();
            file.append(&mut rejects);
        }
        if is_reversed {
            self.problem(Some(target.input.clone()), header, Reason::Reversed);
            return Ok(());
        }
        let after = editing.finish();
        let removes = header.new.presence == Presence::Missing;
        if removes && after.is_empty() {
            self.files.delete_later(&target.output)?;
            return Ok(());
        }
        if removes {
            self.problem(Some(target.output.clone()), header, Reason::NotEmptied);
        }
        let changes_mode = header.new.mode.is_some() && header.old.mode != header.new.mode;
        if failed < count || changes_mode || header.is_copy() || header.is_rename() {
            if header.is_git && header.old.presence != Presence::Missing {
                self.files.write_later(&target.output, after.into());
            } else {
                self.files.write(&target.output, after.into());
            }
            if header.is_rename() {
                self.files.delete_later(&target.input)?;
            }
        }
        Ok(())
    }

    /// Takes note of definitions that a hunk puts in or takes away.
    fn options(&mut self, hunk: &Hunk<'_>, file: &str, number: usize) {
        if !is_kconfig(file) {
            return;
        }
        let defined = |lines: &[hunk::HunkLine<'_>]| -> Vec<OptionLine> {
            let changed = lines.iter().filter(|line| line.mark == Mark::Changed);
            changed
                .filter_map(|line| {
                    let name = defined_option(&line.text)?;
                    // Behind the line's mark.
                    let start = line.span.start + 1 + name.start;
                    Some(OptionLine {
                        name: String::from_utf8_lossy(line.text.get(name.clone())?).into_owned(),
                        file: file.to_owned(),
                        hunk: number,
                        span: start..start + name.len(),
                    })
                })
                .collect()
        };
        self.outcome.removed.extend(defined(&hunk.old.lines));
        self.outcome.added.extend(defined(&hunk.new.lines));
    }
}

/// Where the name of an option stands in a line that begins its definition.
fn defined_option(line: &[u8]) -> Option<std::ops::Range<usize>> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let indent = line.iter().take_while(|byte| is_blank(byte)).count();
    let rest = line.get(indent..)?;
    let keyword = [&b"config"[..], b"menuconfig"]
        .into_iter()
        .find(|keyword| rest.starts_with(keyword))?;
    let rest = rest.get(keyword.len()..)?;
    let blanks = rest.iter().take_while(|byte| is_blank(byte)).count();
    let name = rest.get(blanks..)?;
    let length = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    let start = indent + keyword.len() + blanks;
    (blanks > 0 && length > 0).then_some(start..start + length)
}

/// Where a hunk goes.
enum Place {
    At(i64),
    Nowhere,
    /// The tree has what it does already.
    InReverse,
}

fn place(
    editing: &mut Editing<'_>,
    hunk: &Hunk<'_>,
    is_first: bool,
) -> std::result::Result<Place, TooCostly> {
    for fuzz in 0..=FUZZ_LIMIT.min(hunk.context()) {
        if let Some(at) = editing.locate(hunk, fuzz)? {
            return Ok(Place::At(at));
        }
        if is_first && editing.locate(&hunk.reversed(), fuzz)?.is_some() {
            return Ok(Place::InReverse);
        }
    }
    Ok(Place::Nowhere)
}

/// Whether a part does to a file what was done already: makes one that is there, or removes or
/// empties one that is not.
fn looks_reversed(header: &Header, entry: Option<&Entry>) -> bool {
    let (old, new) = (header.old.presence, header.new.presence);
    let is_empty = entry.is_none_or(|entry| entry.content.is_empty());
    if !is_empty {
        return old == Presence::Missing;
    }
    // Git says whether a file is empty or missing.
    let (now, then) = match entry {
        Some(_) => (old, new),
        None => (new, old),
    };
    let is_known = now == Presence::Empty && then == Presence::Missing;
    new > Presence::There && !is_known
}

/// The best of some names. (GNU patch 2.8 has none where the one with fewer folders has a longer last
/// part than the other; this is what 2.7 says.)
fn best(names: [&Option<String>; 3], counts: [bool; 3]) -> Option<usize> {
    let key = |name: &str| {
        let base = name.rsplit('/').next().unwrap_or(name);
        (name.matches('/').count(), base.len(), name.len())
    };
    let candidates = || {
        names
            .iter()
            .zip(counts)
            .enumerate()
            .filter_map(|(index, (name, counts))| Some((index, name.as_ref().filter(|_| counts)?)))
    };
    let least = candidates().map(|(_, name)| key(name)).min()?;
    candidates()
        .find(|(_, name)| key(name) == least && is_safe(name))
        .map(|(index, _)| index)
}

/// Whether a name stays within the tree.
fn is_safe(name: &str) -> bool {
    !name.starts_with('/') && !name.contains('\n') && name.split('/').all(|part| part != "..")
}
