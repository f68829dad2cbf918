//! Options that a tree has for other architectures than the one that it is read for.

use std::collections::HashMap;
use std::io;

use crate::source::Source;

/// The options that architectures' own Kconfig files define, each with the first place of it.
#[derive(Debug, Default)]
pub struct Elsewhere(HashMap<String, OtherPlace>);

/// A place in an architecture's Kconfig file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OtherPlace {
    /// The file, from the top of the tree.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl Elsewhere {
    /// Looks through `arch/*/Kconfig*`. This reads entries' names only, and no macros: it tells
    /// where to look, not what holds there.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub fn of(source: &Source) -> io::Result<Self> {
        let mut places = HashMap::new();
        for arch in source.files().list("arch")? {
            let folder = format!("arch/{arch}");
            if arch == "Kconfig" {
                continue;
            }
            for name in source.files().list(&folder)? {
                if !name.starts_with("Kconfig") {
                    continue;
                }
                let file = format!("{folder}/{name}");
                let content = source.files().read(&file)?.unwrap_or_default();
                for (index, line) in String::from_utf8_lossy(&content).lines().enumerate() {
                    let mut words = line.split_whitespace();
                    if let (Some("config" | "menuconfig"), Some(option)) =
                        (words.next(), words.next())
                    {
                        places.entry(option.to_owned()).or_insert(OtherPlace {
                            file: file.clone(),
                            line: index + 1,
                        });
                    }
                }
            }
        }
        Ok(Self(places))
    }

    /// Where an option is defined.
    pub fn place(&self, name: &str) -> Option<&OtherPlace> {
        self.0.get(name)
    }
}
