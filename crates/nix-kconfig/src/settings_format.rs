//! Merged settings as text: for people, for programs, and as Nix.

use std::fmt::Write;

use findings::Finding;
use kernel_config::{Item, ItemDefinition, Place, Settings, Standing};
use kernel_resolve::{Answer, Answers, Origin};
use serde_json::{Map, Value, json};

use crate::kernel_input::Evaluated;
use crate::paint::{Paint, shortened};
use crate::table::Table;

/// As JSON: an object from option to `tristate`, `freeform`, `optional`, the `answer`
/// that comes of them, and all `definitions`. Where legacy text has the last word on an
/// option, `text` says so; one that cannot be merged has `conflict`.
pub(crate) fn json(evaluated: &Evaluated) -> Result<String, Box<Finding>> {
    let mut options = Map::new();
    for (name, item) in &evaluated.settings.items {
        options.insert(name.clone(), json_item(item));
    }
    for (name, answer) in evaluated.answers()?.iter() {
        if let Origin::Text { source, line } = &answer.origin {
            let entry = options
                .entry(name)
                .or_insert_with(|| json_item(&Item::unanswered()));
            entry["answer"] = json!(answer.value);
            entry["optional"] = json!(answer.optional);
            entry["text"] = json!({ "source": source, "line": line });
        }
    }
    for conflict in &evaluated.settings.conflicts {
        let definitions: Vec<Value> = conflict.definitions.iter().map(json_definition).collect();
        options.insert(
            conflict.name.clone(),
            json!({ "conflict": conflict.part, "definitions": definitions }),
        );
    }
    options.sort_keys();
    // Only maps with other keys than text cannot be written.
    let mut text = format!("{:#}", Value::Object(options));
    text.push('\n');
    Ok(text)
}

fn json_item(item: &Item) -> Value {
    let definitions: Vec<Value> = item.definitions.iter().map(json_definition).collect();
    json!({
        "tristate": item.tristate,
        "freeform": item.freeform,
        "optional": item.optional,
        "answer": item.answer(),
        "definitions": definitions,
    })
}

fn json_definition(definition: &ItemDefinition) -> Value {
    let place = definition.place.as_ref();
    json!({
        "value": definition.shown,
        "source": definition.source,
        "file": place.map(Place::file_name),
        "line": place.map(Place::line),
        "column": place.map(Place::column),
        "priority": definition.priority,
        "standing": definition.standing,
    })
}

/// As Nix, to be pasted as `structuredExtraConfig`. Legacy text becomes structured.
pub(crate) fn nix(answers: &Answers, settings: &Settings) -> String {
    let mut text = String::from("with lib.kernel;\n{\n");
    let by_text = answers
        .iter()
        .filter(|(_, answer)| matches!(answer.origin, Origin::Text { .. }))
        .map(|(name, answer)| (name, item_of(answer)));
    let mut items: Vec<(&str, Item)> = settings
        .items
        .iter()
        .map(|(name, item)| (name.as_str(), item.clone()))
        .collect();
    // The last word counts.
    for (name, item) in by_text {
        match items.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = item,
            None => items.push((name, item)),
        }
    }
    items.sort_by(|a, b| a.0.cmp(b.0));
    for (name, item) in &items {
        let _ = writeln!(text, "  {} = {};", nix_attribute(name), nix_item(item));
    }
    text.push_str("}\n");
    text
}

/// What a line of text says, as an item.
fn item_of(answer: &Answer) -> Item {
    Item::of_answer(&answer.value, answer.optional)
}

/// An option's name as an attribute's.
pub(crate) fn nix_attribute(name: &str) -> String {
    let mut attribute = Vec::new();
    nix_eval::write_attr_name(&mut attribute, name.as_bytes());
    String::from_utf8_lossy(&attribute).into_owned()
}

/// An item as a value of `lib.kernel`.
pub(crate) fn nix_item(item: &Item) -> String {
    let tristate = match item.tristate {
        Some('y') => Some("yes"),
        Some('m') => Some("module"),
        Some(_) => Some("no"),
        None => None,
    };
    let (answer, is_call) = match (&item.freeform, tristate) {
        (None, None) => ("unset".to_owned(), false),
        (None, Some(name)) => (name.to_owned(), false),
        (Some(text), None) => (format!("freeform {}", nix_string(text)), true),
        // Nobody's helper makes both.
        (Some(text), Some(name)) => (
            format!("{name} // {{ freeform = {}; }}", nix_string(text)),
            true,
        ),
    };
    match (item.optional, is_call) {
        (false, _) => answer,
        (true, true) => format!("option ({answer})"),
        (true, false) => format!("option {answer}"),
    }
}

fn nix_string(text: &str) -> String {
    let mut literal = Vec::new();
    nix_eval::write_string_literal(&mut literal, text.as_bytes());
    String::from_utf8_lossy(&literal).into_owned()
}

/// As a table: a row a definition, the option and its answer on the first.
pub(crate) fn table(answers: &Answers, settings: &Settings, paint: Paint) -> String {
    let mut rows: Vec<[String; 5]> = Vec::new();
    let mut names: Vec<&str> = settings.items.keys().map(String::as_str).collect();
    names.extend(answers.iter().map(|(name, _)| name));
    names.sort_unstable();
    names.dedup();
    for name in names {
        let definitions = settings
            .items
            .get(name)
            .map_or(&[][..], |item| item.definitions.as_slice());
        let answer = match (answers.get(name), settings.items.get(name)) {
            (Some(answer), _) => nix_item(&item_of(answer)),
            (None, Some(item)) => nix_item(item),
            (None, None) => continue,
        };
        let mut first = rows.len();
        for definition in definitions {
            rows.push(definition_row(definition));
        }
        if let Some(Answer {
            origin: Origin::Text { source, line },
            value,
            ..
        }) = answers.get(name)
        {
            // It has the last word.
            first = rows.len().min(first);
            let place = format!("line {line}");
            rows.push([
                String::new(),
                String::new(),
                value.clone(),
                place,
                source.clone(),
            ]);
        }
        if let Some(row) = rows.get_mut(first) {
            name.clone_into(&mut row[0]);
            row[1] = answer;
        }
    }
    let mut table = Table::new();
    table.head(["OPTION", "ANSWER", "DEFINED AS", "WHERE", ""].map(str::to_owned));
    for row in rows {
        table.row(row);
    }
    table.render(paint)
}

fn definition_row(definition: &ItemDefinition) -> [String; 5] {
    let fate = match definition.standing {
        Standing::Decides | Standing::Conflicts => String::new(),
        Standing::Outvoted => ", outvoted".to_owned(),
        Standing::Outranked => format!(", outranked at priority {}", definition.priority),
    };
    let place = definition.place.as_ref().map_or_else(String::new, |place| {
        format!("{}:{}", shortened(&place.file_name()), place.line())
    });
    [
        String::new(),
        String::new(),
        format!("{}{fate}", definition.shown),
        place,
        definition.source.clone(),
    ]
}
