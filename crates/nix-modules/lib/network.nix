# IPv6 addresses.
{ lib }:
let
  inherit (builtins) elemAt length match;
  groups = 8;

  # The eight groups as written, `::` filled with zeros.
  expand =
    text:
    let
      halves = builtins.filter builtins.isString (builtins.split "::" text);
      groupsOf = half: if half == "" then [ ] else lib.splitString ":" half;
      left = groupsOf (builtins.head halves);
      right = groupsOf (lib.last halves);
      missing = groups - length left - length right;
      complete =
        if length halves == 1 then
          (if length left == groups then left else null)
        # What `::` stands for is at least one group.
        else if length halves == 2 && missing > 0 then
          left ++ lib.replicate missing "0" ++ right
        else
          null;
    in
    if match "[0-9A-Fa-f:]+" text == null then
      throw "${text} contains malformed characters for IPv6 address"
    else if complete == null || builtins.elem "" complete then
      throw "${text} is not a valid IPv6 address"
    else
      complete;

  parseGroup =
    hex:
    let
      number = lib.fromHexString hex;
    in
    if number >= 0 && number <= 65535 then number else throw "0x${hex} is not a valid u16 integer";

  showAddress = text: lib.concatMapStringsSep ":" (hex: lib.toLower (lib.toHexString (parseGroup hex))) (expand text);

  parseLength =
    whole: text:
    let
      bits = lib.toInt text;
    in
    if bits >= 1 && bits <= 128 then
      bits
    else
      throw "${whole} IPv6 subnet should be in range [1;128], got ${toString bits}";
in
{
  ipv6 = {
    # An address, or a network in CIDR notation: its groups in full, without
    # leading zeros, and the length of its prefix.
    fromString =
      text:
      let
        parts = lib.splitString "/" text;
      in
      if length parts > 2 then
        throw "${text} is not a valid IPv6 address in CIDR notation"
      else
        {
          address = showAddress (builtins.head parts);
          prefixLength = if length parts == 1 then 128 else parseLength text (elemAt parts 1);
        };

    # The interface identifier that RFC 4291, appendix A, makes of a MAC
    # address: ff:fe in its middle, the universal bit flipped.
    mkEUI64Suffix =
      mac:
      let
        octet = "([0-9A-Fa-f]{2})";
        octets = match (builtins.concatStringsSep "[-:.]?" (lib.replicate 6 octet)) mac;
        at = elemAt octets;
        first = lib.toHexString (lib.bitXor 512 (lib.fromHexString (at 0 + at 1)));
      in
      if octets == null then
        throw "\"${mac}\" is not a valid MAC address (expected 6 octets of hex digits)"
      else
        lib.toLower "${first}:${at 2}ff:fe${at 3}:${at 4}${at 5}";
  };
}
