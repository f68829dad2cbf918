//! The list of rules with their cases is complete: every case stands in it, and all that stands in it
//! is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_case_shows_a_rule_and_every_rule_has_a_case() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/kconfig/cases");
    let list = fs::read_to_string(cases.join("README.md")).expect("the list of rules");
    let mut listed = BTreeSet::new();
    for rule in list.lines().filter_map(|line| line.strip_prefix("- ")) {
        let (text, names) = rule.rsplit_once(": ").expect("a rule and its cases");
        for name in names.split(", ") {
            let name = name
                .strip_prefix('`')
                .and_then(|name| name.strip_suffix('`'));
            listed.insert(name.unwrap_or_else(|| panic!("no case: {text}")).to_owned());
        }
    }
    let there: BTreeSet<String> = fs::read_dir(&cases)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("case.json").is_file())
        .map(|path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        })
        .collect();
    assert_eq!(listed, there);
}
