//! Writing `.config` and what the build reads of it: `auto.conf`, `autoconf.h`, `rustc_cfg`, and
//! a file below `include/config` for each symbol that changed (the second half of confdata.c).

use super::Program;
use crate::session::{Session, Unset, quote};
use crate::tree::{SymbolId, SymbolType, Tree};
use crate::tristate::Tristate;
use std::io;

impl Program<'_> {
    /// Writes `.config` and keeps the one before as `.config.old` (`conf_write`).
    pub(super) fn write_config(&mut self, session: &mut Session<'_>) -> io::Result<()> {
        let name = self.config_name();
        if name.is_empty() {
            self.streams.err(b"config name is empty\n");
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if self.folder.is_dir(&name) {
            self.streams
                .err(format!("{name}: Is a directory\n").as_bytes());
            return Err(io::ErrorKind::IsADirectory.into());
        }
        self.folder.make_parent(&name)?;
        let overwrites = self
            .environment
            .get("KCONFIG_OVERWRITECONFIG")
            .is_some_and(|value| !value.is_empty());
        let content = session.write_config();
        self.flush(session);
        self.warn_of_changed_input(session);
        if overwrites || self.folder.is_stream(&name) {
            // What was said so far comes first, where it goes to the same place.
            let _ = self.streams.stdout.flush();
            self.folder.write(&name, &content)?;
        } else {
            if self.folder.holds(&name, &content) {
                self.message(&format!("No change to {name}"));
                session.mark_saved();
                return Ok(());
            }
            let temporary = format!("{name}.{}.tmp", std::process::id());
            self.folder.write(&temporary, &content)?;
            // There may be none to keep.
            let _ = self.folder.rename(&name, &format!("{name}.old"));
            if let Err(error) = self.folder.rename(&temporary, &name) {
                let _ = self.folder.remove(&temporary);
                return Err(error);
            }
        }
        self.message(&format!("configuration written to {name}"));
        session.mark_saved();
        Ok(())
    }

    fn variable_or(&self, variable: &str, default: &str) -> String {
        self.environment.get(variable).unwrap_or(default).to_owned()
    }

    /// Writes the files of the build (`conf_write_autoconf`); unless they are to be brought up
    /// to date, only where there is no `auto.conf` yet.
    pub(super) fn write_autoconf(&mut self, session: &mut Session<'_>) -> io::Result<()> {
        let name = self.variable_or("KCONFIG_AUTOCONFIG", "include/config/auto.conf");
        let is_there = || self.folder.exists(&name);
        if !self.syncs && (!self.generation.always_has_autoconf() || is_there()) {
            return Ok(());
        }
        let tree = session.tree();
        self.write_dependencies(tree, &name)?;
        let computes_first = tree.generation.computes_before_touching();
        if computes_first {
            session.calc_all();
        }
        self.touch_changed(session, &name)?;
        if !computes_first {
            session.calc_all();
        }
        let header = self.variable_or("KCONFIG_AUTOHEADER", "include/generated/autoconf.h");
        let mut content = c_heading(session);
        for &symbol in &tree.hash_order {
            if session.is_written(symbol) && tree.symbol(symbol).name.is_some() {
                session.print_for_c(symbol, &mut content);
            }
        }
        self.replace(&header, &content)?;
        if tree.generation.writes_rust_flags() {
            let flags = self.variable_or("KCONFIG_RUSTCCFG", "include/generated/rustc_cfg");
            let mut content = Vec::new();
            for &symbol in &tree.hash_order {
                if session.is_written(symbol) && tree.symbol(symbol).name.is_some() {
                    session.print_for_rust(symbol, &mut content);
                }
            }
            self.replace(&flags, &content)?;
        }
        // Last, since the build takes it as the sign that all is there.
        let mut content = session.heading();
        for &symbol in &tree.hash_order {
            if session.is_written(symbol) && tree.symbol(symbol).name.is_some() {
                session.print_assignment(symbol, Unset::Omitted, &mut content);
            }
        }
        self.replace(&name, &content)
    }

    fn replace(&self, name: &str, content: &[u8]) -> io::Result<()> {
        self.folder.make_parent(name)?;
        let temporary = format!("{name}.tmp");
        self.folder.write(&temporary, content)?;
        self.folder.rename(&temporary, name)
    }

    /// Writes what `auto.conf` depends on (`conf_write_autoconf_cmd`).
    fn write_dependencies(&self, tree: &Tree, autoconf: &str) -> io::Result<()> {
        let mut text = String::new();
        let names = tree.files.iter().map(|file| file.name.as_str());
        if tree.generation.names_autoconf_by_variable() {
            text.push_str(&format!("autoconfig := {autoconf}\n\ndeps_config := \\\n"));
            for name in names {
                text.push_str(&format!("\t{name} \\\n"));
            }
            text.push_str("\n$(autoconfig): $(deps_config)\n$(deps_config): ;\n");
            for (name, value) in &tree.used_environment {
                text.push_str(&format!(
                    "\nifneq \"$({name})\" \"{value}\"\n$(autoconfig): FORCE\nendif\n"
                ));
            }
        } else {
            text.push_str("deps_config := \\\n");
            if tree.generation.continues_dependency_list() {
                for name in names.rev() {
                    text.push_str(&format!("\t{name} \\\n"));
                }
                text.push_str(&format!("\n{autoconf}: $(deps_config)\n\n"));
            } else {
                let list: Vec<String> = names.rev().map(|name| format!("\t{name}")).collect();
                text.push_str(&list.join(" \\\n"));
                text.push_str(&format!("\n\n{autoconf}: \\\n\t$(deps_config)\n\n"));
            }
            for (name, value) in &tree.used_environment {
                text.push_str(&format!(
                    "ifneq \"$({name})\" \"{value}\"\n{autoconf}: FORCE\nendif\n"
                ));
            }
            text.push_str("\n$(deps_config): ;\n");
        }
        let name = if tree.generation.continues_dependency_list() {
            format!("{autoconf}.cmd")
        } else {
            "include/config/auto.conf.cmd".to_owned()
        };
        self.folder.make_parent(&name)?;
        let temporary = format!("{name}.tmp");
        self.folder.write(&temporary, text.as_bytes())?;
        self.folder.rename(&temporary, &name)
    }

    /// Touches the file of every symbol whose value differs from the last `auto.conf`
    /// (`conf_touch_deps`).
    fn touch_changed(&self, session: &mut Session<'_>, autoconf: &str) -> io::Result<()> {
        let tree = session.tree();
        let folder = autoconf.rsplit_once('/').map_or("", |(folder, _)| folder);
        let touch = |name: &[u8]| {
            let name = tree.generation.touched_file(&String::from_utf8_lossy(name));
            let path = if folder.is_empty() && !autoconf.starts_with('/') {
                name
            } else {
                format!("{folder}/{name}")
            };
            if tree.generation.touches_in_subfolders() {
                self.folder.make_parent(&path)?;
            }
            self.folder.touch(&path)
        };
        if let Some(content) = self.folder.open(autoconf) {
            for name in session.load_auto(autoconf, &content) {
                // A name that cannot be a file's is no reason to stop.
                let _ = touch(&name);
            }
        }
        session.tristate(tree.modules);
        for &symbol in &tree.hash_order {
            if !tree.generation.computes_before_touching() {
                session.tristate(symbol);
            }
            if !tree.symbol(symbol).is_choice && session.differs_from_auto(symbol) {
                touch(tree.name_bytes(symbol))?;
            }
        }
        Ok(())
    }
}

fn c_heading(session: &Session<'_>) -> Vec<u8> {
    let frame: &[u8] = if session.tree().generation.frames_c_heading() {
        b" *\n"
    } else {
        b""
    };
    let mut out = b"/*\n".to_vec();
    out.extend_from_slice(frame);
    out.extend_from_slice(b" * Automatically generated file; DO NOT EDIT.\n * ");
    out.extend_from_slice(session.prompt_text(crate::tree::MenuId::ROOT));
    out.push(b'\n');
    out.extend_from_slice(frame);
    out.extend_from_slice(b" */\n");
    out
}

impl Session<'_> {
    /// Computes all values in the order of the hash table.
    pub(crate) fn calc_all(&mut self) {
        let tree = self.tree();
        for &symbol in &tree.hash_order {
            self.tristate(symbol);
        }
    }

    /// Whether the build has to notice a symbol: its value is not the one of the last
    /// `auto.conf`.
    fn differs_from_auto(&self, symbol: SymbolId) -> bool {
        let kind = self.tree().kind(symbol);
        match (self.is_written(symbol), self.auto_value(symbol)) {
            (false, None) => false,
            (false, Some(_)) => true,
            (true, Some((tri, text))) => match kind {
                SymbolType::Bool | SymbolType::Tristate => self.computed(symbol) != tri,
                SymbolType::Unknown => true,
                _ => self.value_bytes(symbol) != text,
            },
            (true, None) => !kind.is_logical() || self.computed(symbol) != Tristate::No,
        }
    }

    /// `#define CONFIG_X …` (`print_symbol_for_c`).
    fn print_for_c(&self, symbol: SymbolId, out: &mut Vec<u8>) {
        let kind = self.tree().kind(symbol);
        let value = self.value_bytes(symbol);
        if kind == SymbolType::Unknown || kind.is_logical() && value == b"n" {
            return;
        }
        out.extend_from_slice(b"#define ");
        out.extend_from_slice(self.prefix());
        out.extend_from_slice(self.tree().name_bytes(symbol));
        if kind.is_logical() && value == b"m" {
            out.extend_from_slice(b"_MODULE");
        }
        out.push(b' ');
        match kind {
            SymbolType::Bool | SymbolType::Tristate => out.push(b'1'),
            SymbolType::String => quote(value, out),
            SymbolType::Hex => {
                out.extend_from_slice(missing_hex_prefix(value));
                out.extend_from_slice(value);
            }
            _ => out.extend_from_slice(value),
        }
        out.push(b'\n');
    }

    /// `--cfg=CONFIG_X` (`print_symbol_for_rustccfg`).
    fn print_for_rust(&self, symbol: SymbolId, out: &mut Vec<u8>) {
        let kind = self.tree().kind(symbol);
        let value = self.value_bytes(symbol);
        if kind == SymbolType::Unknown || kind.is_logical() && value == b"n" {
            return;
        }
        let mut name = b"--cfg=".to_vec();
        name.extend_from_slice(self.prefix());
        name.extend_from_slice(self.tree().name_bytes(symbol));
        if kind.is_logical() {
            out.extend_from_slice(&name);
            out.push(b'\n');
        }
        out.extend_from_slice(&name);
        out.push(b'=');
        let mut text = Vec::new();
        if kind == SymbolType::Hex {
            text.extend_from_slice(missing_hex_prefix(value));
        }
        text.extend_from_slice(value);
        quote(&text, out);
        out.push(b'\n');
    }
}

fn missing_hex_prefix(value: &[u8]) -> &'static [u8] {
    if matches!(value, [b'0', b'x' | b'X', ..]) {
        b""
    } else {
        b"0x"
    }
}
