//! Questions: what is asked, in which order, and what becomes of the answers (the middle of
//! conf.c).
//!
//! The walk knows nothing of terminals. It shows text and asks questions through a
//! [`Dialogue`], which may be a [`Console`] or a program that answers by itself.

use super::Streams;
use crate::diagnostics::Diagnostic;
use crate::session::{Session, Unset};
use crate::tree::{MenuId, PropertyKind, SymbolId, SymbolType};
use crate::tristate::Tristate;
use std::io::BufRead;

/// The tristate values that a question offers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// `n` may be answered.
    pub no: bool,
    /// `m` may be answered.
    pub module: bool,
    /// `y` may be answered.
    pub yes: bool,
}

/// What kind of answer a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind {
    /// `y`, `m` or `n`.
    Tristate {
        /// The value that an empty answer keeps.
        current: Tristate,
        /// The values that may be answered, the current one included where it is offered.
        offer: Offer,
    },
    /// A text or a number.
    Text,
    /// The number of a choice's member.
    Choice {
        /// How many members are shown.
        members: usize,
        /// The number that an empty answer stands for.
        default: usize,
    },
}

/// A question that waits for an answer. Its text has been shown already.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// The symbol; for a choice, the choice's own.
    pub symbol: SymbolId,
    /// The entry whose prompt is the question.
    pub menu: MenuId,
    /// Whether nothing was assigned to the symbol so far.
    pub is_new: bool,
    /// What may be answered.
    pub kind: QuestionKind,
}

/// The other side of the questions.
pub trait Dialogue {
    /// Shows text: headings, questions, values that were not asked for.
    fn show(&mut self, text: &[u8]);

    /// Answers a question with a line, of which a newline is part; `None` at the end of input.
    fn answer(&mut self, question: &Question) -> Option<Vec<u8>>;

    /// Whether answers are repeated in what is shown.
    fn echoes(&self) -> bool {
        true
    }

    /// Whether the end of input has been seen: then nothing is asked twice.
    fn is_at_end(&self) -> bool;

    /// A warning or an error.
    fn complain(&mut self, diagnostic: Diagnostic);

    /// Text for standard error that is no warning.
    fn complain_text(&mut self, text: &str);
}

/// Asks on standard output and reads answers from standard input.
pub(super) struct Console<'a, 's> {
    input: &'a mut dyn BufRead,
    streams: &'a mut Streams<'s>,
    is_terminal: bool,
    at_end: bool,
}

impl<'a, 's> Console<'a, 's> {
    pub(super) fn new(
        input: &'a mut dyn BufRead,
        streams: &'a mut Streams<'s>,
        is_terminal: bool,
    ) -> Self {
        Self {
            input,
            streams,
            is_terminal,
            at_end: false,
        }
    }
}

/// The size of the reference program's line buffer (`PATH_MAX`), without its final NUL.
const LINE_LIMIT: usize = 4095;

impl Dialogue for Console<'_, '_> {
    fn show(&mut self, text: &[u8]) {
        self.streams.out(text);
    }

    fn answer(&mut self, _question: &Question) -> Option<Vec<u8>> {
        let _ = self.streams.stdout.flush();
        let mut line = Vec::new();
        while line.len() < LINE_LIMIT {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) if !buffer.is_empty() => buffer,
                _ => {
                    self.at_end = true;
                    break;
                }
            };
            let room = buffer.len().min(LINE_LIMIT - line.len());
            let end = memchr::memchr(b'\n', &buffer[..room]);
            let length = end.map_or(room, |end| end + 1);
            line.extend_from_slice(&buffer[..length]);
            self.input.consume(length);
            if end.is_some() {
                break;
            }
        }
        (!line.is_empty()).then_some(line)
    }

    fn echoes(&self) -> bool {
        !self.is_terminal
    }

    fn is_at_end(&self) -> bool {
        self.at_end
    }

    fn complain(&mut self, diagnostic: Diagnostic) {
        self.streams.err(&diagnostic.printed);
    }

    fn complain_text(&mut self, text: &str) {
        self.streams.err(text.as_bytes());
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Every symbol that can be changed, then what became new by it.
    All,
    /// New symbols.
    New,
    /// Nothing: new symbols are listed.
    List,
    /// Nothing: new symbols are listed with their help texts.
    Help,
}

/// A question has no answer, and there will be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a question is left without an answer at the end of input")]
pub struct Unanswered;

/// Asks all questions there are.
pub(crate) fn ask(
    session: &mut Session<'_>,
    asked: Asked,
    dialogue: &mut dyn Dialogue,
) -> Result<(), Unanswered> {
    let mut walk = Walk {
        session,
        dialogue,
        asked,
        indent: 1,
        restarts: 0,
        top: MenuId::ROOT,
        line: Vec::new(),
        has_asked: false,
        answers: 0,
        shown: Vec::new(),
    };
    let result = walk.run();
    walk.complain();
    walk.flush();
    result
}

struct Walk<'w, 't> {
    session: &'w mut Session<'t>,
    dialogue: &'w mut dyn Dialogue,
    asked: Asked,
    indent: usize,
    /// How many new symbols were found since the last restart.
    restarts: u32,
    /// The menu that is being asked for.
    top: MenuId,
    /// The last answer.
    line: Vec<u8>,
    /// Whether an answer was read since a question was shown.
    has_asked: bool,
    /// How many answers were asked for so far.
    answers: u64,
    /// Text that the other side has not seen yet. It sees all before it answers or is told
    /// something else.
    shown: Vec<u8>,
}

/// How much text waits at most until it is shown.
const SHOWN_AT_ONCE: usize = 1 << 13;

/// What to do after an answer.
enum Next {
    Done,
    Again,
}

impl Walk<'_, '_> {
    fn run(&mut self) -> Result<(), Unanswered> {
        if self.asked == Asked::All {
            self.entry(MenuId::ROOT)?;
            self.asked = Asked::New;
        }
        let mut before = None;
        loop {
            self.restarts = 0;
            self.check(MenuId::ROOT)?;
            if self.restarts == 0 {
                return Ok(());
            }
            // A new symbol that is shown and not asked for is found again and again; the reference
            // program does not notice.
            let after = (self.answers, self.session.assigned());
            if before.replace(after) == Some(after) {
                self.complain_text("\nerror: new symbols cannot be answered\n");
                return Err(Unanswered);
            }
        }
    }

    fn complain(&mut self) {
        for warning in self.session.take_warnings() {
            self.flush();
            self.dialogue.complain(warning);
        }
    }

    fn complain_text(&mut self, text: &str) {
        self.flush();
        self.dialogue.complain_text(text);
    }

    fn flush(&mut self) {
        if !self.shown.is_empty() {
            self.dialogue.show(&self.shown);
            self.shown.clear();
        }
    }

    fn show(&mut self, text: &str) {
        self.show_bytes(text.as_bytes());
    }

    fn show_bytes(&mut self, text: &[u8]) {
        if self.shown.len() > SHOWN_AT_ONCE {
            self.flush();
        }
        self.shown.extend_from_slice(text);
    }

    /// `printf("%*s", indent - 1, "")`
    fn show_indent(&mut self) {
        let length = self.shown.len() + self.indent - 1;
        self.shown.resize(length, b' ');
    }

    /// `printf("%*c", indent, mark)`
    fn show_mark(&mut self, mark: u8) {
        self.show_indent();
        self.shown.push(mark);
    }

    fn show_prompt(&mut self, menu: MenuId) {
        self.shown.extend_from_slice(self.session.prompt_text(menu));
    }

    /// A symbol's name in parentheses.
    fn show_name(&mut self, symbol: SymbolId) {
        self.shown.push(b'(');
        self.shown
            .extend_from_slice(self.session.tree().name_bytes(symbol));
        self.shown.push(b')');
    }

    /// Goes over new symbols; asks for the menu around one that is found (`check_conf`).
    fn check(&mut self, menu: MenuId) -> Result<(), Unanswered> {
        let visible = self.session.is_menu_visible(menu);
        self.complain();
        if !visible {
            return Ok(());
        }
        let tree = self.session.tree();
        if let Some(symbol) = tree.menu(menu).symbol
            && self.is_new(symbol)
        {
            match self.asked {
                Asked::List => {
                    if tree.symbol(symbol).name.is_some() {
                        let mut line = Vec::new();
                        self.session
                            .print_assignment(symbol, Unset::Letter, &mut line);
                        self.show_bytes(&line);
                    }
                }
                Asked::Help => {
                    self.show("-----\n");
                    self.show_help(menu);
                    self.show("-----\n");
                }
                Asked::All | Asked::New => {
                    self.restarts += 1;
                    if self.restarts == 1 {
                        self.show("*\n* Restart config...\n*\n");
                    }
                    self.top = parent_menu(self.session, menu);
                    self.entry(self.top)?;
                }
            }
        }
        let mut child = tree.menu(menu).list;
        while let Some(entry) = child {
            stacker::maybe_grow(64 << 10, 1 << 20, || self.check(entry))?;
            child = tree.menu(entry).next;
        }
        Ok(())
    }

    fn is_new(&self, symbol: SymbolId) -> bool {
        if self.session.is_assigned(symbol) {
            return false;
        }
        let tree = self.session.tree();
        self.session.is_changeable(symbol)
            || !tree.generation.choices_are_menus()
                && tree.symbol(symbol).is_choice
                && self.session.computed(symbol) == Tristate::Yes
    }

    /// Asks for an entry and those below it (`conf`).
    fn entry(&mut self, menu: MenuId) -> Result<(), Unanswered> {
        let visible = self.session.is_menu_visible(menu);
        self.complain();
        if !visible {
            return Ok(());
        }
        let tree = self.session.tree();
        let node = tree.menu(menu);
        if let Some(prompt) = node.prompt {
            let kind = tree.property(prompt).kind;
            if kind == PropertyKind::Menu && self.asked != Asked::All && self.top != menu {
                return self.check(menu);
            }
            if matches!(kind, PropertyKind::Menu | PropertyKind::Comment) {
                self.show_mark(b'*');
                self.show("\n");
                self.show_mark(b'*');
                self.show(" ");
                self.show_prompt(menu);
                self.show("\n");
                self.show_mark(b'*');
                self.show("\n");
            }
        }
        if let Some(symbol) = node.symbol {
            let data = tree.symbol(symbol);
            if data.is_choice {
                self.choice(menu, symbol)?;
                let goes_on = !tree.generation.choices_are_menus()
                    && self.session.computed(symbol) == Tristate::Mod;
                if !goes_on {
                    return Ok(());
                }
            } else if matches!(
                data.kind,
                SymbolType::Int | SymbolType::Hex | SymbolType::String
            ) {
                self.text(menu, symbol)?;
            } else {
                self.tristate(menu, symbol)?;
            }
        }
        let indent = self.indent;
        if node.symbol.is_some() {
            self.indent += 2;
        }
        let mut child = node.list;
        while let Some(entry) = child {
            stacker::maybe_grow(64 << 10, 1 << 20, || self.entry(entry))?;
            child = tree.menu(entry).next;
        }
        self.indent = indent;
        Ok(())
    }

    /// Reads an answer into `line` (`conf_askvalue`); `false` where nothing is to be asked.
    fn ask_value(&mut self, menu: MenuId, symbol: SymbolId, kind: QuestionKind) -> bool {
        let is_new = !self.session.is_assigned(symbol);
        if is_new {
            self.show("(NEW) ");
        }
        self.line.clear();
        self.line.push(b'\n');
        if !self.session.is_changeable(symbol) || self.asked == Asked::New && !is_new {
            self.shown
                .extend_from_slice(self.session.value_bytes(symbol));
            self.shown.push(b'\n');
            return false;
        }
        self.read_line(&Question {
            symbol,
            menu,
            is_new,
            kind,
        });
        true
    }

    /// Reads a line and repeats it (`xfgets`); the last one stays where there is none.
    fn read_line(&mut self, question: &Question) {
        self.has_asked = true;
        self.answers += 1;
        self.complain();
        self.flush();
        match self.dialogue.answer(question) {
            Some(mut line) => {
                if let Some(end) = memchr::memchr(0, &line) {
                    line.truncate(end);
                }
                self.line = line;
            }
            None => self.complain_text("\nError in reading or end of file.\n"),
        }
        if self.dialogue.echoes() {
            self.shown.extend_from_slice(&self.line);
        }
    }

    /// Where the input has ended, a question that would be asked again ends the program, and so
    /// does one that nobody is asked. The reference program has learned this late and only for
    /// numbers; elsewhere it goes on for ever.
    fn must_not_repeat(&mut self, symbol: SymbolId) -> Result<(), Unanswered> {
        if self.has_asked && !self.dialogue.is_at_end() {
            self.has_asked = false;
            return Ok(());
        }
        let name = String::from_utf8_lossy(self.session.tree().name_or_choice(symbol)).into_owned();
        self.complain_text(&format!(
            "\nerror: no value for new symbol '{name}' at end of input\n"
        ));
        Err(Unanswered)
    }

    /// Asks for a text or a number (`conf_string`).
    fn text(&mut self, menu: MenuId, symbol: SymbolId) -> Result<(), Unanswered> {
        loop {
            self.show_question(menu, symbol);
            let default = self.session.value_bytes(symbol).to_vec();
            self.show("[");
            self.show_bytes(&default);
            self.show("] ");
            if !self.ask_value(menu, symbol, QuestionKind::Text) {
                return Ok(());
            }
            let answer = match self.line.as_slice() {
                [b'\n', ..] => Some(default),
                [b'?', b'\n', ..] => {
                    self.show_help(menu);
                    None
                }
                // The last byte is taken for the newline.
                [text @ .., _] => Some(text.to_vec()),
                [] => Some(Vec::new()),
            };
            if answer.is_some_and(|answer| self.session.set_text(symbol, &answer)) {
                return Ok(());
            }
            self.must_not_repeat(symbol)?;
        }
    }

    fn show_question(&mut self, menu: MenuId, symbol: SymbolId) {
        self.show_indent();
        self.show_prompt(menu);
        self.show(" ");
        if self.session.tree().symbol(symbol).name.is_some() {
            self.show_name(symbol);
            self.show(" ");
        }
    }

    /// Asks for `y`, `m` or `n` (`conf_sym`).
    fn tristate(&mut self, menu: MenuId, symbol: SymbolId) -> Result<(), Unanswered> {
        loop {
            self.show_question(menu, symbol);
            let current = self.session.computed(symbol);
            let offer = Offer {
                no: self.session.is_offered(symbol, Tristate::No),
                module: self.session.is_offered(symbol, Tristate::Mod),
                yes: self.session.is_offered(symbol, Tristate::Yes),
            };
            self.show(match current {
                Tristate::No => "[N",
                Tristate::Mod => "[M",
                Tristate::Yes => "[Y",
            });
            for (value, offered) in [
                (Tristate::No, offer.no),
                (Tristate::Mod, offer.module),
                (Tristate::Yes, offer.yes),
            ] {
                if offered && value != current {
                    self.show("/");
                    self.show(value.letter());
                }
            }
            self.show("/?] ");
            if !self.ask_value(menu, symbol, QuestionKind::Tristate { current, offer }) {
                return Ok(());
            }
            if let Next::Done = self.take_tristate(menu, symbol, current) {
                return Ok(());
            }
            self.must_not_repeat(symbol)?;
        }
    }

    fn take_tristate(&mut self, menu: MenuId, symbol: SymbolId, current: Tristate) -> Next {
        let answer = strip(&self.line);
        let value = match answer {
            [] => current,
            b"n" | b"N" | b"no" | b"No" => Tristate::No,
            b"m" | b"M" => Tristate::Mod,
            b"y" | b"Y" | b"yes" | b"Yes" => Tristate::Yes,
            [b'?', ..] => {
                self.show_help(menu);
                return Next::Again;
            }
            _ => return Next::Again,
        };
        if self.session.set_tristate(symbol, value) {
            return Next::Done;
        }
        self.show_help(menu);
        Next::Again
    }

    /// Asks for the member of a choice (`conf_choice`).
    fn choice(&mut self, menu: MenuId, symbol: SymbolId) -> Result<(), Unanswered> {
        let tree = self.session.tree();
        let choices_are_menus = tree.generation.choices_are_menus();
        let mut is_new = false;
        if !choices_are_menus {
            is_new = !self.session.is_assigned(symbol);
            let is_changeable = self.session.is_changeable(symbol);
            if is_changeable {
                self.tristate(menu, symbol)?;
                self.session.tristate(symbol);
            }
            match self.session.computed(symbol) {
                Tristate::No => return Ok(()),
                Tristate::Mod => {
                    if !is_changeable {
                        self.show_indent();
                        self.show_prompt(menu);
                        self.show("\n");
                    }
                    return Ok(());
                }
                Tristate::Yes => {}
            }
        }
        loop {
            self.show_indent();
            self.show_prompt(menu);
            self.show("\n");
            let current = if choices_are_menus {
                let current = tree
                    .symbol(symbol)
                    .choice
                    .and_then(|choice| self.session.calc_choice(choice));
                self.complain();
                current
            } else {
                self.session.chosen_member(symbol)
            };
            self.line.clear();
            self.has_asked = false;
            let (members, default) = self.show_members(menu, current, &mut is_new);
            self.show_indent();
            self.show("choice");
            let question = Question {
                symbol,
                menu,
                is_new,
                kind: QuestionKind::Choice { members, default },
            };
            let Some(number) = self.ask_member(&question, members, default) else {
                self.must_not_repeat(symbol)?;
                continue;
            };
            let Some((child, member)) = self.visible_member(menu, number) else {
                self.must_not_repeat(symbol)?;
                continue;
            };
            if self.line.last() == Some(&b'?') {
                self.show_help(child);
                self.must_not_repeat(symbol)?;
                continue;
            }
            if choices_are_menus {
                if let Some(choice) = tree.symbol(symbol).choice {
                    self.session.set_choice(choice, member);
                }
                return Ok(());
            }
            self.session.set_tristate(member, Tristate::Yes);
            let mut below = tree.menu(child).list;
            while let Some(entry) = below {
                self.indent += 2;
                let result = self.entry(entry);
                self.indent -= 2;
                result?;
                below = tree.menu(entry).next;
            }
            return Ok(());
        }
    }

    /// Shows the members of a choice; returns how many there are and which is the default.
    fn show_members(
        &mut self,
        menu: MenuId,
        current: Option<SymbolId>,
        is_new: &mut bool,
    ) -> (usize, usize) {
        let tree = self.session.tree();
        let (mut members, mut default) = (0, 0);
        let mut child = tree.menu(menu).list;
        while let Some(entry) = child {
            child = tree.menu(entry).next;
            if !self.session.is_menu_visible(entry) {
                continue;
            }
            let Some(member) = tree.menu(entry).symbol else {
                self.show_mark(b'*');
                self.show(" ");
                self.show_prompt(entry);
                self.show("\n");
                continue;
            };
            members += 1;
            if Some(member) == current {
                default = members;
                self.show_mark(b'>');
            } else {
                self.show_mark(b' ');
            }
            self.show(&format!(" {members}. "));
            self.show_prompt(entry);
            self.show(" ");
            self.show_name(member);
            if !self.session.is_assigned(member) {
                if tree.generation.choices_are_menus() {
                    *is_new = true;
                }
                self.show(" (NEW)");
            }
            self.show("\n");
        }
        self.complain();
        (members, default)
    }

    /// Reads the number of a member; `None` where the answer was none.
    fn ask_member(&mut self, question: &Question, members: usize, default: usize) -> Option<usize> {
        if members == 1 {
            self.show("[1]: 1\n");
            return Some(1);
        }
        self.show(&format!("[1-{members}?]: "));
        if self.asked == Asked::New && !question.is_new {
            self.show(&format!("{default}\n"));
            return Some(default);
        }
        self.read_line(question);
        self.line = strip(&self.line).to_vec();
        match self.line.first() {
            Some(b'?') => {
                self.show_help(question.menu);
                None
            }
            None => Some(default),
            Some(byte) if byte.is_ascii_digit() => {
                let number = crate::numbers::to_signed(&self.line, 10);
                // No member has a number as large as what does not fit.
                Some(usize::try_from(number).unwrap_or(usize::MAX))
            }
            Some(_) => None,
        }
    }

    /// The member with a number among those shown.
    fn visible_member(&mut self, menu: MenuId, number: usize) -> Option<(MenuId, SymbolId)> {
        let tree = self.session.tree();
        let mut left = number;
        let mut child = tree.menu(menu).list;
        while let Some(entry) = child {
            child = tree.menu(entry).next;
            let Some(member) = tree.menu(entry).symbol else {
                continue;
            };
            if !self.session.is_menu_visible(entry) {
                continue;
            }
            left = left.wrapping_sub(1);
            if left == 0 {
                return Some((entry, member));
            }
        }
        None
    }

    fn show_help(&mut self, menu: MenuId) {
        let help = self.session.help_text(menu);
        self.complain();
        self.show("\n");
        self.show_bytes(&help);
        self.show("\n");
    }
}

/// The nearest menu around an entry (`menu_get_parent_menu`).
fn parent_menu(session: &Session<'_>, menu: MenuId) -> MenuId {
    let tree = session.tree();
    let mut menu = menu;
    while menu != MenuId::ROOT {
        let node = tree.menu(menu);
        if node
            .prompt
            .is_some_and(|prompt| tree.property(prompt).kind == PropertyKind::Menu)
        {
            break;
        }
        menu = node.parent.unwrap_or(MenuId::ROOT);
    }
    menu
}

/// A line without the blanks around it.
fn strip(line: &[u8]) -> &[u8] {
    let mut line = line;
    while let [first, rest @ ..] = line {
        if !crate::parse::is_space(*first) {
            break;
        }
        line = rest;
    }
    while let [rest @ .., last] = line {
        if !crate::parse::is_space(*last) {
            break;
        }
        line = rest;
    }
    line
}
