//! Absolute paths in canonical form.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// `relative` resolved against `base` (which must be absolute), unless it is
/// itself absolute: without `.` and `..`, doubled slashes or a slash at the end.
/// Nothing is looked up on disk.
pub(crate) fn canonical(base: &[u8], relative: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(base.len() + relative.len() + 1);
    let start: &[u8] = if relative.starts_with(b"/") {
        b""
    } else {
        base
    };
    let names = start
        .split(|&byte| byte == b'/')
        .chain(relative.split(|&byte| byte == b'/'));
    for name in names {
        match name {
            b"" | b"." => {}
            b".." => {
                let parent = memchr::memrchr(b'/', &path).unwrap_or(0);
                path.truncate(parent);
            }
            _ => {
                path.push(b'/');
                path.extend_from_slice(name);
            }
        }
    }
    if path.is_empty() {
        path.push(b'/');
    }
    path
}

/// A path without `.` and `..`, resolved against `base` if it is relative. Nothing is looked
/// up on disk.
pub fn canonical_path(base: &Path, path: &Path) -> PathBuf {
    let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
    PathBuf::from(OsString::from_vec(canonical(&bytes(base), &bytes(path))))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn resolves_without_looking_at_the_disk() {
        let resolve = |base: &str, relative: &str| {
            String::from_utf8(canonical(base.as_bytes(), relative.as_bytes())).unwrap()
        };
        assert_eq!(resolve("/a/b", "./c"), "/a/b/c");
        assert_eq!(resolve("/a/b", "../c/."), "/a/c");
        assert_eq!(resolve("/a", "../../.."), "/");
        assert_eq!(resolve("/a", "/x//y/"), "/x/y");
        assert_eq!(resolve("/", ""), "/");
    }
}
