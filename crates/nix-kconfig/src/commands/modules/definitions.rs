//! Options with their definitions, for people and for programs.

use findings::Finding;
use serde::{Deserialize, Serialize};

/// An option that is defined, or could be.
#[derive(Deserialize)]
struct Described {
    name: String,
    r#type: String,
    /// The priority of the definitions, if there are any: the lower number wins.
    priority: Option<i64>,
    /// In Nix's notation; none where nothing is defined.
    value: Option<String>,
    definitions: Vec<Definition>,
}

/// A definition that counts.
#[derive(Deserialize)]
struct Definition {
    /// What the module system calls its module.
    file: String,
    value: String,
    position: Option<Position>,
}

/// Where a definition was written. Lines and columns are counted from 1.
#[derive(Deserialize, Serialize)]
struct Position {
    file: String,
    line: u32,
    column: u32,
}

/// The options that `evaluate.nix` lists, as JSON or as a text for people.
///
/// # Errors
///
/// The list is none: something in it is no text.
pub(super) fn write(listed: &[u8], json: bool) -> Result<Vec<u8>, Box<Finding>> {
    let wrong = |error: serde_json::Error| {
        Box::new(Finding::failure(format!(
            "the definitions cannot be told: {error}"
        )))
    };
    let options: Vec<Described> = serde_json::from_slice(listed).map_err(wrong)?;
    if !json {
        return Ok(options.iter().map(text).collect::<String>().into_bytes());
    }
    let options: serde_json::Map<String, serde_json::Value> = options
        .into_iter()
        .map(|option| {
            let definitions: Vec<_> = option
                .definitions
                .iter()
                .map(|definition| {
                    serde_json::json!({
                        "file": definition.file,
                        "value": definition.value,
                        "position": definition.position,
                    })
                })
                .collect();
            let described = serde_json::json!({
                "type": option.r#type,
                "value": option.value,
                "priority": option.priority,
                "definitions": definitions,
            });
            (option.name, described)
        })
        .collect();
    let mut text = serde_json::to_vec_pretty(&options).map_err(wrong)?;
    text.push(b'\n');
    Ok(text)
}

/// `name = value`, and a line for each definition.
fn text(option: &Described) -> String {
    use std::fmt::Write;
    let value = option.value.as_deref().unwrap_or("(not defined)");
    let mut text = format!("{} = {value}\n", option.name);
    for definition in &option.definitions {
        let place = match &definition.position {
            Some(at) => format!("{}:{}:{}", at.file, at.line, at.column),
            None => definition.file.clone(),
        };
        let priority = match option.priority {
            Some(priority) => format!("priority {priority}"),
            None => String::new(),
        };
        let _ = writeln!(text, "    {place}: {} ({priority})", definition.value);
    }
    text
}
