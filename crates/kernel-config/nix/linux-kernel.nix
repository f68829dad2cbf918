# What kernels for a platform are built with unless they say otherwise. Up to 26.05
# it stands in `hostPlatform.linux-kernel`.
platform:
let
  multiplatform = name: target: {
    inherit name target;
    baseConfig = "defconfig";
    DTB = true;
    autoModules = true;
    preferBuiltin = true;
  };
  lines = settings: builtins.concatStringsSep "\n" settings + "\n";
  serial = [
    "SERIAL_8250_BCM2835AUX y"
    "SERIAL_8250_EXTENDED y"
    "SERIAL_8250_SHARE_IRQ y"
  ];
in
if platform.isx86 then
  {
    name = "pc";
    target = "bzImage";
    baseConfig = "defconfig";
    autoModules = true;
  }
else if platform.isAarch64 then
  multiplatform "aarch64-multiplatform" "Image"
  // {
    extraConfig = lines (
      [
        # Raspberry Pi 3.
        "ARCH_BCM2835 y"
        "BCM2835_MBOX y"
        "BCM2835_WDT y"
        "RASPBERRYPI_FIRMWARE y"
        "RASPBERRYPI_POWER y"
      ]
      ++ serial
      ++ [
        # ThunderX, Tegra.
        "PCI_HOST_THUNDER_ECAM y"
        "PCI_TEGRA y"
        "USB_XHCI_TEGRA m"
      ]
    );
  }
else if platform.isAarch32 then
  multiplatform "armv7l-hf-multiplatform" "zImage"
  // {
    baseConfig = "multi_v7_defconfig";
    extraConfig = lines (
      serial
      ++ [
        "ARM_BIG_LITTLE_CPUIDLE n"
        "OABI_COMPAT n"
        "KS8851_MLL y"
      ]
    );
  }
else if platform.isPower64 && platform.isLittleEndian then
  {
    name = "PowerNV";
    target = "vmlinux";
    baseConfig = "powernv_defconfig";
    autoModules = true;
    extraConfig = lines [
      "PPC_64K_PAGES n"
      "PPC_4K_PAGES y"
      "IPV6 y"
      "ATA_BMDMA y"
      "ATA_SFF y"
      "VIRTIO_MENU y"
    ];
  }
else if platform.isRiscV then
  multiplatform "riscv-multiplatform" "Image"
else if platform.isLoongArch64 then
  multiplatform "loongarch-multiplatform" "vmlinuz.efi"
else
  { }
