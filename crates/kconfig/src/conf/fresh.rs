//! Answers given to all symbols at once: `allnoconfig` and its kin, `randconfig`,
//! `mod2yesconfig` and its kin.

use super::random::Random;
use crate::session::Session;
use crate::tree::{ChoiceId, MenuId, SymbolId, SymbolType};
use crate::tristate::Tristate;

/// What symbols without assignment are given.
#[derive(Debug)]
pub(crate) enum Answer<'r> {
    /// Nothing.
    Default,
    /// One value for all.
    Fixed(Tristate),
    /// Chance decides.
    Random(&'r mut Random, Probability),
}

/// How likely the answers of `randconfig` are, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Probability {
    bool_yes: i64,
    tristate_yes: i64,
    tristate_mod: i64,
}

impl Probability {
    /// Reads `KCONFIG_PROBABILITY`; `None` where a number is out of range.
    pub(crate) fn from_variable(variable: Option<&str>) -> Option<Self> {
        let mut numbers = Vec::new();
        let mut rest = variable.unwrap_or_default().as_bytes();
        while !rest.is_empty() && numbers.len() < 3 {
            let parsed = crate::numbers::parse(rest, 10);
            let number = if parsed.length == 0 {
                0
            } else {
                parsed.signed().0
            };
            if !(0..=100).contains(&number) {
                return None;
            }
            numbers.push(number);
            rest = &rest[parsed.length..];
            // Where no number stands the same text is read again, up to three times.
            rest = rest.strip_prefix(b":").unwrap_or(rest);
        }
        let probability = match numbers[..] {
            [all] => Self {
                bool_yes: all,
                tristate_yes: all - all / 2,
                tristate_mod: all / 2,
            },
            [yes, module] => Self {
                bool_yes: yes + module,
                tristate_yes: yes,
                tristate_mod: module,
            },
            [yes, tristate_yes, tristate_mod] => Self {
                bool_yes: yes,
                tristate_yes,
                tristate_mod,
            },
            _ => Self {
                bool_yes: 50,
                tristate_yes: 33,
                tristate_mod: 33,
            },
        };
        (probability.tristate_yes + probability.tristate_mod <= 100).then_some(probability)
    }

    fn draw(self, random: &mut Random, kind: SymbolType) -> Tristate {
        let number = i64::from(random.next() % 100);
        if kind == SymbolType::Tristate {
            if number < self.tristate_yes {
                Tristate::Yes
            } else if number < self.tristate_yes + self.tristate_mod {
                Tristate::Mod
            } else {
                Tristate::No
            }
        } else {
            Tristate::from_bool(number < self.bool_yes)
        }
    }
}

impl Session<'_> {
    /// Answers for every symbol that has no assignment (`conf_set_all_new_symbols`).
    pub(crate) fn answer_all(&mut self, answer: &mut Answer<'_>) {
        if self.tree().generation.choices_are_menus() {
            self.answer_all_entries(answer);
        } else if let Answer::Random(..) = answer {
            while self.answer_all_symbols(answer) {}
        } else {
            self.answer_all_symbols(answer);
        }
    }

    /// From 6.11 on: entry by entry in the order of the menu tree.
    fn answer_all_entries(&mut self, answer: &mut Answer<'_>) {
        let tree = self.tree();
        let mut next = tree.next_below(MenuId::ROOT, MenuId::ROOT);
        while let Some(menu) = next {
            next = tree.next_below(menu, MenuId::ROOT);
            let node = tree.menu(menu);
            let Some(symbol) = node.symbol else { continue };
            let data = tree.symbol(symbol);
            if node.prompt.is_none()
                || self.is_assigned(symbol)
                || !data.kind.is_logical()
                || data.is_choice_value
            {
                continue;
            }
            if data.is_choice {
                if let (Answer::Random(random, _), Some(choice)) = (&mut *answer, data.choice) {
                    self.shuffle_choice(choice, random);
                }
                continue;
            }
            let value = match answer {
                Answer::Default => continue,
                Answer::Fixed(value) => *value,
                Answer::Random(random, probability) => probability.draw(random, data.kind),
            };
            self.assign_raw(symbol, value);
        }
        self.forget_values();
    }

    /// Assigns `y` to the members of a choice in an order by chance; the first wins
    /// (`randomize_choice_values`, from 6.11 on).
    fn shuffle_choice(&mut self, choice: ChoiceId, random: &mut Random) {
        let tree = self.tree();
        let entries = &tree.choices[choice.index()].entries;
        let mut left = entries
            .iter()
            .filter(|&&member| !self.is_assigned(member))
            .count();
        while left > 0 {
            let mut skip = i64::from(random.next()) % left as i64;
            for &member in entries {
                if !self.is_assigned(member) {
                    skip -= 1;
                }
                if skip < 0 {
                    self.assign_raw(member, Tristate::Yes);
                    self.defer_member(choice, member);
                    break;
                }
            }
            left -= 1;
        }
    }

    /// Before 6.11: symbol by symbol in the order of the hash table, choices afterwards.
    /// Returns whether anything was answered.
    fn answer_all_symbols(&mut self, answer: &mut Answer<'_>) -> bool {
        let tree = self.tree();
        let mut changed = false;
        for &symbol in &tree.hash_order {
            let data = tree.symbol(symbol);
            if self.is_assigned(symbol) || self.is_valid(symbol) || !data.kind.is_logical() {
                continue;
            }
            changed = true;
            let value = match answer {
                Answer::Default => continue,
                Answer::Fixed(Tristate::No) if data.is_yes_in_allno => Tristate::Yes,
                Answer::Fixed(value) => *value,
                Answer::Random(random, probability) => probability.draw(random, data.kind),
            };
            if data.is_choice && matches!(answer, Answer::Random(..)) {
                self.assign_quietly(symbol, value);
            } else {
                self.assign_raw(symbol, value);
            }
        }
        self.forget_values();
        if !matches!(answer, Answer::Random(..)) {
            for &symbol in &tree.hash_order {
                let data = tree.symbol(symbol);
                if data.is_choice && !self.is_assigned(symbol) || data.is_choice_value {
                    self.require_choice_first(symbol);
                }
            }
        }
        for &symbol in &tree.hash_order {
            if self.is_assigned(symbol) || !tree.symbol(symbol).is_choice {
                continue;
            }
            self.tristate(symbol);
            if let Answer::Random(random, _) = answer {
                changed |= self.randomize_choice(symbol, random);
            } else {
                self.assign_members(symbol);
                changed = true;
            }
        }
        changed
    }

    /// Picks a member by chance (`randomize_choice_values`, before 6.11).
    fn randomize_choice(&mut self, choice: SymbolId, random: &mut Random) -> bool {
        let tree = self.tree();
        if self.computed(choice) != Tristate::Yes {
            return false;
        }
        let Some(id) = tree.symbol(choice).choice else {
            return false;
        };
        let members = &tree.choices[id.index()].members;
        if members.is_empty() {
            return false;
        }
        let picked = random.next() as usize % members.len();
        for (index, &member) in members.iter().enumerate() {
            self.assign_raw(member, Tristate::from_bool(index == picked));
            self.forget_value(member);
        }
        self.assign_member(id, members[picked]);
        self.mark_assigned(choice);
        self.forget_value(choice);
        true
    }

    /// Turns one assigned value into another wherever a symbol is tristate
    /// (`conf_rewrite_tristates`).
    pub(crate) fn rewrite_tristates(&mut self, old: Tristate, new: Tristate) {
        let tree = self.tree();
        for &symbol in &tree.hash_order {
            self.rewrite_tristate(symbol, old, new);
        }
        self.forget_values();
    }
}
