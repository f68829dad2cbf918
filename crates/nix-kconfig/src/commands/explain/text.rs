//! An explanation for people.

use std::fmt::Write;

use super::explanation::{Asked, Condition, Definition, Explanation, Location, Statement, Wish};
use crate::paint::{Paint, shortened};

/// How many statements of one sort are shown.
const SHOWN: usize = 12;

/// Writes an explanation. `all` shows lists whole.
pub(super) fn render(explanation: &Explanation, paint: Paint, all: bool) -> String {
    let mut page = Page {
        text: String::new(),
        paint,
        limit: if all { usize::MAX } else { SHOWN },
    };
    page.head(explanation);
    page.asked(&explanation.asked_by);
    for definition in &explanation.definitions {
        page.definition(definition, explanation.definitions.len() > 1);
    }
    page.choice(explanation);
    page.statements("Ranges", &explanation.ranges);
    page.statements("Defaults", &explanation.defaults);
    page.statements("Selected by", &explanation.selected_by);
    page.statements("Implied by", &explanation.implied_by);
    page.statements("Selects", &explanation.selects);
    page.statements("Implies", &explanation.implies);
    if let Some(wish) = &explanation.wish {
        page.wish(explanation, wish);
    }
    page.text
}

struct Page {
    text: String,
    paint: Paint,
    limit: usize,
}

impl Page {
    fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref().trim_end());
        self.text.push('\n');
    }

    fn title(&mut self, title: &str) {
        let title = self.paint.strong(title);
        self.line("");
        self.line(title);
    }

    fn head(&mut self, explanation: &Explanation) {
        let Explanation {
            symbol,
            kind,
            value,
            reason,
            ..
        } = explanation;
        let shown = if *kind == "string" {
            format!("{value:?}")
        } else {
            value.clone()
        };
        let head = self.paint.strong(&format!("{symbol} = {shown}"));
        let written = if explanation.is_written {
            ""
        } else {
            ", not in .config"
        };
        self.line(format!("{head}  ({kind}{written})"));
        self.line(format!("  {}", self.paint.wrapped(&reason.text, 2)));
        for detail in &reason.details {
            self.line(format!("    {}", self.paint.wrapped(detail, 4)));
        }
    }

    fn asked(&mut self, asked_by: &[Asked]) {
        if asked_by.is_empty() {
            return;
        }
        self.title("Asked for in Nix");
        for asked in asked_by {
            let place = asked
                .place
                .as_ref()
                .map(|place| format!("  {}:{}", shortened(&place.file), place.line));
            let line = format!(
                "{}  {}{}",
                self.paint.strong(&asked.value),
                asked.source,
                place.unwrap_or_default()
            );
            self.line(format!("  {}", self.paint.fitted(&line, 2)));
            self.line(format!("    {}", self.paint.wrapped(&asked.standing, 4)));
        }
    }

    fn definition(&mut self, definition: &Definition, is_one_of_many: bool) {
        let at = place(&definition.place);
        let prompt = definition.prompt.as_deref();
        let what = match prompt {
            Some(prompt) => format!("Prompt: {prompt}"),
            None => "No prompt".to_owned(),
        };
        self.title(&what);
        let menu = definition.menu.join(" › ");
        let within = if menu.is_empty() {
            String::new()
        } else {
            format!(", in {menu}")
        };
        let line = format!("at {at}{within}");
        self.line(format!("  {}", self.paint.wrapped(&line, 2)));
        match (&definition.depends_on, is_one_of_many) {
            (Some(condition), _) => self.condition("Depends on", condition),
            (None, true) => self.line("  Depends on nothing"),
            (None, false) => {}
        }
        if let Some(condition) = &definition.prompt_if {
            self.condition("Can be answered if", condition);
        }
    }

    /// An expression as a tree.
    fn condition(&mut self, title: &str, condition: &Condition) {
        let value = self.paint.value(condition.value);
        match condition.of {
            None => {
                let text = self.condition_text(condition);
                let line = format!("{title} {value} {text}");
                self.line(format!("  {}", self.paint.fitted(&line, 2)));
            }
            Some(of) => {
                self.line(format!("  {title} {value} {of} of"));
                self.parts(&condition.parts, "  ");
            }
        }
    }

    fn condition_text(&self, condition: &Condition) -> String {
        match &condition.place {
            Some(at) => {
                let from = self.paint.faint(&format!("from {}", place(at)));
                format!("{}  {from}", condition.text)
            }
            None => condition.text.clone(),
        }
    }

    fn parts(&mut self, parts: &[Condition], lead: &str) {
        for (index, part) in parts.iter().enumerate() {
            let is_last = index + 1 == parts.len();
            let (branch, below) = self.paint.branch(is_last);
            let value = self.paint.value(part.value);
            match part.of {
                None => {
                    let text = format!("{value} {}", self.condition_text(part));
                    let used = lead.chars().count() + branch.chars().count();
                    let text = self.paint.fitted(&text, used);
                    self.line(format!("{lead}{branch}{text}"));
                }
                Some(of) => {
                    self.line(format!("{lead}{branch}{value} {of} of"));
                    self.parts(&part.parts, &format!("{lead}{below}"));
                }
            }
        }
    }

    fn choice(&mut self, explanation: &Explanation) {
        let Some(choice) = &explanation.choice else {
            return;
        };
        let prompt = choice.prompt.as_deref().unwrap_or("without prompt");
        self.title(&format!("Choice: {prompt}"));
        let line = format!("at {}", place(&choice.place));
        self.line(format!("  {}", self.paint.wrapped(&line, 2)));
        for member in &choice.members {
            let value = self.paint.value(&member.value);
            let note = if member.is_visible {
                ""
            } else {
                "  (not available)"
            };
            self.line(format!("  {value} {}{note}", member.symbol));
        }
    }

    fn statements(&mut self, title: &str, statements: &[Statement]) {
        if statements.is_empty() {
            return;
        }
        let active = statements.iter().filter(|statement| statement.is_active);
        self.title(&format!(
            "{title} ({} of {} apply)",
            active.count(),
            statements.len()
        ));
        for statement in statements.iter().take(self.limit) {
            let value = self.paint.value(statement.applies);
            let is = match &statement.value {
                Some(value) if !title.ends_with("by") => format!(" [={value}]"),
                _ => String::new(),
            };
            let condition = match &statement.condition {
                Some(condition) => format!(" if {condition}"),
                None => String::new(),
            };
            let at = self.paint.faint(&place(&statement.place));
            let line = format!("{value} {}{is}{condition}  {at}", statement.what);
            self.line(format!("  {}", self.paint.fitted(&line, 2)));
        }
        let more = statements.len().saturating_sub(self.limit);
        if more > 0 {
            let note = format!("  and {more} more (--all shows them)");
            self.line(self.paint.faint(&note));
        }
    }

    fn wish(&mut self, explanation: &Explanation, wish: &Wish) {
        let Wish { value, .. } = wish;
        self.title(&format!("{} = {value}", explanation.symbol));
        match wish.outcome {
            "met" => self.line(format!("  It is {value} already.")),
            "impossible" => {
                self.line("  Nothing gives it that value in this tree:");
                for obstacle in &wish.obstacles {
                    self.line(format!("    {}", self.paint.wrapped(obstacle, 4)));
                }
            }
            "change" => self.change(wish),
            _ => {
                self.line("  No change was found that leads there.");
                for obstacle in &wish.obstacles {
                    self.line(format!("    {}", self.paint.wrapped(obstacle, 4)));
                }
            }
        }
    }

    fn change(&mut self, wish: &Wish) {
        for obstacle in &wish.obstacles {
            let line = format!("In the way: {obstacle}");
            self.line(format!("  {}", self.paint.wrapped(&line, 2)));
        }
        let count = wish.changes.len();
        let what = if count == 1 { "change" } else { "changes" };
        self.line(format!(
            "  The smallest way there is {count} {what}; resolved anew, it is {} then:",
            wish.value
        ));
        for change in &wish.changes {
            let prompt = change.prompt.as_deref().unwrap_or_default();
            let line = format!(
                "{} {} → {}  {}",
                change.symbol,
                change.from,
                self.paint.strong(&change.to),
                self.paint.faint(prompt)
            );
            self.line(format!("    {}", self.paint.fitted(&line, 4)));
        }
        self.line("");
        for line in wish.nix.iter().flat_map(|nix| nix.lines()) {
            self.line(format!("  {line}"));
        }
        self.side_effects(wish);
    }

    fn side_effects(&mut self, wish: &Wish) {
        let effects = &wish.side_effects;
        if effects.is_empty() {
            return;
        }
        let asked: Vec<_> = effects.iter().filter(|effect| effect.was_asked).collect();
        self.line("");
        for effect in asked.iter().take(self.limit) {
            let line = format!(
                "Beware: {} was asked for, and becomes {} instead of {}.",
                effect.symbol, effect.to, effect.from
            );
            self.line(format!("  {}", self.paint.wrapped(&line, 2)));
        }
        let more = asked.len().saturating_sub(self.limit);
        if more > 0 {
            self.line(format!(
                "  Beware: {more} more that were asked for are lost."
            ));
        }
        let others: Vec<String> = effects
            .iter()
            .filter(|effect| !effect.was_asked)
            .map(|effect| {
                format!(
                    "{} {}→{}",
                    effect.symbol,
                    shown(&effect.from),
                    shown(&effect.to)
                )
            })
            .collect();
        if others.is_empty() {
            return;
        }
        let limit = self.limit;
        let mut line = format!(
            "Along with it: {}",
            others[..others.len().min(limit)].join(", ")
        );
        if others.len() > limit {
            let _ = write!(line, ", and {} more", others.len() - limit);
        }
        self.line(format!("  {}", self.paint.wrapped(&line, 4)));
    }
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

fn place(location: &Location) -> String {
    format!("{}:{}", location.file, location.line)
}
