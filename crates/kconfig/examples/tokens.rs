//! Reads files, whose names stand in a list, and splits them into tokens once: what no reader of a
//! Kconfig tree can go below.
//!
//! `tokens FOLDER LIST`

use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, list] = arguments.as_slice() else {
        return Err("usage: tokens FOLDER LIST".into());
    };
    let (mut files, mut tokens) = (0, 0);
    for name in fs::read_to_string(list)?.lines() {
        tokens += kconfig::count_tokens(&fs::read(folder.join(name))?);
        files += 1;
    }
    println!("{files} files, {tokens} tokens");
    Ok(())
}
