//! From a Nix system to the kernel's name for the architecture.

/// What the kernel's build calls an architecture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Platform {
    /// The Nix system.
    pub system: &'static str,
    /// `ARCH`, as `make` is given it.
    pub arch: &'static str,
    /// `SRCARCH`: the folder below `arch/`.
    pub srcarch: &'static str,
    /// What `make defconfig` takes, below `arch/SRCARCH/configs/`.
    pub defconfig: &'static str,
    /// What Debian's and most others' cross tools start with.
    pub cross_compile: &'static str,
}

const PLATFORMS: &[Platform] = &[
    Platform {
        system: "x86_64-linux",
        arch: "x86_64",
        srcarch: "x86",
        defconfig: "x86_64_defconfig",
        cross_compile: "x86_64-linux-gnu-",
    },
    Platform {
        system: "i686-linux",
        arch: "i386",
        srcarch: "x86",
        defconfig: "i386_defconfig",
        cross_compile: "i686-linux-gnu-",
    },
    Platform {
        system: "aarch64-linux",
        arch: "arm64",
        srcarch: "arm64",
        defconfig: "defconfig",
        cross_compile: "aarch64-linux-gnu-",
    },
    Platform {
        system: "armv7l-linux",
        arch: "arm",
        srcarch: "arm",
        defconfig: "multi_v7_defconfig",
        cross_compile: "arm-linux-gnueabihf-",
    },
    Platform {
        system: "riscv64-linux",
        arch: "riscv",
        srcarch: "riscv",
        defconfig: "defconfig",
        cross_compile: "riscv64-linux-gnu-",
    },
    Platform {
        system: "powerpc64le-linux",
        arch: "powerpc",
        srcarch: "powerpc",
        defconfig: "ppc64_defconfig",
        cross_compile: "powerpc64le-linux-gnu-",
    },
    Platform {
        system: "s390x-linux",
        arch: "s390",
        srcarch: "s390",
        defconfig: "defconfig",
        cross_compile: "s390x-linux-gnu-",
    },
    Platform {
        system: "loongarch64-linux",
        arch: "loongarch",
        srcarch: "loongarch",
        defconfig: "loongson3_defconfig",
        cross_compile: "loongarch64-linux-gnu-",
    },
];

impl Platform {
    /// The platform of a Nix system.
    pub fn of(system: &str) -> Option<&'static Self> {
        PLATFORMS.iter().find(|platform| platform.system == system)
    }

    /// The platform of what `make` takes as `ARCH`; of several, the first that is known.
    pub fn of_arch(arch: &str) -> Option<&'static Self> {
        let named = PLATFORMS.iter().find(|platform| platform.arch == arch);
        named.or_else(|| PLATFORMS.iter().find(|platform| platform.srcarch == arch))
    }

    /// `SRCARCH` for what `make` takes as `ARCH`: several names can stand for one
    /// folder (`Makefile` of the kernel, "Additional ARCH settings").
    pub fn srcarch_of(arch: &str) -> Option<&'static str> {
        Self::of_arch(arch).map(|platform| platform.srcarch)
    }

    /// The systems there are, for messages.
    pub fn systems() -> impl Iterator<Item = &'static str> {
        PLATFORMS.iter().map(|platform| platform.system)
    }

    /// The Nix system of this machine, as far as it can be a kernel's.
    pub fn host_system() -> String {
        let machine = match std::env::consts::ARCH {
            "x86" => "i686",
            "arm" => "armv7l",
            "powerpc64" => "powerpc64le",
            other => other,
        };
        format!("{machine}-linux")
    }
}
