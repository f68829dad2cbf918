# Has nothing to do with kernels, and is empty without nixpkgs.
{ }
