//! Options that the kernel gave another name, and what became of those that it removed.

use kconfig::Tree;

/// Old names with what took their place, in the order of the releases that did so.
const RENAMED: [(&str, &str); 19] = [
    // 4.19 and 5.1: connection tracking and NAT of both protocols became one.
    ("NF_CONNTRACK_IPV4", "NF_CONNTRACK"),
    ("NF_CONNTRACK_IPV6", "NF_CONNTRACK"),
    ("NF_NAT_IPV4", "NF_NAT"),
    ("NF_NAT_IPV6", "NF_NAT"),
    // 5.3: as it was named in the patches of PREEMPT_RT before.
    ("PREEMPT_RT_FULL", "PREEMPT_RT"),
    // 5.15
    ("X86_SYSFB", "SYSFB_SIMPLEFB"),
    // 5.18: a choice of formats took its place.
    ("DEBUG_INFO", "DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT"),
    // 6.0
    ("EFI_VARS", "EFIVAR_FS"),
    // 6.1: part of it since.
    ("MEMCG_SWAP", "MEMCG"),
    // 6.9: mitigations have one prefix.
    ("SPECULATION_MITIGATIONS", "CPU_MITIGATIONS"),
    ("PAGE_TABLE_ISOLATION", "MITIGATION_PAGE_TABLE_ISOLATION"),
    ("RETPOLINE", "MITIGATION_RETPOLINE"),
    ("RETHUNK", "MITIGATION_RETHUNK"),
    ("CPU_UNRET_ENTRY", "MITIGATION_UNRET_ENTRY"),
    ("CPU_IBPB_ENTRY", "MITIGATION_IBPB_ENTRY"),
    ("CPU_IBRS_ENTRY", "MITIGATION_IBRS_ENTRY"),
    ("CPU_SRSO", "MITIGATION_SRSO"),
    ("SLS", "MITIGATION_SLS"),
    ("CALL_DEPTH_TRACKING", "MITIGATION_CALL_DEPTH_TRACKING"),
];

/// What an option that a tree does not know is called there, as far as is known: by the table,
/// or, with the tree that it comes from, since one other option has the same prompt.
pub(crate) fn of<'t>(tree: &'t Tree, name: &str, from: Option<&Tree>) -> Option<&'t str> {
    let defined = |name: &str| {
        let symbol = tree.find(name).filter(|&symbol| tree.is_defined(symbol));
        symbol.map(|symbol| tree.name(symbol))
    };
    let listed = RENAMED.iter().find(|(old, _)| *old == name);
    if let Some(new) = listed.and_then(|(_, new)| defined(new)) {
        return Some(new);
    }
    let from = from?;
    let prompt = from.prompt_of(from.find(name)?)?;
    let mut same = tree.symbols().filter(|&symbol| {
        // What has that name in the old tree as well is another thing.
        let is_new = from
            .find(tree.name(symbol))
            .is_none_or(|old| !from.is_defined(old));
        is_new && tree.prompt_of(symbol).as_ref() == Some(&prompt)
    });
    match (same.next(), same.next()) {
        (Some(only), None) => Some(tree.name(only)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_old_name_stands_once() {
        for (index, (old, _)) in RENAMED.iter().enumerate() {
            assert!(RENAMED[index + 1..].iter().all(|(other, _)| other != old));
        }
    }
}
