//! One report in every format.

use findings::{
    Applicability, Cell, Edit, Finding, Fix, Format, Label, Report, Rule, Severity, Source, Style,
};

/// Findings with everything they can have, and with characters that formats escape.
fn findings() -> Vec<Finding> {
    let kernel = Source::new(
        "kernels/my kernel.nix",
        "{ lib, ... }:\n{\n  # größer\n  ä.CONFIG_X = lib.mkForce \"y\";\n  Y = { a = 1; };\n}\n",
    );
    let patch = Source::new("/patches/rt.nix", "{ X = no; }\n");
    let of = |source: &Source, wanted: &str| {
        let start = source.text().find(wanted).unwrap();
        start..start + wanted.len()
    };
    let answer = of(&kernel, "\"y\"");
    vec![
        Finding::warning("text-answer", "`CONFIG_X' is <\"y\">, 100% text")
            .with_label(Label::primary(&kernel, answer.clone(), "this is text"))
            .with_label(Label::secondary(
                &kernel,
                of(&kernel, "CONFIG_X"),
                "of this option",
            ))
            .with_label(Label::secondary(&patch, of(&patch, "X"), "also said here"))
            .with_note(
                "a patch says no",
                Some(Label::primary(&patch, of(&patch, "no"), "no")),
            )
            .with_note("without a place", None)
            .with_help("write `yes',\nor `lib.kernel.yes'")
            .with_fix(Fix {
                title: "write `lib.kernel.yes'".to_owned(),
                applicability: Applicability::Safe,
                edits: vec![Edit {
                    source: kernel.clone(),
                    range: answer,
                    replacement: "lib.kernel.yes".to_owned(),
                }],
            }),
        Finding::new("over-lines", Severity::Note, "on two lines").with_label(Label::primary(
            &kernel,
            of(&kernel, "# größer\n  ä"),
            "",
        )),
        Finding::failure("nowhere\u{1b}[31m to be seen"),
    ]
}

fn render(format: Format, style: Style) -> String {
    let findings = findings();
    let rules = [Rule {
        code: "text-answer",
        summary: "An answer is text",
        documentation: "# Text\n\nAll about it.",
        severity: Severity::Warning,
    }];
    let inputs = ["kernels/my kernel.nix".to_owned(), "good.nix".to_owned()];
    let report = Report {
        command: "lint",
        version: "1.2.3",
        inputs: &inputs,
        rules: &rules,
        findings: &findings,
        cells: &[],
    };
    format.render(&report, style)
}

#[test]
fn people() {
    insta::assert_snapshot!(render(Format::People, Style::PIPED));
}

#[test]
fn people_in_a_narrow_ascii_terminal() {
    let style = Style {
        unicode: false,
        width: Some(40),
        ..Style::PIPED
    };
    insta::assert_snapshot!(render(Format::People, style));
}

#[test]
fn people_with_a_screen_reader() {
    let style = Style {
        plain: true,
        ..Style::PIPED
    };
    insta::assert_snapshot!(render(Format::People, style));
}

#[test]
fn colours_come_only_where_wanted() {
    let coloured = Style {
        colour: true,
        ..Style::PIPED
    };
    assert!(render(Format::People, coloured).contains("\u{1b}["));
    assert!(!render(Format::People, Style::PIPED).contains('\u{1b}'));
}

#[test]
fn machines() {
    for format in Format::ALL {
        if format != Format::People {
            insta::assert_snapshot!(format.name(), render(format, Style::PIPED));
        }
        assert_eq!(format.name().parse::<Format>().unwrap(), format);
    }
    assert!("html".parse::<Format>().is_err());
}

/// A matrix of three cells: one with a finding that it shares, one with its own that could not be
/// looked at, one without any.
#[test]
fn cells() {
    let cells = ["a/x86_64", "b/x86_64", "c/aarch64"].map(|name| Cell {
        name: name.to_owned(),
        coordinates: name
            .split_once('/')
            .map(|(kernel, system)| {
                vec![("kernel", kernel.to_owned()), ("system", system.to_owned())]
            })
            .unwrap_or_default(),
    });
    let shared = Finding {
        cells: vec!["a/x86_64".to_owned(), "b/x86_64".to_owned()],
        ..Finding::error("unused-option", "unused option: X")
    };
    let own = Finding {
        cells: vec!["b/x86_64".to_owned()],
        ..Finding::failure("it cannot be evaluated")
    };
    let everywhere = Finding {
        cells: cells.iter().map(|cell| cell.name.clone()).collect(),
        ..Finding::warning("version-mismatch", "another version")
    };
    let findings = [shared, own, everywhere];
    let report = Report {
        command: "check",
        version: "1.2.3",
        inputs: &[],
        rules: &[],
        findings: &findings,
        cells: &cells,
    };
    let told: Vec<String> = Format::ALL
        .into_iter()
        .map(|format| {
            let text = format.render(&report, Style::PIPED);
            format!("--- {}\n{text}", format.name())
        })
        .collect();
    insta::assert_snapshot!(told.concat());
}
