//! What there is to say of a symbol, as data: the text for people and the JSON for programs are
//! made of it.

use serde::Serialize;

/// Everything about a symbol.
#[derive(Serialize)]
pub(super) struct Explanation {
    pub(super) symbol: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// As `.config` shows it, without quotes.
    pub(super) value: String,
    /// Whether it stands in `.config`.
    pub(super) is_written: bool,
    pub(super) reason: Reason,
    /// Who asked for it in Nix, the strongest first.
    pub(super) asked_by: Vec<Asked>,
    pub(super) definitions: Vec<Definition>,
    pub(super) choice: Option<Choice>,
    pub(super) ranges: Vec<Statement>,
    pub(super) defaults: Vec<Statement>,
    pub(super) selected_by: Vec<Statement>,
    pub(super) implied_by: Vec<Statement>,
    pub(super) selects: Vec<Statement>,
    pub(super) implies: Vec<Statement>,
    /// The answer to `=VALUE`.
    pub(super) wish: Option<Wish>,
}

/// Why the value is what it is.
#[derive(Serialize)]
pub(super) struct Reason {
    /// `assigned`, `default`, `selected`, …
    pub(super) code: &'static str,
    /// One sentence.
    pub(super) text: String,
    /// Steps that led there: a chain of selections, a dependency that is not met.
    pub(super) details: Vec<String>,
}

/// A definition in Nix.
#[derive(Serialize)]
pub(super) struct Asked {
    pub(super) value: String,
    /// The kernel's argument, the patch, or the text.
    pub(super) source: String,
    pub(super) place: Option<Location>,
    pub(super) priority: Option<i64>,
    /// What became of it.
    pub(super) standing: String,
}

/// A place in a file. Lines and columns count from 1.
#[derive(Serialize, Clone)]
pub(super) struct Location {
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// An entry of a Kconfig file.
#[derive(Serialize)]
pub(super) struct Definition {
    pub(super) place: Location,
    /// Titles of the menus above it.
    pub(super) menu: Vec<String>,
    pub(super) prompt: Option<String>,
    /// When the prompt can be seen, where that is not the same as what it depends on.
    pub(super) prompt_if: Option<Condition>,
    pub(super) depends_on: Option<Condition>,
}

/// An expression and its value, and the same of its parts.
#[derive(Serialize)]
pub(super) struct Condition {
    /// As Kconfig writes it.
    pub(super) text: String,
    pub(super) value: &'static str,
    /// `all` or `any` of the parts, or nothing where there are none.
    pub(super) of: Option<&'static str>,
    pub(super) parts: Vec<Condition>,
    /// Where it was written, if not with the entry itself.
    pub(super) place: Option<Location>,
}

/// A `default`, `select`, `imply` or `range`.
#[derive(Serialize)]
pub(super) struct Statement {
    /// The other symbol, or the value.
    pub(super) what: String,
    /// What the other symbol is now.
    pub(super) value: Option<String>,
    #[serde(rename = "if")]
    pub(super) condition: Option<String>,
    /// What it comes to: the condition, and for a `select` its selector.
    pub(super) applies: &'static str,
    /// Whether it is the one that counts.
    pub(super) is_active: bool,
    pub(super) place: Location,
}

/// The choice that the symbol is a member of.
#[derive(Serialize)]
pub(super) struct Choice {
    pub(super) prompt: Option<String>,
    pub(super) place: Location,
    pub(super) members: Vec<Member>,
}

/// A member of a choice.
#[derive(Serialize)]
pub(super) struct Member {
    pub(super) symbol: String,
    pub(super) value: String,
    pub(super) is_visible: bool,
}

/// What it takes to have another value.
#[derive(Serialize)]
pub(super) struct Wish {
    pub(super) value: String,
    /// `met`, `change`, `impossible`, or `not-found`.
    pub(super) outcome: &'static str,
    /// What is in the way now.
    pub(super) obstacles: Vec<String>,
    pub(super) changes: Vec<Change>,
    /// A block for structuredExtraConfig.
    pub(super) nix: Option<String>,
    /// Whether resolving anew gave the value. Nothing else is ever offered.
    pub(super) is_verified: bool,
    /// Other options that have another value then.
    pub(super) side_effects: Vec<SideEffect>,
}

/// An assignment of the change.
#[derive(Serialize)]
pub(super) struct Change {
    pub(super) symbol: String,
    pub(super) prompt: Option<String>,
    pub(super) from: String,
    pub(super) to: String,
}

/// An option that changes along with it.
#[derive(Serialize)]
pub(super) struct SideEffect {
    pub(super) symbol: String,
    pub(super) from: String,
    pub(super) to: String,
    /// Whether Nix asked for what it was.
    pub(super) was_asked: bool,
}
