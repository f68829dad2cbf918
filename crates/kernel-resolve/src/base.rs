//! What configuration starts from.

use std::fs;
use std::path::Path;

use kernel_config::Platform;

use crate::error::{Error, Result};
use crate::source::Source;

/// A base configuration.
#[derive(Clone, Debug)]
pub struct Base {
    /// How messages name it.
    pub name: String,
    /// Its text.
    pub content: Vec<u8>,
}

impl Base {
    /// A file that the user named.
    pub fn of_file(path: &Path) -> Result<Self> {
        let content = fs::read(path).map_err(|error| Error::Base {
            path: path.display().to_string(),
            error,
        })?;
        Ok(Self {
            name: path.display().to_string(),
            content,
        })
    }

    /// A default configuration of the tree, as `make NAME` takes it; without a name, or by
    /// the name `defconfig`, the architecture's own.
    pub fn defconfig(source: &Source, platform: &Platform, name: Option<&str>) -> Result<Self> {
        let name = match name {
            None | Some("defconfig") => platform.defconfig,
            Some(name) => name,
        };
        let configs = format!("arch/{}/configs", platform.srcarch);
        let path = format!("{configs}/{name}");
        let missing = |error| Error::NoDefconfig {
            path: path.clone(),
            error,
            known: source.files().list(&configs).unwrap_or_default(),
        };
        match source.files().read(&path) {
            Ok(Some(content)) => Ok(Self {
                name: format!("{}/{path}", source.name()),
                content: content.to_vec(),
            }),
            Ok(None) => Err(missing(None)),
            Err(error) => Err(missing(Some(error))),
        }
    }
}
