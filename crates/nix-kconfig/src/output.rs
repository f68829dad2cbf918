//! Where results go: standard output, or a file that is there whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use findings::Finding;

/// Writes a result to `output`; `-` is standard output.
///
/// # Errors
///
/// What hinders, for the user. A file that was there before is then untouched.
pub(crate) fn write(output: &Path, content: &[u8]) -> Result<(), Box<Finding>> {
    let result = if output == Path::new("-") {
        write_to_stdout(content)
    } else {
        write_file(output, content)
    };
    result.map_err(|error| {
        Box::new(Finding::failure(format!(
            "{} cannot be written: {error}",
            output.display()
        )))
    })
}

/// A result as JSON.
///
/// # Errors
///
/// Where it cannot be told in JSON.
pub(crate) fn json(result: &impl serde::Serialize) -> Result<String, Box<Finding>> {
    match serde_json::to_string_pretty(result) {
        Ok(text) => Ok(text + "\n"),
        Err(error) => Err(Box::new(Finding::failure(format!(
            "the result cannot be written as JSON: {error}"
        )))),
    }
}

fn write_to_stdout(content: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(content).and_then(|()| stdout.flush()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn write_file(output: &Path, content: &[u8]) -> io::Result<()> {
    match fs::metadata(output) {
        // Devices and pipes are written to, not replaced.
        Ok(metadata) if !metadata.is_file() => fs::write(output, content),
        // A symbolic link stays one: what it leads to is replaced.
        Ok(_) => replace(&output.canonicalize()?, content),
        Err(_) => replace(output, content),
    }
}

fn replace(output: &Path, content: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(io::Error::other(format!(
            "there is no folder {}",
            folder.display()
        )));
    }
    // As any new file: what the process's mask leaves of it.
    let permissions = match fs::metadata(output) {
        Ok(metadata) => metadata.permissions(),
        Err(_) => fs::Permissions::from_mode(0o666),
    };
    let mut file = tempfile::Builder::new()
        .permissions(permissions)
        .tempfile_in(folder)?;
    file.write_all(content)?;
    file.persist(output).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let link = folder.path().join("link");
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    }

    #[test]
    fn a_device_stays_a_device() {
        write(Path::new("/dev/null"), b"text").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn nothing_is_left_behind_where_writing_fails() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("folder");
        fs::create_dir(&target).unwrap();
        assert!(write(&target, b"text").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
