//! Flakes: an output of one that is on disk, with inputs that are on this machine.
//! Nothing is fetched, and nothing is locked anew.

use std::path::{Path, PathBuf};

use nix_eval::{Attrs, ErrorKind, EvalError, Evaluator, Lazy, Result, Span, Value};
use nix_modules::EMBEDDED_NIXPKGS;

/// An output of a flake.
#[derive(Clone, Debug)]
pub struct FlakeInput {
    /// The folder with its `flake.nix`.
    pub folder: PathBuf,
    /// What stands after `#`; empty: the default package.
    pub output: String,
    /// Inputs that are read from elsewhere than their lock says.
    pub overrides: Vec<(String, InputSource)>,
}

/// Where an input of a flake is read from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InputSource {
    /// A folder.
    Folder(PathBuf),
    /// What stands in for nixpkgs.
    Embedded,
}

/// The value of an output: `packages.SYSTEM.name`, `legacyPackages.SYSTEM.name`, the
/// path as it stands, or a system of that name.
///
/// # Errors
///
/// A lock that cannot be read, inputs that are not on this machine, and an output
/// that is not there.
pub fn output<'h>(
    evaluator: &mut Evaluator<'h>,
    flake: &FlakeInput,
    system: &str,
) -> Result<Value<'h>> {
    let outputs = evaluate(evaluator, flake)?;
    let name = if flake.output.is_empty() {
        "default"
    } else {
        &flake.output
    };
    let candidates = [
        format!("packages.{system}.{name}"),
        format!("legacyPackages.{system}.{name}"),
        name.to_owned(),
        format!("nixosConfigurations.{name}"),
    ];
    for candidate in &candidates {
        if has_path(evaluator, outputs, candidate)? {
            let empty = evaluator.attrs(Vec::new());
            return evaluator.select_path(Value::Attrs(outputs), candidate, empty);
        }
    }
    let mut error = EvalError::new(
        ErrorKind::MissingAttribute,
        Span::NONE,
        format!(
            "the flake {} has none of the outputs {}",
            flake.folder.display(),
            candidates.join(", ")
        ),
    );
    let known: Vec<String> = evaluator
        .attrs_by_name(outputs)
        .iter()
        .map(|attr| evaluator.symbol_display(attr.name).into_owned())
        .filter(|name| !OF_EVERY_FLAKE.contains(&name.as_str()))
        .collect();
    error.help = Some(format!("it has {}", known.join(", ")));
    Err(error)
}

/// What every flake has beside its outputs.
const OF_EVERY_FLAKE: [&str; 9] = [
    "_type",
    "inputs",
    "lastModified",
    "lastModifiedDate",
    "narHash",
    "outPath",
    "outputs",
    "sourceInfo",
    "self",
];

/// The outputs of a flake.
fn evaluate<'h>(evaluator: &mut Evaluator<'h>, flake: &FlakeInput) -> Result<&'h Attrs<'h>> {
    let call = evaluator.eval_file(&Path::new(EMBEDDED_NIXPKGS).join("call-flake.nix"))?;
    let folder = path_value(evaluator, &flake.folder);
    let mut overrides = Vec::with_capacity(flake.overrides.len());
    for (name, source) in &flake.overrides {
        let folder = match source {
            InputSource::Folder(folder) => path_value(evaluator, folder),
            InputSource::Embedded => evaluator.path(EMBEDDED_NIXPKGS),
        };
        overrides.push(evaluator.attr(name, folder));
    }
    let overrides = Value::Attrs(evaluator.attrs(overrides));
    let named = vec![
        evaluator.attr("folder", folder),
        evaluator.attr("overrides", overrides),
    ];
    let named = Value::Attrs(evaluator.attrs(named));
    let outputs = evaluator.apply(call, &[named.into()], Span::NONE)?;
    let what = "while evaluating the outputs of a flake";
    evaluator.expect_attrs(outputs.into(), Span::NONE, what)
}

fn path_value<'h>(evaluator: &Evaluator<'h>, folder: &Path) -> Value<'h> {
    evaluator.path(folder.as_os_str().as_encoded_bytes())
}

/// Whether there is something at a path; what is on the way is evaluated.
fn has_path<'h>(evaluator: &mut Evaluator<'h>, outputs: &'h Attrs<'h>, path: &str) -> Result<bool> {
    let mut value: Lazy<'h> = Value::Attrs(outputs).into();
    for name in Evaluator::attribute_path(path)? {
        let Value::Attrs(attrs) = evaluator.force(value, Span::NONE)? else {
            return Ok(false);
        };
        let Some(attr) = crate::fields::get(evaluator, attrs, &name) else {
            return Ok(false);
        };
        value = attr.value;
    }
    Ok(true)
}

/// What a command's argument means: `DIR#output`, `flake.nix`, or a folder that has a
/// flake and no `default.nix`. `None`: a file that is no flake.
pub fn parse(argument: &str, exists: impl Fn(&Path) -> bool) -> Option<(PathBuf, String)> {
    let (folder, output) = match argument.split_once('#') {
        // A file may have the sign in its name.
        Some(_) if exists(Path::new(argument)) => (argument, ""),
        Some((folder, output)) => {
            let folder = folder.strip_prefix("path:").unwrap_or(folder);
            let folder = if folder.is_empty() { "." } else { folder };
            return Some((PathBuf::from(folder), output.to_owned()));
        }
        None => (argument, ""),
    };
    let path = Path::new(folder);
    if path.file_name().is_some_and(|name| name == "flake.nix") {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        return Some((
            parent.unwrap_or(Path::new(".")).to_owned(),
            output.to_owned(),
        ));
    }
    let is_flake = exists(&path.join("flake.nix")) && !exists(&path.join("default.nix"));
    is_flake.then(|| (path.to_owned(), output.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_are_flakes() {
        let files = [
            "flakes/flake.nix",
            "both/flake.nix",
            "both/default.nix",
            "a#b.nix",
        ];
        let parsed = |argument| {
            parse(argument, |path| {
                files.iter().any(|file| path == Path::new(file))
            })
        };
        let flake = |folder: &str, output: &str| Some((PathBuf::from(folder), output.to_owned()));
        assert_eq!(parsed(".#kernel"), flake(".", "kernel"));
        assert_eq!(parsed("#kernel"), flake(".", "kernel"));
        assert_eq!(parsed("path:./x#a.b"), flake("./x", "a.b"));
        assert_eq!(parsed("flakes"), flake("flakes", ""));
        assert_eq!(parsed("flake.nix"), flake(".", ""));
        assert_eq!(parsed("both"), None);
        assert_eq!(parsed("a#b.nix"), None);
        assert_eq!(parsed("kernel.nix"), None);
    }
}
