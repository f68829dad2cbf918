# The embedded `lib` under real Nix. It is plain Nix but for the functions of
# `lib.modules` that are native, which fail when something calls for them.
{ embeddedLib }: import (embeddedLib + "/default.nix")
