# What `<nix/fetchurl.nix>` is: a derivation that downloads one file, built by Nix
# itself. Its attributes decide its store path, so they are those of Nix.
{
  url,
  hash ? "",
  sha512 ? "",
  sha256 ? "",
  sha1 ? "",
  md5 ? "",
  # The older spellings, strongest first, count only without `hash`.
  outputHash ? (
    if hash != "" then
      hash
    else if sha512 != "" then
      sha512
    else if sha1 != "" then
      sha1
    else if md5 != "" then
      md5
    else
      sha256
  ),
  outputHashAlgo ? (
    if hash != "" then
      ""
    else if sha512 != "" then
      "sha512"
    else if sha1 != "" then
      "sha1"
    else if md5 != "" then
      "md5"
    else
      "sha256"
  ),
  name ? baseNameOf (toString url),
  executable ? false,
  unpack ? false,
  impure ? false,
  # Accepted and ignored.
  system ? "",
}:
derivation (
  {
    inherit
      executable
      name
      unpack
      url
      ;
    urls = [ url ];
    builder = "builtin:fetchurl";
    system = "builtin";
    outputHashMode = if executable || unpack then "recursive" else "flat";
    preferLocalBuild = true;
    impureEnvVars = [
      "http_proxy"
      "https_proxy"
      "ftp_proxy"
      "all_proxy"
      "no_proxy"
    ];
  }
  // (if impure then { __impure = true; } else { inherit outputHash outputHashAlgo; })
)
