//! Nix's settings: which there are, what values they take, and what those that concern
//! evaluation are set to. Nix manual, "nix.conf".

use std::collections::BTreeMap;

use nix_eval::{Diagnose, ExperimentalFeature, Features, Lints};

/// What values a setting takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Text,
    Path,
    /// Words, to which `extra-…` adds.
    Words,
    /// `ignore`, `warn` or `fatal`.
    Diagnose,
    /// `auto` or a number.
    Jobs,
    /// A truth value or `relaxed`.
    Sandbox,
}

/// A setting: its name, what it takes, what else it is called, and the experimental
/// feature without which it is ignored.
struct Setting(
    &'static str,
    Kind,
    &'static [&'static str],
    Option<ExperimentalFeature>,
);

const fn bool(name: &'static str) -> Setting {
    Setting(name, Kind::Bool, &[], None)
}
const fn int(name: &'static str) -> Setting {
    Setting(name, Kind::Int, &[], None)
}
const fn text(name: &'static str) -> Setting {
    Setting(name, Kind::Text, &[], None)
}
const fn path(name: &'static str) -> Setting {
    Setting(name, Kind::Path, &[], None)
}
const fn words(name: &'static str) -> Setting {
    Setting(name, Kind::Words, &[], None)
}
const fn diagnose(name: &'static str) -> Setting {
    Setting(name, Kind::Diagnose, &[], None)
}

impl Setting {
    const fn or(self, aliases: &'static [&'static str]) -> Self {
        Setting(self.0, self.1, aliases, self.3)
    }
    const fn with(self, feature: ExperimentalFeature) -> Self {
        Setting(self.0, self.1, self.2, Some(feature))
    }
}

/// All settings of Nix 2.34.
const SETTINGS: &[Setting] = &[
    bool("abort-on-warn"),
    bool("accept-flake-config").with(ExperimentalFeature::Flakes),
    words("access-tokens"),
    bool("allow-dirty"),
    bool("allow-dirty-locks").with(ExperimentalFeature::Flakes),
    bool("allow-import-from-derivation"),
    bool("allow-new-privileges"),
    bool("allow-symlinked-store"),
    bool("allow-unsafe-native-code-during-evaluation"),
    words("allowed-impure-host-deps"),
    words("allowed-uris"),
    words("allowed-users"),
    bool("always-allow-substitutes"),
    bool("auto-allocate-uids").with(ExperimentalFeature::AutoAllocateUids),
    bool("auto-optimise-store"),
    text("bash-prompt"),
    text("bash-prompt-prefix"),
    text("bash-prompt-suffix"),
    text("build-dir"),
    words("build-hook"),
    int("build-poll-interval"),
    text("build-users-group"),
    text("builders"),
    bool("builders-use-substitutes"),
    text("commit-lock-file-summary")
        .or(&["commit-lockfile-summary"])
        .with(ExperimentalFeature::Flakes),
    bool("compress-build-log").or(&["build-compress-log"]),
    int("connect-timeout"),
    int("cores").or(&["build-cores"]),
    bool("debugger-on-trace"),
    bool("debugger-on-warn"),
    text("diff-hook"),
    int("download-attempts"),
    int("download-buffer-size"),
    int("download-speed"),
    int("eval-attrset-update-layer-rhs-threshold"),
    bool("eval-cache"),
    path("eval-profile-file"),
    text("eval-profiler"),
    int("eval-profiler-frequency"),
    text("eval-system"),
    words("experimental-features"),
    text("external-builders").with(ExperimentalFeature::ExternalBuilders),
    words("extra-platforms"),
    bool("fallback").or(&["build-fallback"]),
    bool("filter-syscalls"),
    text("flake-registry").with(ExperimentalFeature::Flakes),
    bool("fsync-metadata"),
    bool("fsync-store-paths"),
    int("gc-reserved-space"),
    words("hashed-mirrors"),
    int("http-connections").or(&["binary-caches-parallel-connections"]),
    bool("http2"),
    int("id-count"),
    bool("ignore-try"),
    words("ignored-acls"),
    bool("impersonate-linux-26").or(&["build-impersonate-linux-26"]),
    words("impure-env").with(ExperimentalFeature::ConfigurableImpureEnv),
    text("json-log-path"),
    bool("keep-build-log").or(&["build-keep-log"]),
    bool("keep-derivations").or(&["gc-keep-derivations"]),
    bool("keep-env-derivations").or(&["env-keep-derivations"]),
    bool("keep-failed"),
    bool("keep-going"),
    bool("keep-outputs").or(&["gc-keep-outputs"]),
    diagnose("lint-absolute-path-literals"),
    diagnose("lint-short-path-literals"),
    diagnose("lint-url-literals"),
    int("log-lines"),
    int("max-build-log-size").or(&["build-max-log-size"]),
    int("max-call-depth"),
    int("max-free"),
    Setting("max-jobs", Kind::Jobs, &["build-max-jobs"], None),
    int("max-silent-time").or(&["build-max-silent-time"]),
    int("max-substitution-jobs").or(&["substitution-max-jobs"]),
    int("min-free"),
    int("min-free-check-interval"),
    int("nar-buffer-size"),
    int("narinfo-cache-meta-ttl"),
    int("narinfo-cache-negative-ttl"),
    int("narinfo-cache-positive-ttl"),
    text("netrc-file"),
    words("nix-path"),
    bool("nix-shell-always-looks-for-shell-nix"),
    bool("nix-shell-shebang-arguments-relative-to-script"),
    words("plugin-files"),
    text("post-build-hook"),
    text("pre-build-hook"),
    bool("preallocate-contents"),
    bool("print-missing"),
    bool("pure-eval"),
    bool("require-drop-supplementary-groups"),
    bool("require-sigs"),
    bool("restrict-eval"),
    bool("run-diff-hook"),
    Setting(
        "sandbox",
        Kind::Sandbox,
        &["build-use-chroot", "build-use-sandbox"],
        None,
    ),
    text("sandbox-build-dir"),
    text("sandbox-dev-shm-size"),
    bool("sandbox-fallback"),
    words("sandbox-paths").or(&["build-chroot-dirs", "build-sandbox-paths"]),
    words("secret-key-files"),
    bool("show-trace"),
    text("ssl-cert-file"),
    int("stalled-download-timeout"),
    int("start-id"),
    text("store"),
    bool("substitute").or(&["build-use-substitutes"]),
    words("substituters").or(&["binary-caches"]),
    bool("sync-before-registering"),
    text("system"),
    words("system-features"),
    int("tarball-ttl"),
    int("timeout").or(&["build-timeout"]),
    bool("trace-function-calls"),
    bool("trace-import-from-derivation"),
    bool("trace-verbose"),
    bool("trust-tarballs-from-git-forges"),
    words("trusted-public-keys").or(&["binary-cache-public-keys"]),
    words("trusted-substituters").or(&["trusted-binary-caches"]),
    words("trusted-users"),
    text("upgrade-nix-store-path-url"),
    bool("use-case-hack"),
    bool("use-cgroups").with(ExperimentalFeature::Cgroups),
    bool("use-registries").with(ExperimentalFeature::Flakes),
    bool("use-sqlite-wal"),
    bool("use-xdg-base-directories"),
    text("user-agent-suffix"),
    bool("warn-dirty"),
    int("warn-large-path-threshold"),
    bool("warn-short-path-literals"),
];

fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS
        .iter()
        .find(|setting| setting.0 == name || setting.2.contains(&name))
}

/// How a setting is given on the command line.
pub(super) enum Flag {
    /// `--NAME VALUE`
    Value,
    /// `--NAME`, `--no-NAME`: without a value, for this one.
    Fixed(&'static str),
}

/// The setting that a flag without its dashes stands for, and how.
pub(super) fn flag(name: &str) -> Option<(String, Flag)> {
    if let Some(setting) = find(name) {
        // Of two flags that share an alias the last counts, which is the negation.
        let how = match setting.1 {
            Kind::Bool if setting.0 == name => Flag::Fixed("true"),
            Kind::Bool => Flag::Fixed("false"),
            Kind::Sandbox => Flag::Fixed("true"),
            _ => Flag::Value,
        };
        return Some((setting.0.to_owned(), how));
    }
    if let Some(setting) = name.strip_prefix("no-").and_then(find)
        && matches!(setting.1, Kind::Bool | Kind::Sandbox)
    {
        return Some((setting.0.to_owned(), Flag::Fixed("false")));
    }
    let appended = name.strip_prefix("extra-").and_then(find)?;
    (appended.1 == Kind::Words).then(|| (name.to_owned(), Flag::Value))
}

/// The experimental feature that a setting belongs to.
pub(super) fn feature_of(name: &str) -> Option<ExperimentalFeature> {
    find(name)?.3
}

/// A value that a setting does not take, in Nix's words.
#[derive(Debug)]
pub(super) struct BadValue(pub(super) String);

/// What the settings that concern evaluation are set to.
pub(super) struct Settings {
    pub(super) show_trace: bool,
    pub(super) pure_eval: bool,
    pub(super) restrict_eval: bool,
    pub(super) allowed_uris: Vec<String>,
    pub(super) nix_path: Vec<String>,
    pub(super) max_call_depth: u32,
    pub(super) system: Option<String>,
    pub(super) eval_system: String,
    pub(super) trace_verbose: bool,
    pub(super) abort_on_warn: bool,
    pub(super) import_from_derivation: bool,
    pub(super) features: Features,
    pub(super) lints: Lints,
    /// How long an evaluation may take in seconds; 0: as long as it likes.
    pub(super) timeout: u64,
    pub(super) store: Option<String>,
    pub(super) xdg_base_directories: bool,
    /// Settings that Nix does not have, with the value that was given first.
    pub(super) unknown: BTreeMap<String, String>,
    /// What is to be warned of.
    pub(super) warnings: Vec<String>,
    lints_short_paths_itself: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            show_trace: false,
            pure_eval: false,
            restrict_eval: false,
            allowed_uris: Vec::new(),
            nix_path: Vec::new(),
            max_call_depth: 10_000,
            system: None,
            eval_system: String::new(),
            trace_verbose: false,
            abort_on_warn: false,
            import_from_derivation: true,
            features: Features::default(),
            lints: Lints::default(),
            timeout: 0,
            store: None,
            xdg_base_directories: false,
            unknown: BTreeMap::new(),
            warnings: Vec::new(),
            lints_short_paths_itself: false,
        }
    }
}

impl Settings {
    /// Sets a setting, or with `extra-` in front of its name adds to it. One that Nix does
    /// not have is remembered.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), BadValue> {
        let (setting, appends) = match find(name) {
            Some(setting) => (setting, false),
            None => match name.strip_prefix("extra-").and_then(find) {
                Some(setting) if setting.1 == Kind::Words => (setting, true),
                _ => {
                    let unknown = self.unknown.entry(name.to_owned());
                    unknown.or_insert_with(|| value.to_owned());
                    return Ok(());
                }
            },
        };
        let &Setting(name, kind, _, feature) = setting;
        if let Some(feature) = feature
            && !self.features.has(feature)
        {
            self.warnings.push(format!(
                "Ignoring setting '{name}' because experimental feature '{}' is not enabled",
                feature.name()
            ));
            return Ok(());
        }
        match kind {
            Kind::Bool => self.set_bool(name, truth(name, value)?),
            Kind::Int => self.set_number(name, value)?,
            Kind::Diagnose => self.set_lint(name, value)?,
            Kind::Words => self.set_words(name, value, appends),
            Kind::Path if value.is_empty() => {
                return Err(BadValue(format!(
                    "setting '{name}' is a path and paths cannot be empty"
                )));
            }
            Kind::Jobs if value != "auto" && number(value).is_none() => {
                return Err(BadValue(format!(
                    "configuration setting '{name}' should be 'auto' or an integer"
                )));
            }
            Kind::Sandbox if value != "relaxed" && truth(name, value).is_err() => {
                return Err(BadValue(format!(
                    "option '{name}' has invalid value '{value}'"
                )));
            }
            Kind::Text | Kind::Path | Kind::Jobs | Kind::Sandbox => self.set_text(name, value),
        }
        Ok(())
    }

    fn set_bool(&mut self, name: &str, value: bool) {
        match name {
            "show-trace" => self.show_trace = value,
            "pure-eval" => self.pure_eval = value,
            "restrict-eval" => self.restrict_eval = value,
            "trace-verbose" => self.trace_verbose = value,
            "abort-on-warn" => self.abort_on_warn = value,
            "allow-import-from-derivation" => self.import_from_derivation = value,
            "use-xdg-base-directories" => self.xdg_base_directories = value,
            "warn-short-path-literals" => {
                let (taken, instead) = if value {
                    (Diagnose::Warn, "warn")
                } else {
                    (Diagnose::Ignore, "ignore")
                };
                self.warnings.push(format!(
                    "'{name}' is deprecated, use 'lint-short-path-literals = {instead}' instead"
                ));
                if !self.lints_short_paths_itself {
                    self.lints.short_path_literals = taken;
                }
            }
            _ => {}
        }
    }

    fn set_number(&mut self, name: &str, value: &str) -> Result<(), BadValue> {
        let invalid = || BadValue(format!("setting '{name}' has invalid value '{value}'"));
        let number = number(value).ok_or_else(invalid)?;
        match name {
            "max-call-depth" => {
                self.max_call_depth = u32::try_from(number).map_err(|_| invalid())?;
            }
            "timeout" => self.timeout = number,
            _ => {}
        }
        Ok(())
    }

    fn set_lint(&mut self, name: &str, value: &str) -> Result<(), BadValue> {
        let taken = match value {
            "ignore" => Diagnose::Ignore,
            "warn" => Diagnose::Warn,
            "fatal" => Diagnose::Fatal,
            _ => {
                return Err(BadValue(format!(
                    "option '{name}' has invalid value '{value}' (expected 'ignore', 'warn', or \
                     'fatal')"
                )));
            }
        };
        match name {
            "lint-url-literals" => self.lints.url_literals = taken,
            "lint-absolute-path-literals" => self.lints.absolute_path_literals = taken,
            _ => {
                self.lints.short_path_literals = taken;
                self.lints_short_paths_itself = true;
            }
        }
        Ok(())
    }

    fn set_words(&mut self, name: &str, value: &str, appends: bool) {
        let words = value.split_ascii_whitespace().map(str::to_owned);
        let list = match name {
            "allowed-uris" => &mut self.allowed_uris,
            "nix-path" => &mut self.nix_path,
            "experimental-features" => {
                if !appends {
                    self.features = Features::default();
                }
                let mut words: Vec<String> = words.collect();
                words.sort();
                words.dedup();
                for word in words {
                    self.enable(&word);
                }
                return;
            }
            _ => return,
        };
        if !appends {
            list.clear();
        }
        list.extend(words);
    }

    fn enable(&mut self, feature: &str) {
        match ExperimentalFeature::from_name(feature) {
            Some(feature) => self.features.enable(feature),
            None if feature == "no-url-literals" => self.warnings.push(format!(
                "experimental feature '{feature}' has been stabilized and renamed; use \
                 'lint-url-literals = fatal' setting instead"
            )),
            None => self
                .warnings
                .push(format!("unknown experimental feature '{feature}'")),
        }
    }

    fn set_text(&mut self, name: &str, value: &str) {
        match name {
            "system" => self.system = Some(value.to_owned()),
            "eval-system" => value.clone_into(&mut self.eval_system),
            "store" => self.store = Some(value.to_owned()),
            _ => {}
        }
    }
}

fn truth(name: &str, value: &str) -> Result<bool, BadValue> {
    match value {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(BadValue(format!(
            "Boolean setting '{name}' has invalid value '{value}'"
        ))),
    }
}

/// A number, maybe with a unit of 1024, 1024² or so on behind it.
pub(super) fn number(text: &str) -> Option<u64> {
    let (digits, unit) = match text.as_bytes().last()?.to_ascii_uppercase() {
        b'K' => (&text[..text.len() - 1], 1 << 10),
        b'M' => (&text[..text.len() - 1], 1 << 20),
        b'G' => (&text[..text.len() - 1], 1 << 30),
        b'T' => (&text[..text.len() - 1], 1 << 40),
        _ => (text, 1_u64),
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use nix_eval::ExperimentalFeature;

    use super::Settings;

    #[test]
    fn words_are_replaced_or_added_to() {
        let mut settings = Settings::default();
        settings.set("nix-path", "a=b c").unwrap();
        settings.set("extra-nix-path", "d").unwrap();
        assert_eq!(settings.nix_path, ["a=b", "c", "d"]);
        settings.set("nix-path", "").unwrap();
        assert!(settings.nix_path.is_empty());
    }

    #[test]
    fn flakes_bring_fetch_tree() {
        let mut settings = Settings::default();
        settings
            .set("experimental-features", "flakes nope")
            .unwrap();
        assert!(settings.features.has(ExperimentalFeature::FetchTree));
        assert_eq!(settings.warnings, ["unknown experimental feature 'nope'"]);
    }

    #[test]
    fn values_are_checked() {
        let mut settings = Settings::default();
        assert!(settings.set("show-trace", "maybe").is_err());
        assert!(settings.set("max-call-depth", "-1").is_err());
        assert!(settings.set("lint-url-literals", "no").is_err());
        settings.set("max-call-depth", "1K").unwrap();
        assert_eq!(settings.max_call_depth, 1024);
        settings.set("of-another-day", "1").unwrap();
        assert!(settings.unknown.contains_key("of-another-day"));
    }
}
