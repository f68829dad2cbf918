builtins.length (
  builtins.genericClosure {
    startSet = [ { key = 0; } ];
    operator =
      item:
      if item.key >= 20000 then
        [ ]
      else
        [
          { key = item.key + 1; }
          { key = item.key * 2; }
        ];
  }
)
