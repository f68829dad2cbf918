//! Which kernels are checked on which trees and for which systems.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use findings::Finding;
use kernel_resolve::Source;
use rayon::prelude::*;

use super::Args;
use super::cells::{Cell, TreeInput};
use super::manifest;
use super::requirements::RequirementList;
use crate::subject::SubjectArgs;

type Outcome<T> = Result<T, Box<Finding>>;

/// What is checked.
pub(super) struct Matrix {
    pub(super) trees: Vec<TreeInput>,
    pub(super) cells: Vec<Cell>,
}

impl Matrix {
    /// What the command line says, or the file that it names.
    ///
    /// # Errors
    /// When a matrix or a list of requirements cannot be read, or there is nothing to check.
    pub(super) fn of(args: &Args) -> Outcome<Self> {
        let matrix = match &args.matrix {
            Some(path) => Self::of_manifest(args, path)?,
            None => Self::of_arguments(args)?,
        };
        if matrix.cells.is_empty() {
            return Err(Box::new(
                Finding::failure("there is nothing to check")
                    .with_help("a matrix has kernels, trees (or --source), and maybe systems"),
            ));
        }
        Ok(matrix)
    }

    fn of_arguments(args: &Args) -> Outcome<Self> {
        let mut lists = Lists::default();
        let require = lists.read(&args.require)?;
        let trees = named(args, open(&args.subject, &args.source));
        let names = kernel_names(&args.kernels);
        // Answers alone are one kernel.
        let kernels: Vec<(String, Option<String>)> = if args.kernels.is_empty() {
            vec![("answers".to_owned(), None)]
        } else {
            let kernels = args.kernels.iter().cloned().map(Some);
            names.into_iter().zip(kernels).collect()
        };
        let systems = choices(&args.systems);
        let mut cells = Vec::new();
        for (kernel_name, kernel) in &kernels {
            for tree in 0..trees.len() {
                for system in &systems {
                    cells.push(Cell {
                        kernel_name: kernel_name.clone(),
                        kernel: kernel.clone(),
                        tree,
                        subject: for_system(&args.subject, system.as_deref()),
                        require: require.clone(),
                    });
                }
            }
        }
        Ok(Self { trees, cells })
    }

    fn of_manifest(args: &Args, path: &Path) -> Outcome<Self> {
        let manifest = manifest::read(path, &args.subject)?;
        let mut lists = Lists::default();
        let (trees, are_named) = if args.source.is_empty() {
            let (names, paths): (Vec<String>, Vec<PathBuf>) = manifest.trees.into_iter().unzip();
            let sources = open(&args.subject, &paths).into_iter();
            let trees = names.into_iter().zip(sources);
            let trees = trees.map(|(name, source)| TreeInput { name, source });
            (trees.collect(), true)
        } else {
            (named(args, open(&args.subject, &args.source)), false)
        };
        let mut cells = Vec::new();
        for kernel in manifest.kernels {
            let require = [kernel.require.as_slice(), &args.require].concat();
            let require = lists.read(&require)?;
            let systems = if args.systems.is_empty() {
                choices(kernel.systems.as_ref().unwrap_or(&manifest.systems))
            } else {
                choices(&args.systems)
            };
            for (tree, input) in trees.iter().enumerate() {
                let is_wanted = |names: &Vec<String>| names.contains(&input.name);
                if are_named && !kernel.trees.as_ref().is_none_or(is_wanted) {
                    continue;
                }
                for system in &systems {
                    cells.push(Cell {
                        kernel_name: kernel.name.clone(),
                        kernel: Some(kernel.input.clone()),
                        tree,
                        subject: for_system(&kernel.subject, system.as_deref()),
                        require: require.clone(),
                    });
                }
            }
        }
        Ok(Self { trees, cells })
    }
}

/// The systems of an axis; one that nobody names where there are none.
fn choices(systems: &[String]) -> Vec<Option<String>> {
    if systems.is_empty() {
        vec![None]
    } else {
        systems.iter().cloned().map(Some).collect()
    }
}

fn for_system(subject: &SubjectArgs, system: Option<&str>) -> SubjectArgs {
    let mut subject = subject.clone();
    if let Some(system) = system {
        subject.input.system = Some(system.to_owned());
    }
    subject
}

fn open(subject: &SubjectArgs, paths: &[PathBuf]) -> Vec<Outcome<Source>> {
    paths.par_iter().map(|path| subject.open(path)).collect()
}

/// Trees by their versions, where these tell them apart, else by what the user calls them.
fn named(args: &Args, sources: Vec<Outcome<Source>>) -> Vec<TreeInput> {
    let version = |source: &Outcome<Source>| {
        let version = source.as_ref().ok().and_then(Source::version);
        version.map(str::to_owned)
    };
    let versions: Vec<Option<String>> = sources.iter().map(version).collect();
    let is_unique = |version: &Option<String>| {
        version.is_some() && versions.iter().filter(|other| *other == version).count() == 1
    };
    sources
        .into_iter()
        .zip(&versions)
        .zip(&args.source)
        .map(|((source, version), path)| TreeInput {
            name: match version {
                Some(version) if is_unique(&Some(version.clone())) => version.clone(),
                _ => path.display().to_string(),
            },
            source,
        })
        .collect()
}

/// Kernels by the names of their files or folders, where these tell them apart, else by what the
/// user calls them.
fn kernel_names(kernels: &[String]) -> Vec<String> {
    let short: Vec<Option<&str>> = kernels
        .iter()
        .map(|kernel| {
            let path = Path::new(kernel);
            let file = path.file_stem()?.to_str()?;
            let folder = path.parent().and_then(Path::file_name);
            match (kernel.contains('#'), file) {
                (true, _) => None,
                (false, "default") => folder?.to_str(),
                (false, _) => Some(file),
            }
        })
        .collect();
    kernels
        .iter()
        .zip(&short)
        .map(|(kernel, &name)| {
            let alike = short.iter().filter(|&&other| other == name).count();
            match name {
                Some(name) if alike == 1 => name.to_owned(),
                _ => kernel.clone(),
            }
        })
        .collect()
}

/// Lists of requirements, each read once.
#[derive(Default)]
struct Lists(HashMap<PathBuf, Arc<RequirementList>>);

impl Lists {
    fn read(&mut self, paths: &[PathBuf]) -> Outcome<Vec<Arc<RequirementList>>> {
        let mut lists = Vec::new();
        for path in paths {
            if !self.0.contains_key(path) {
                let list = RequirementList::read(path)?;
                self.0.insert(path.clone(), Arc::new(list));
            }
            lists.extend(self.0.get(path).cloned());
        }
        Ok(lists)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_named_as_shortly_as_tells_them_apart() {
        let names = |kernels: &[&str]| {
            let kernels: Vec<String> = kernels.iter().map(|&it| it.to_owned()).collect();
            kernel_names(&kernels)
        };
        assert_eq!(names(&["a/x.nix", "b/default.nix"]), ["x", "b"]);
        assert_eq!(
            names(&["a/x.nix", "b/x.nix", ".#linux_x"]),
            ["a/x.nix", "b/x.nix", ".#linux_x"]
        );
    }
}
