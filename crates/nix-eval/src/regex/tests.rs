//! What libstdc++ answers, observed through Nix 2.34.

use super::*;

fn groups(text: &[u8], captures: &Captures) -> Vec<String> {
    let group = |range: &Option<(usize, usize)>| match range {
        None => "-".to_owned(),
        Some((start, end)) => format!("'{}'", String::from_utf8_lossy(&text[*start..*end])),
    };
    captures.groups.iter().map(group).collect()
}

/// The groups of a match of the whole text, in quotes or `-`; `null` if the
/// text does not match.
fn whole(pattern: &str, text: &str) -> String {
    let regex = Regex::new(pattern.as_bytes()).unwrap();
    match regex.match_whole(text.as_bytes()).unwrap() {
        None => "null".to_owned(),
        Some(captures) => groups(text.as_bytes(), &captures).join(" "),
    }
}

/// The text with its matches in brackets.
fn marked(pattern: &str, text: &str) -> String {
    let regex = Regex::new(pattern.as_bytes()).unwrap();
    let mut result = String::new();
    let mut end = 0;
    for found in regex.matches(text.as_bytes()) {
        let found = found.unwrap();
        result += &text[end..found.start];
        result.push('[');
        result += &text[found.start..found.end];
        result.push(']');
        end = found.end;
    }
    result + &text[end..]
}

fn error(pattern: &str) -> Option<RegexError> {
    Regex::new(pattern.as_bytes()).err()
}

#[test]
fn a_repetition_is_greedy_even_if_the_match_gets_shorter() {
    assert_eq!(marked("a*(ab)?", "aab"), "[aa][]b[]");
}

#[test]
fn the_longer_alternative_wins_and_the_left_one_of_equals() {
    assert_eq!(marked("a|ab|abc", "abcab"), "[abc][ab]");
    assert_eq!(whole("(a|ab)(c|bcd)?(d*)", "abcd"), "'a' 'bcd' ''");
    assert_eq!(whole("(a)|(.)", "a"), "'a' -");
}

#[test]
fn an_empty_match_is_followed_by_one_that_is_not_or_by_the_next_byte() {
    assert_eq!(marked("x*", "axxb"), "[]a[xx][]b[]");
    assert_eq!(marked("", "ab"), "[]a[]b[]");
    assert_eq!(marked("^a", "aa"), "[a]a");
    assert_eq!(marked("a$|b", "bab"), "[b]a[b]");
}

#[test]
fn groups_keep_what_an_earlier_round_set() {
    assert_eq!(whole("((a)|b)*", "ab"), "'b' 'a'");
    assert_eq!(whole("(a*)*", ""), "''");
    assert_eq!(whole("(a*)+", "b"), "null");
}

#[test]
fn a_dot_matches_a_newline() {
    assert_eq!(whole("a.b", "a\nb"), "");
}

#[test]
fn brackets_take_a_backslash_literally() {
    assert_eq!(marked(r"[\w]", r"a\w"), r"a[\][w]");
    assert_eq!(marked("[]a]", "]a"), "[]][a]");
    assert_eq!(marked("[^]a]", "]ab"), "]a[b]");
    assert_eq!(marked("[+--]", "a+,-."), "a[+][,][-].");
    assert_eq!(marked("[[=a=]b]", "aAbB"), "[a][A][b]B");
    assert_eq!(marked("[[.hyphen.][.tilde.]]", "-~a"), "[-][~]a");
    assert_eq!(marked("[[:W:]]", "a_-"), "[a][_]-");
}

#[test]
fn what_libstdcxx_rejects() {
    for pattern in [
        r"a\w",
        "(?:a)",
        "*a",
        "[[:foo:]]",
        r"\}",
        r"a\]",
        "^*",
        "a{,3}",
        "(",
        ")",
        "{",
        "a{",
        "[b-a]",
        "[a-b-c]",
        "[a--]",
        "[[:alpha:]-z]",
        "[[.ab.]]",
        "[a-[.c.]]",
        "[",
        "[]",
        "[^",
        "[[.-.]]",
        "a{1",
        "a{2,1}",
        "a{x}",
        r"\",
        r"\1",
        "a|*",
        "a{99999999999999999999}",
    ] {
        assert_eq!(error(pattern), Some(RegexError::Invalid), "{pattern}");
    }
}

#[test]
fn what_grows_beyond_the_limit() {
    assert_eq!(error("a{99994}"), None);
    for pattern in [
        "a{99995}",
        "(a{1000}){1000}",
        "((((a{99}){99}){99}){99}){99}",
    ] {
        assert_eq!(error(pattern), Some(RegexError::TooBig), "{pattern}");
    }
}

#[test]
fn patterns_that_explode_when_tried_naively() {
    let text = "a".repeat(2_000);
    assert_eq!(whole("(a|a)*b", &text), "null");
    assert_eq!(whole("(a*)*b", &text), "null");
    assert_eq!(whole("((a*)*(a*)*)*b", &text), "null");
    assert_eq!(marked("(a|aa)+b|c", &(text.clone() + "c")), text + "[c]");
}

#[test]
fn deep_nesting_is_no_problem() {
    let pattern = "(".repeat(20_000) + "a" + &")".repeat(20_000);
    assert!(Regex::new(pattern.as_bytes()).is_ok());
    let optional = "(a?)".repeat(10_000);
    let regex = Regex::new(optional.as_bytes()).unwrap();
    assert!(regex.match_whole(b"aaa").unwrap().is_some());
}
