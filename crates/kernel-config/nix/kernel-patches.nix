# `kernelPatches`: the entries that nixpkgs' kernels are made with. None of them
# has configuration; the patches themselves are not known.
{ lib, opaque }:
let
  entry = name: patch: {
    inherit name;
    patch = opaque patch;
  };
  entries = {
    ath_regd_optional = entry "ath_regd_optional" "ath_regd_optional.patch";
    bridge_stp_helper = entry "bridge-stp-helper" "bridge-stp-helper.patch";
    request_key_helper = entry "request-key-helper" "request-key-helper.patch";
    request_key_helper_updated = entry "request-key-helper-updated" "request-key-helper-updated.patch";
    modinst_arg_list_too_long = entry "modinst-arglist-too-long" "modinst-arg-list-too-long.patch";
    export-rt-sched-migrate = entry "export-rt-sched-migrate" "export-rt-sched-migrate.patch";
    rtl8761b_support = entry "rtl8761b-support" "rtl8761b-support.patch";
  };
in
entries
// {
  cpu-cgroup-v2 = lib.genAttrs [ "4.4" "4.9" "4.11" ] (
    version: entry "cpu-cgroup-v2-${version}" "cpu-cgroup-v2-${version}.patch"
  );
}
