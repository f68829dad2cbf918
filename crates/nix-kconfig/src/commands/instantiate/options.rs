//! What an evaluation may do, as the command line and the settings say.

use std::env;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kernel_config::with_embedded_nixpkgs;
use nix_eval::{
    AllowList, AllowListIo, HostIo, Io, LookupPathEntry, Options, Purity, RestrictedIo,
};

use super::arguments::{Request, TALKATIVE, WARNINGS};
use super::configuration::{channel_entries, is_pseudo_url};
use super::settings::Settings;
use crate::terminal::for_standard_error;

/// An entry of the look-up path: `PATH` or `PREFIX=PATH`.
pub(crate) fn lookup_entry(entry: &str) -> LookupPathEntry {
    let (prefix, path) = entry.split_once('=').unwrap_or(("", entry));
    LookupPathEntry {
        prefix: prefix.to_owned(),
        path: path.to_owned(),
    }
}

/// What an evaluator is made with.
pub(super) fn options(
    request: &Request,
    settings: &Settings,
    current_dir: &Path,
) -> Result<Options, String> {
    let purity = match (settings.pure_eval, settings.restrict_eval) {
        (true, _) => Purity::Pure,
        (_, true) => Purity::Restricted,
        _ => Purity::Impure,
    };
    let nix_path = look_up_path(request, settings, purity);
    let verbosity = request.verbosity;
    let mut options = Options {
        max_memory: request.max_memory,
        timeout: (settings.timeout > 0).then(|| Duration::from_secs(settings.timeout)),
        max_call_depth: settings.max_call_depth,
        store_dir: store_dir(settings),
        features: settings.features,
        lints: settings.lints,
        trace_verbose: settings.trace_verbose,
        abort_on_warn: settings.abort_on_warn,
        import_from_derivation: settings.import_from_derivation,
        allowed_uris: settings.allowed_uris.clone(),
        purity,
        tells_files: request.verbosity >= TALKATIVE,
        // `<nixpkgs>` is the embedded one where the look-up path knows none.
        fallback_path: nix_modules::look_up_path(Vec::new()).pop(),
        trace: Box::new(move |text| tell(text, verbosity)),
        ..Options::default()
    };
    if purity != Purity::Pure {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        options.current_system = Some(current_system(settings));
        options.current_time = now.map(|now| now.as_secs().cast_signed());
        options.home = env::var_os("HOME").map(PathBuf::from);
    }
    if purity == Purity::Impure {
        options.environment = Box::new(|name| env::var(name).ok());
    } else {
        let allowed = AllowList::default();
        for entry in nix_path.iter().filter(|entry| !is_pseudo_url(&entry.path)) {
            if purity == Purity::Restricted {
                allowed.allow(nix_eval::canonical_path(
                    current_dir,
                    Path::new(&entry.path),
                ));
            }
        }
        options.allowed = Some(allowed);
    }
    options.nix_path = nix_path;
    options.io = files(request, &options)?;
    Ok(options)
}

/// Says what an evaluation has to say, unless it is a warning that nobody wants.
pub(super) fn tell(text: &str, verbosity: u32) {
    let is_warning = text.starts_with("warning:") || text.starts_with("evaluation warning:");
    if verbosity >= WARNINGS || !is_warning {
        eprintln!("{}", for_standard_error(text));
    }
}

/// The files that may be read.
fn files(request: &Request, options: &Options) -> Result<Box<dyn Io>, String> {
    if !request.restrict.is_empty() {
        let io = RestrictedIo::new(HostIo, &absolute(&request.restrict)?)
            .map_err(|error| format!("cannot restrict reading: {error}"))?;
        return Ok(Box::new(with_embedded_nixpkgs(io)));
    }
    Ok(match (&options.allowed, options.purity) {
        (Some(allowed), Purity::Pure) => Box::new(with_embedded_nixpkgs(AllowListIo::pure(
            HostIo,
            allowed.clone(),
        ))),
        (Some(allowed), _) => {
            let io = AllowListIo::restricted(HostIo, allowed.clone());
            Box::new(with_embedded_nixpkgs(io))
        }
        (None, _) => Box::new(with_embedded_nixpkgs(HostIo)),
    })
}

fn absolute(folders: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    folders
        .iter()
        .map(|folder| {
            std::path::absolute(folder)
                .map_err(|error| format!("cannot use '{}': {error}", folder.display()))
        })
        .collect()
}

/// What `-I`, `NIX_PATH` and the settings make up, and where channels are.
fn look_up_path(request: &Request, settings: &Settings, purity: Purity) -> Vec<LookupPathEntry> {
    let channels = match purity {
        Purity::Impure => channel_entries(settings),
        _ => Vec::new(),
    };
    let entries = request
        .include
        .iter()
        .chain(&settings.nix_path)
        .chain(&channels);
    entries.map(|entry| lookup_entry(entry)).collect()
}

/// Where the store is: what the store's URL says, or the environment.
fn store_dir(settings: &Settings) -> String {
    let of_url = settings.store.as_deref().and_then(|url| {
        let (_, query) = url.split_once('?')?;
        query
            .split('&')
            .find_map(|part| part.strip_prefix("store="))
    });
    let of_environment = || {
        env::var("NIX_STORE_DIR")
            .or_else(|_| env::var("NIX_STORE"))
            .ok()
    };
    let store_dir = of_url.map(str::to_owned).or_else(of_environment);
    let store_dir = store_dir.filter(|folder| folder.starts_with('/'));
    store_dir.unwrap_or_else(|| "/nix/store".to_owned())
}

fn current_system(settings: &Settings) -> String {
    if !settings.eval_system.is_empty() {
        return settings.eval_system.clone();
    }
    settings.system.clone().unwrap_or_else(|| {
        let os = match env::consts::OS {
            "macos" => "darwin",
            os => os,
        };
        format!("{}-{os}", env::consts::ARCH)
    })
}
