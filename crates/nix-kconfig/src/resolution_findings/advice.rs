//! What to do about answers that were lost.

use kernel_resolve::{Fate, Loss, Root};

/// What to do about an answer that was lost.
pub(super) fn advice(fate: &Fate, loss: &Loss) -> Vec<String> {
    let Fate { name, wanted, .. } = fate;
    match loss {
        Loss::Unmet { conditions } => {
            let mut advice: Vec<String> = conditions
                .iter()
                .filter_map(|unmet| of_root(&unmet.root))
                .collect();
            let is_reachable = |unmet: &kernel_resolve::Unmet| {
                !matches!(unmet.root, Root::Absent { .. } | Root::Toolchain { .. })
            };
            if conditions.iter().all(is_reachable) {
                advice.push(format!(
                    "`nix-kconfig explain {name}={wanted}' seeks the smallest change that \
                     reaches it; else take the answer back"
                ));
            }
            advice
        }
        Loss::Selected { chain, root } => {
            let last = chain.last().map_or("what selects it", |last| &last.name);
            let mut advice = vec![match root {
                Root::Answer { .. } => format!("{last} is asked for: answer that otherwise"),
                _ => format!("it can be had only without {last}"),
            }];
            advice.push(format!(
                "`nix-kconfig explain {name}={wanted}' seeks the smallest change that reaches \
                 it; else take the answer back"
            ));
            advice
        }
        Loss::OtherMember {
            chosen: Some(chosen),
            ..
        } => vec![format!(
            "only one member of a choice can be y: answer {chosen} with `no', or take this one back"
        )],
        Loss::NoPrompt { .. } => vec![format!(
            "no answer sets it: ask for what decides it, and take this one back; `nix-kconfig \
             explain {name}={wanted}' finds that"
        )],
        Loss::AskedTooEarly { .. } | Loss::Unexplained => vec![
            "nixpkgs answers in the order of the kernel's menus: ask for what it needs, too, or \
             see what `--answering olddefconfig' comes to"
                .to_owned(),
        ],
        _ => Vec::new(),
    }
}

/// What can be done about a root.
pub(super) fn of_root(root: &Root) -> Option<String> {
    match root {
        Root::Toolchain { name, probe } => Some(format!("{}: {}", name, tools_for(name, probe))),
        _ => None,
    }
}

/// What a kernel needs for the toolchain to say yes.
fn tools_for(name: &str, probe: &str) -> &'static str {
    let asks = |what: &str| name.contains(what) || probe.contains(what);
    if asks("rust") || asks("RUST") || asks("BINDGEN") {
        "the kernel has to be built with rustc, bindgen and Rust's sources; `--toolchain \
         gcc+pahole+rust' shows what comes of it"
    } else if asks("pahole") || asks("PAHOLE") {
        "the kernel has to be built with pahole; `--toolchain gcc+pahole+rust' shows what comes of it"
    } else if asks("clang") || asks("CLANG") || asks("LLVM") || asks("lld") {
        "the kernel has to be built with Clang and LLVM (its `stdenv'); `--toolchain clang' shows \
         what comes of it"
    } else {
        "another toolchain can answer otherwise; `nix-kconfig toolchain list' names those that \
         `--toolchain' takes"
    }
}
