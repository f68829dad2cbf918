//! `nix-kconfig graph`: the options around one, as a picture.

mod dot;
mod layout;
mod mermaid;
mod picture;
mod svg;

use std::path::PathBuf;
use std::process::ExitCode;

use findings::Finding;
use kernel_explain::{Direction, Link, Neighbourhood, Reach};

use self::picture::Picture;
use crate::names;
use crate::output;
use crate::report;
use crate::subject::SubjectArgs;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The option
    symbol: String,
    /// A kernel whose values are shown, and which of its patches and modules ask
    /// for what
    #[arg(conflicts_with = "answers")]
    kernel: Option<String>,
    /// A finished .config whose values are shown
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kernel", "patches", "answers"])]
    config: Option<PathBuf>,
    /// The kernel's source tree, a folder or an archive
    #[arg(short, long, value_name = "TREE")]
    source: PathBuf,
    /// Show who depends on the option and selects it, rather than what it depends on
    /// and selects
    #[arg(long)]
    reverse: bool,
    /// Over how many links
    #[arg(long, value_name = "LINKS", default_value_t = 2)]
    depth: usize,
    /// Which links to follow
    #[arg(long, value_name = "KIND", value_delimiter = ',', default_values = ["depends", "selects"])]
    links: Vec<LinkName>,
    /// How many options at most
    #[arg(long, value_name = "COUNT", default_value_t = 60)]
    limit: usize,
    /// How it is drawn
    #[arg(long, value_name = "FORMAT", default_value = "dot")]
    format: Format,
    /// Where the result goes; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    subject: SubjectArgs,
}

/// A kind of link by its name.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LinkName {
    /// `depends on`, `if`, and the conditions of prompts
    Depends,
    /// `select`
    Selects,
    /// `imply`
    Implies,
}

/// How a graph is drawn.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// A picture, laid out without other programs
    Svg,
}

/// Draws.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args))
}

fn run(args: &Args) -> Result<bool, Box<Finding>> {
    let source = args.subject.open(&args.source)?;
    let kernel = args.kernel.as_deref();
    let subject = args.subject.of(args.config.as_deref(), kernel, &source)?;
    let tree = args.subject.parse(&source, &subject)?;
    let name = args.symbol.strip_prefix("CONFIG_");
    let symbol = names::find(&tree, name.unwrap_or(&args.symbol))?;
    let links: Vec<Link> = args
        .links
        .iter()
        .map(|name| match name {
            LinkName::Depends => Link::Depends,
            LinkName::Selects => Link::Selects,
            LinkName::Implies => Link::Implies,
        })
        .collect();
    let reach = Reach {
        direction: if args.reverse {
            Direction::Reverse
        } else {
            Direction::Forward
        },
        depth: args.depth,
        links: &links,
        limit: args.limit.max(1),
    };
    let around = Neighbourhood::of(&tree, symbol, &reach);
    for cycle in &around.cycles {
        let names: Vec<&str> = cycle.iter().map(|&symbol| tree.name(symbol)).collect();
        report::print(&Finding::new(
            "cycle",
            findings::Severity::Note,
            format!("{} bear on each other in a circle", names.join(", ")),
        ));
    }
    if around.is_cut {
        report::print(
            &Finding::new(
                "cut",
                findings::Severity::Note,
                format!("there are more than {} options around it", args.limit),
            )
            .with_help("--limit shows more, --depth looks less far"),
        );
    }
    let mut resolved = subject.resolve(&tree);
    let picture = Picture::of(&subject, &mut resolved.session, &around);
    let text = match args.format {
        Format::Dot => dot::write(&picture),
        Format::Mermaid => mermaid::write(&picture),
        Format::Svg => svg::write(&picture),
    };
    output::write(&args.output, text.as_bytes())?;
    Ok(true)
}
