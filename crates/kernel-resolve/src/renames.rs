//! Options that the kernel gave another name, and what became of those that it removed.

use kconfig::{Place, Tree};

/// What became of an option that a tree does not define.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Became {
    /// It has another name, or another option took its place.
    Renamed {
        /// The option that the tree defines.
        name: String,
    },
    /// The kernel removed it.
    Removed {
        /// What came of what it was for.
        why: &'static str,
    },
    /// An earlier tree defines it, and this one has nothing of the kind.
    Gone {
        /// What it is asked for as there.
        prompt: Option<String>,
        /// Where it is defined there.
        place: Place,
    },
}

/// Old names with what took their place, in the order of the releases that did so.
const RENAMED: [(&str, &str); 69] = [
    // 4.18
    ("AUTOFS4_FS", "AUTOFS_FS"),
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
    // After 6.1, and until 6.12.
    ("AMD_IOMMU_V2", "AMD_IOMMU"),
    ("DEBUG_INFO_COMPRESSED", "DEBUG_INFO_COMPRESSED_ZLIB"),
    ("DEBUG_KMEMLEAK_TEST", "SAMPLE_KMEMLEAK"),
    ("BCACHE_CLOSURES_DEBUG", "DEBUG_CLOSURES"),
    ("DMA_PERNUMA_CMA", "DMA_NUMA_CMA"),
    ("DRM_AMD_DC_HDCP", "DRM_AMD_DC"),
    ("DRM_DP_AUX_CHARDEV", "DRM_DISPLAY_DP_AUX_CHARDEV"),
    ("DRM_DP_CEC", "DRM_DISPLAY_DP_AUX_CEC"),
    ("EMBEDDED", "EXPERT"),
    ("FSCACHE_DEBUG", "NETFS_DEBUG"),
    ("HABANA_AI", "DRM_ACCEL_HABANALABS"),
    ("INFINIBAND_HNS", "INFINIBAND_HNS_HIP08"),
    ("MFD_INTEL_M10_BMC", "MFD_INTEL_M10_BMC_SPI"),
    ("MFD_RK808", "MFD_RK8XX_I2C"),
    ("MICROCODE_AMD", "MICROCODE"),
    ("MICROCODE_INTEL", "MICROCODE"),
    ("MLX5_EN_MACSEC", "MLX5_MACSEC"),
    ("PARIDE", "PATA_PARPORT"),
    ("PARIDE_ATEN", "PATA_PARPORT_ATEN"),
    ("PARIDE_BPCK", "PATA_PARPORT_BPCK"),
    ("PARIDE_BPCK6", "PATA_PARPORT_BPCK6"),
    ("PARIDE_COMM", "PATA_PARPORT_COMM"),
    ("PARIDE_DSTR", "PATA_PARPORT_DSTR"),
    ("PARIDE_EPAT", "PATA_PARPORT_EPAT"),
    ("PARIDE_EPATC8", "PATA_PARPORT_EPATC8"),
    ("PARIDE_EPIA", "PATA_PARPORT_EPIA"),
    ("PARIDE_FIT2", "PATA_PARPORT_FIT2"),
    ("PARIDE_FIT3", "PATA_PARPORT_FIT3"),
    ("PARIDE_FRIQ", "PATA_PARPORT_FRIQ"),
    ("PARIDE_FRPW", "PATA_PARPORT_FRPW"),
    ("PARIDE_KBIC", "PATA_PARPORT_KBIC"),
    ("PARIDE_KTTI", "PATA_PARPORT_KTTI"),
    ("PARIDE_ON20", "PATA_PARPORT_ON20"),
    ("PARIDE_ON26", "PATA_PARPORT_ON26"),
    // Compression by deflate is all that there is.
    ("PSTORE_DEFLATE_COMPRESS", "PSTORE_COMPRESS"),
    ("PSTORE_LZ4HC_COMPRESS", "PSTORE_COMPRESS"),
    ("PSTORE_LZ4_COMPRESS", "PSTORE_COMPRESS"),
    ("PSTORE_LZO_COMPRESS", "PSTORE_COMPRESS"),
    ("PSTORE_ZSTD_COMPRESS", "PSTORE_COMPRESS"),
    ("SLOB", "SLUB_TINY"),
    ("SOC_CANAAN", "SOC_CANAAN_K210"),
    ("SOC_MICROCHIP_POLARFIRE", "ARCH_MICROCHIP_POLARFIRE"),
    ("SOC_SIFIVE", "ARCH_SIFIVE"),
    ("SOC_VIRT", "ARCH_VIRT"),
    ("STRING_SELFTEST", "STRING_KUNIT_TEST"),
    ("TEST_SIPHASH", "SIPHASH_KUNIT_TEST"),
    ("TEST_STRING_HELPERS", "STRING_HELPERS_KUNIT_TEST"),
    ("USB_ONBOARD_HUB", "USB_ONBOARD_DEV"),
    ("YOGABOOK_WMI", "YOGABOOK"),
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

/// Old names that nothing took the place of, with what came of what they were for.
const REMOVED: [(&str, &str); 45] = [
    ("ACPI_CUSTOM_METHOD", GONE),
    ("BASE_FULL", "BASE_SMALL says the contrary since"),
    ("BLK_DEV_THROTTLING_LOW", GONE),
    ("BPFILTER", GONE),
    ("BPFILTER_UMH", GONE),
    ("BTRFS_FS_CHECK_INTEGRITY", GONE),
    ("CRYPTO_CFB", GONE),
    ("CRYPTO_OFB", GONE),
    ("CRYPTO_STATS", GONE),
    ("DEBUG_CREDENTIALS", GONE),
    (
        "DEBUG_SLAB",
        "SLUB_DEBUG is what the remaining allocator has",
    ),
    ("DRM_I810", OLD_DRM),
    ("DRM_LEGACY", OLD_DRM),
    ("DRM_MGA", OLD_DRM),
    ("DRM_R128", OLD_DRM),
    ("DRM_SAVAGE", OLD_DRM),
    ("DRM_SIS", OLD_DRM),
    ("DRM_TDFX", OLD_DRM),
    ("DRM_VIA", OLD_DRM),
    ("EEPROM_LEGACY", GONE),
    ("EFI_FAKE_MEMMAP", GONE),
    ("I2C_COMPAT", GONE),
    ("INTEL_MENLOW", GONE),
    ("IP_NF_TARGET_CLUSTERIP", GONE),
    ("MD_FAULTY", GONE),
    ("MD_MULTIPATH", GONE),
    (
        "MEMORY_HOTPLUG_DEFAULT_ONLINE",
        "MHP_DEFAULT_ONLINE_TYPE_… are the members of a choice that took its place",
    ),
    (
        "MODULE_COMPRESS_NONE",
        "MODULE_COMPRESS, answered n, says so since",
    ),
    ("NET_ACT_IPT", GONE),
    ("NFT_OBJREF", "it is part of NF_TABLES"),
    ("PRINTK_SAFE_LOG_BUF_SHIFT", GONE),
    (
        "RANDOM_TRUST_BOOTLOADER",
        "the kernel does so, unless the command line says random.trust_bootloader=off",
    ),
    (
        "RANDOM_TRUST_CPU",
        "the kernel does so, unless the command line says random.trust_cpu=off",
    ),
    ("SCSI_UFS_HPB", GONE),
    ("SECURITY_SELINUX_CHECKREQPROT_VALUE", GONE),
    (
        "SECURITY_SELINUX_DISABLE",
        "the command line's selinux=0 disables it",
    ),
    ("SLAB", "SLUB is the only allocator"),
    ("SND_VERBOSE_PRINTK", GONE),
    ("SYSFS_DEPRECATED", GONE),
    ("SYSFS_DEPRECATED_V2", GONE),
    ("TEST_LIVEPATCH", "it is one of the kernel's selftests"),
    ("THERMAL_WRITABLE_TRIPS", GONE),
    ("UBSAN_SANITIZE_ALL", "UBSAN does so by itself"),
    ("WARN_ALL_UNSEEDED_RANDOM", GONE),
    ("X86_FEATURE_NAMES", "the names are always there"),
];

const GONE: &str = "nothing took its place";
const OLD_DRM: &str = "the drivers of old graphics cards that set modes in user space went with it";

/// What became of an option that a tree does not know, as far as is known: by the table, or, with
/// an earlier tree that defines it, since one other option has the same prompt.
pub fn of(tree: &Tree, name: &str, earlier: Option<&Tree>) -> Option<Became> {
    let defined = |tree: &Tree, name: &str| {
        let symbol = tree.find(name);
        symbol.filter(|&symbol| tree.is_defined(symbol))
    };
    let listed = RENAMED.iter().find(|(old, _)| *old == name);
    if let Some(new) = listed.and_then(|(_, new)| defined(tree, new)) {
        return Some(Became::Renamed {
            name: tree.name(new).to_owned(),
        });
    }
    if let Some((_, why)) = REMOVED.iter().find(|(old, _)| *old == name) {
        return Some(Became::Removed { why });
    }
    let earlier = earlier?;
    let symbol = defined(earlier, name)?;
    let prompt = earlier.prompt_of(symbol);
    let has_prompt = |tree: &Tree, symbol| prompt.is_some() && tree.prompt_of(symbol) == prompt;
    // Members of choices are often called alike ("lz4"): nothing follows from that.
    let says_enough = earlier
        .symbols()
        .filter(|&other| has_prompt(earlier, other))
        .count()
        == 1;
    let mut same = tree.symbols().filter(|&symbol| {
        // What has that name in the earlier tree as well is another thing.
        has_prompt(tree, symbol) && defined(earlier, tree.name(symbol)).is_none()
    });
    match (same.next(), same.next()) {
        (Some(only), None) if says_enough => Some(Became::Renamed {
            name: tree.name(only).to_owned(),
        }),
        _ => Some(Became::Gone {
            prompt,
            place: earlier.definitions(symbol).next()?.place(),
        }),
    }
}

/// Old names with the names that took their place, for those who check the table.
pub fn table() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let renamed = RENAMED.iter().map(|&(old, new)| (old, Some(new)));
    renamed.chain(REMOVED.iter().map(|&(old, _)| (old, None)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_old_name_stands_once() {
        let names: Vec<&str> = table().map(|(old, _)| old).collect();
        let different: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), different.len());
    }
}
