//! Random Kconfig trees, with a configuration to start from and answers to type.
//!
//! Symbols are numbered. What one depends on has a smaller number and what it selects a greater
//! one, nearly always: else most trees would end with a recursive dependency. `A != y` of a bool symbol
//! is left out where expressions are shared: the kernel's program takes the symbol for an expression
//! there, and what comes of it depends on where things lie in memory.

use kconfig::Generation;

use crate::chance::Chance;

/// How many symbols a tree has at most.
const SYMBOLS: usize = 18;
/// How deep blocks nest.
const DEPTH: usize = 4;

/// A tree, and what `conf` is called with on it.
#[derive(Clone)]
pub(super) struct Trial {
    pub(super) kconfig: String,
    pub(super) config: String,
    pub(super) stdin: String,
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(&'static str, &'static str)>,
}

/// A random trial in the language of a release.
pub(super) fn trial(seed: u64, generation: Generation) -> Trial {
    let mut chance = Chance::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed);
    // The first numbers of such a generator show its seed.
    for _ in 0..4 {
        chance.below(2);
    }
    let symbols = (0..SYMBOLS)
        .map(|number| Symbol::by_chance(number, &mut chance))
        .collect();
    let mut writer = Writer {
        chance,
        generation,
        symbols,
        next: 0,
        negated: false,
        text: String::new(),
    };
    writer.tree();
    let Writer {
        mut chance,
        symbols,
        text,
        ..
    } = writer;
    let config = config(&mut chance, &symbols);
    let stdin = answers(&mut chance);
    let (args, env) = call(&mut chance);
    Trial {
        kconfig: text,
        config,
        stdin,
        args,
        env,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Tristate,
    Int,
    Hex,
    String,
}

impl Kind {
    fn keyword(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Tristate => "tristate",
            Self::Int => "int",
            Self::Hex => "hex",
            Self::String => "string",
        }
    }

    fn is_logical(self) -> bool {
        matches!(self, Self::Bool | Self::Tristate)
    }
}

struct Symbol {
    name: String,
    kind: Kind,
}

impl Symbol {
    fn by_chance(number: usize, chance: &mut Chance) -> Self {
        use Kind::{Bool, Hex, Int, String as Text, Tristate};
        let kind = *chance.pick(&[
            Bool, Bool, Bool, Bool, Tristate, Tristate, Tristate, Tristate, Int, Int, Hex, Text,
        ]);
        let letter = &kind.keyword()[..1];
        Self {
            name: format!("{}{number}", letter.to_ascii_uppercase()),
            kind,
        }
    }
}

struct Writer {
    chance: Chance,
    generation: Generation,
    symbols: Vec<Symbol>,
    /// The next symbol to define.
    next: usize,
    /// Within the operand of `!`.
    negated: bool,
    text: String,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn tree(&mut self) {
        if self.chance.percent(20) {
            self.line("mainmenu \"Main\"");
        }
        if self.chance.percent(70) {
            self.line("config MODULES");
            if self.chance.percent(80) {
                self.line("\tbool \"modules\"");
            } else {
                self.line("\tbool");
            }
            if self.generation < Generation::new(5, 13) {
                self.line("\toption modules");
            } else {
                self.line("\tmodules");
            }
            if self.chance.percent(70) {
                self.line("\tdefault y");
            }
        }
        while self.next < SYMBOLS {
            self.statement(DEPTH);
        }
    }

    fn statement(&mut self, depth: usize) {
        let kinds = if depth == 0 { 11 } else { 20 };
        match self.chance.below(kinds) {
            0..=7 => self.config("config"),
            8 => self.config("menuconfig"),
            9 => self.again(),
            10 => self.comment(),
            11..=13 => self.menu(depth),
            14..=16 => self.if_block(depth),
            _ => self.choice(),
        }
    }

    fn block(&mut self, depth: usize) {
        for _ in 0..self.chance.below(5) {
            if self.next >= SYMBOLS {
                return;
            }
            self.statement(depth - 1);
        }
    }

    fn menu(&mut self, depth: usize) {
        let title = self.next;
        self.line(&format!("menu \"Menu {title}\""));
        if self.chance.percent(40) {
            self.depends();
        }
        if self.chance.percent(30) {
            let condition = self.expr(2);
            self.line(&format!("\tvisible if {condition}"));
        }
        self.block(depth);
        self.line("endmenu");
    }

    fn if_block(&mut self, depth: usize) {
        let condition = self.expr(2);
        self.line(&format!("if {condition}"));
        self.block(depth);
        self.line("endif");
    }

    fn comment(&mut self) {
        let number = self.next;
        self.line(&format!("comment \"Comment {number}\""));
        if self.chance.percent(60) {
            self.depends();
        }
    }

    /// A choice; its members depend on nothing that stands in it.
    fn choice(&mut self) {
        let free = self.generation < Generation::new(6, 11);
        self.line("choice");
        let number = self.next;
        if free && self.chance.percent(30) {
            self.line(&format!("\ttristate \"Choice {number}\""));
        } else {
            let condition = self.condition(20);
            self.line(&format!("\tprompt \"Choice {number}\"{condition}"));
        }
        if free && self.chance.percent(20) {
            self.line("\toptional");
        }
        if self.chance.percent(30) {
            self.depends();
        }
        let first = self.next;
        let count = (1 + self.chance.below(4)).min(SYMBOLS - self.next);
        for _ in 0..2 {
            if self.chance.percent(40) {
                let member = first + self.chance.below(count);
                let name = self.symbols[member].name.clone();
                let condition = self.condition(30);
                self.line(&format!("\tdefault {name}{condition}"));
            }
        }
        let limit = self.next;
        for number in first..first + count {
            let name = self.symbols[number].name.clone();
            self.symbols[number].kind = if free && self.chance.percent(30) {
                Kind::Tristate
            } else {
                Kind::Bool
            };
            let keyword = self.symbols[number].kind.keyword();
            let wraps = self.chance.percent(10);
            if wraps {
                let condition = self.expr_below(1, limit);
                self.line(&format!("if {condition}"));
            }
            self.line(&format!("config {name}"));
            let condition = self.condition_below(15, limit);
            self.line(&format!("\t{keyword} \"{name}\"{condition}"));
            if self.chance.percent(30) {
                let condition = self.expr_below(1, limit);
                self.line(&format!("\tdepends on {condition}"));
            }
            if self.chance.percent(15) {
                self.reverse(first + count);
            }
            if wraps {
                self.line("endif");
            }
            if self.chance.percent(10) {
                self.line("comment \"between members\"");
            }
        }
        self.next = first + count;
        self.line("endchoice");
    }

    /// A further definition of a symbol.
    fn again(&mut self) {
        if self.next == 0 {
            return;
        }
        let number = self.chance.below(self.next);
        let saved = std::mem::replace(&mut self.next, number);
        self.entry("config", number);
        self.next = saved;
    }

    fn config(&mut self, keyword: &str) {
        if self.next < SYMBOLS {
            let number = self.next;
            self.entry(keyword, number);
            self.next = number + 1;
        }
    }

    fn entry(&mut self, keyword: &str, number: usize) {
        let Symbol { name, kind } = &self.symbols[number];
        let (name, mut kind) = (name.clone(), *kind);
        if self.chance.percent(2) {
            kind = Kind::String;
        }
        self.line(&format!("{keyword} {name}"));
        let typed = kind.keyword();
        if self.chance.percent(75) {
            let condition = self.condition(20);
            self.line(&format!("\t{typed} \"{name} prompt\"{condition}"));
        } else {
            self.line(&format!("\t{typed}"));
        }
        if self.chance.percent(40) {
            self.depends();
        }
        for _ in 0..3 {
            if self.chance.percent(30) {
                let value = self.value(kind);
                let condition = self.condition(40);
                self.line(&format!("\tdefault {value}{condition}"));
            }
        }
        if kind.is_logical() {
            for _ in 0..2 {
                if self.chance.percent(25) {
                    self.reverse(number + 1);
                }
            }
        } else if kind != Kind::String && self.chance.percent(50) {
            let (low, high) = (self.bound(kind), self.bound(kind));
            let condition = self.condition(30);
            self.line(&format!("\trange {low} {high}{condition}"));
        }
        if self.chance.percent(10) {
            self.line("\thelp\n\t  Some help.\n");
        }
    }

    fn depends(&mut self) {
        let condition = self.expr(2);
        self.line(&format!("\tdepends on {condition}"));
    }

    /// `select` or `imply` of a symbol with a number from `from` on.
    fn reverse(&mut self, from: usize) {
        if from >= SYMBOLS {
            return;
        }
        let target = from + self.chance.below(SYMBOLS - from);
        let target = &self.symbols[target];
        if !target.kind.is_logical() && self.chance.percent(95) {
            return;
        }
        let name = target.name.clone();
        let keyword = *self.chance.pick(&["select", "select", "imply"]);
        let condition = self.condition(40);
        self.line(&format!("\t{keyword} {name}{condition}"));
    }

    fn value(&mut self, kind: Kind) -> String {
        if self.chance.percent(15) {
            return self.symbol(self.next);
        }
        let values: &[&str] = match kind {
            Kind::Bool | Kind::Tristate if self.chance.percent(30) => {
                return self.expr(2);
            }
            Kind::Bool => &["y", "n", "y", "\"y\""],
            Kind::Tristate => &["y", "m", "n", "m"],
            Kind::Int => &["0", "7", "12", "-3", "100", "007", "text"],
            Kind::Hex => &["0x0", "0x1f", "1F", "0X10", "ff", "zz"],
            Kind::String => &["\"text\"", "\"\"", "\"a \\\"b\\\"\"", "word", "y"],
        };
        (*self.chance.pick(values)).to_owned()
    }

    fn bound(&mut self, kind: Kind) -> String {
        if self.chance.percent(25) && self.next > 0 {
            let number = self.chance.below(self.next);
            if self.symbols[number].kind == kind {
                return self.symbols[number].name.clone();
            }
        }
        let values: &[&str] = match kind {
            Kind::Hex => &["0x0", "0x10", "0xff", "20", "0x7"],
            _ => &["0", "-5", "3", "10", "50", "1000"],
        };
        (*self.chance.pick(values)).to_owned()
    }

    fn condition(&mut self, percent: usize) -> String {
        self.condition_below(percent, self.next)
    }

    fn condition_below(&mut self, percent: usize, limit: usize) -> String {
        if self.chance.percent(percent) {
            format!(" if {}", self.expr_below(2, limit))
        } else {
            String::new()
        }
    }

    fn expr(&mut self, depth: usize) -> String {
        self.expr_below(depth, self.next)
    }

    /// An expression of symbols with numbers below `limit`.
    fn expr_below(&mut self, depth: usize, limit: usize) -> String {
        let kinds = if depth == 0 { 7 } else { 13 };
        match self.chance.below(kinds) {
            0..=3 => self.symbol(limit),
            4 => {
                let values = ["y", "m", "n", "7", "\"text\"", "0x10", "\"\"", "010"];
                let left = self.symbol(limit);
                let right = if self.chance.percent(70) {
                    (*self.chance.pick(&values)).to_owned()
                } else {
                    self.symbol(limit)
                };
                let comparison = *self
                    .chance
                    .pick(&["=", "!=", "=", "!=", "<", "<=", ">", ">="]);
                let reads_wrong = self.generation >= Generation::new(6, 12)
                    && right == "y"
                    && (self.negated && comparison == "=" || comparison == "!=");
                let comparison = if reads_wrong { ">=" } else { comparison };
                format!("{left} {comparison} {right}")
            }
            5 => (*self
                .chance
                .pick(&["y", "m", "n", "m", "MODULES", "UNKNOWN"]))
            .to_owned(),
            6 => format!("!{}", self.symbol(limit)),
            7 => {
                let outer = std::mem::replace(&mut self.negated, true);
                let inner = self.expr_below(depth - 1, limit);
                self.negated = outer;
                format!("!({inner})")
            }
            kind => {
                let left = self.expr_below(depth - 1, limit);
                let right = self.expr_below(depth - 1, limit);
                let operator = if kind < 11 { "&&" } else { "||" };
                if self.chance.percent(50) {
                    format!("({left} {operator} {right})")
                } else {
                    format!("{left} {operator} {right}")
                }
            }
        }
    }

    /// A symbol with a number below `limit`; rarely another.
    fn symbol(&mut self, limit: usize) -> String {
        let limit = if self.chance.percent(1) {
            SYMBOLS
        } else {
            limit
        };
        if limit == 0 {
            return "MODULES".to_owned();
        }
        // Those at hand, so that submenus arise.
        let number = if self.chance.percent(50) {
            limit - 1 - self.chance.below(limit.min(3))
        } else {
            self.chance.below(limit)
        };
        self.symbols[number].name.clone()
    }
}

/// Lines for symbols, most of them with values that fit.
fn config(chance: &mut Chance, symbols: &[Symbol]) -> String {
    let mut text = String::new();
    for _ in 0..chance.below(SYMBOLS + 4) {
        let symbol = chance.pick(symbols);
        let values: &[&str] = match symbol.kind {
            _ if chance.percent(4) => &["", "yes", "\"open", "nope", "0x", "\"a\\\"b\" c", "-"],
            Kind::Bool => &["y", "y", "n", "", "m"],
            Kind::Tristate => &["y", "m", "m", "n", ""],
            Kind::Int => &["5", "-2", "40", "9999", "007"],
            Kind::Hex => &["0x5", "0xAB", "1f", "0xfffff"],
            Kind::String => &["\"word\"", "\"\"", "\"two \\\\ words\""],
        };
        let name = &symbol.name;
        text.push_str(&match *chance.pick(values) {
            "" => format!("# CONFIG_{name} is not set\n"),
            value => format!("CONFIG_{name}={value}\n"),
        });
    }
    if chance.percent(60) {
        text.push_str("CONFIG_MODULES=y\n");
    }
    if chance.percent(5) {
        text.push_str("CONFIG_NOWHERE=y\n");
    }
    text
}

fn answers(chance: &mut Chance) -> String {
    let kinds = [
        "", "", "y", "n", "m", "1", "2", "3", "7", "0x1f", "?", "word", "0",
    ];
    let mut text = String::new();
    for _ in 0..chance.below(120) {
        text.push_str(chance.pick::<&str>(&kinds));
        text.push('\n');
    }
    text
}

fn call(chance: &mut Chance) -> (Vec<String>, Vec<(&'static str, &'static str)>) {
    let front_end = *chance.pick(&[
        "--olddefconfig",
        "--olddefconfig",
        "--olddefconfig",
        "--oldconfig",
        "--oldconfig",
        "--oldaskconfig",
        "--oldaskconfig",
        "--oldaskconfig",
        "--syncconfig",
        "--defconfig=.config",
        "--savedefconfig=defconfig",
        "--alldefconfig",
        "--allnoconfig",
        "--allyesconfig",
        "--allmodconfig",
        "--randconfig",
        "--listnewconfig",
        "--helpnewconfig",
        "--yes2modconfig",
        "--mod2yesconfig",
        "--mod2noconfig",
    ]);
    let mut env = Vec::new();
    match front_end {
        "--randconfig" => {
            env.push(("KCONFIG_SEED", *chance.pick(&["1", "0x1234", "99", "7"])));
            if chance.percent(60) {
                let probabilities = ["50", "30:20", "10:20:30", "0", "100"];
                env.push(("KCONFIG_PROBABILITY", *chance.pick(&probabilities)));
            }
        }
        "--allnoconfig" | "--allyesconfig" | "--allmodconfig" | "--alldefconfig"
            if chance.percent(40) =>
        {
            env.push(("KCONFIG_ALLCONFIG", ".config"));
        }
        _ => {}
    }
    if chance.percent(10) {
        env.push(("KCONFIG_WARN_UNKNOWN_SYMBOLS", "1"));
    }
    if chance.percent(10) {
        env.push(("KCONFIG_WERROR", "1"));
    }
    (vec![front_end.to_owned(), "Kconfig".to_owned()], env)
}
