//! `nix-kconfig repl`, fed with lines in place of a terminal.

use std::io::Write;
use std::process::{Command, Stdio};

/// What a session prints: its results, and its errors.
fn session(lines: &str) -> (String, String) {
    let home = tempfile::tempdir().unwrap();
    let mut repl = Command::new(env!("CARGO_BIN_EXE_nix-kconfig"))
        .arg("repl")
        .env("XDG_STATE_HOME", home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = repl.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).unwrap();
    drop(stdin);
    let output = repl.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

#[test]
fn variables_stay_from_line_to_line() {
    let (out, errors) = session("x = 1 + 1\n:a { y = 5; }\nx + y\n:t x\n");
    assert_eq!(out, "Added 1 variables.\n7\nan integer\n");
    assert_eq!(errors, "");
}

#[test]
fn what_is_printed_is_one_level_deep() {
    let (out, errors) = session("{ a = [ 1 ]; b = throw \"no\"; c = 2; }\n:p { a = [ 1 ]; }\n");
    assert_eq!(
        out,
        "{\n  a = [ … ];\n  b = «error: no»;\n  c = 2;\n}\n{ a = [ 1 ]; }\n"
    );
    assert_eq!(errors, "");
}

#[test]
fn an_error_ends_its_line_only() {
    let (out, errors) = session("1 +\n:foo\n1\n:q\n2\n");
    assert_eq!(out, "1\n");
    assert!(
        errors.contains("syntax error, unexpected end of file"),
        "{errors}"
    );
    assert!(errors.contains("there is no command ':foo'"), "{errors}");
}
