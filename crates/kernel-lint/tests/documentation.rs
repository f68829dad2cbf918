//! The page of rules is what the rules say.

use std::fs;
use std::path::Path;

/// `BLESS=1` writes the page.
#[test]
fn the_page_of_rules_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, kernel_lint::rules_page()).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(
        written == kernel_lint::rules_page(),
        "docs/rules.md is out of date: BLESS=1 cargo test -p kernel-lint --test documentation"
    );
}

#[test]
fn rules_are_sorted_and_named_as_rules_are() {
    let names: Vec<&str> = kernel_lint::RULES.iter().map(|rule| rule.name).collect();
    assert!(names.is_sorted());
    for rule in kernel_lint::RULES {
        let is_kebab = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        assert!(rule.name.bytes().all(is_kebab), "{}", rule.name);
        assert!(!rule.summary.ends_with('.'), "{}", rule.name);
        assert!(rule.documentation.ends_with('\n'), "{}", rule.name);
    }
}
