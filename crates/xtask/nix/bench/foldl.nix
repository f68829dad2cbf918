builtins.foldl' (sum: item: sum + item) 0 (builtins.genList (index: index) 1000000)
