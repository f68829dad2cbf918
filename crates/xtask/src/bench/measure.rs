//! Running programs in turn, and what each run took.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{Run, Usage};

/// One side of a comparison.
pub(crate) struct Contender<'a> {
    pub(crate) name: &'a str,
    /// A run of it; whatever has to be put in place before is done here and is not
    /// measured.
    pub(crate) run: Box<dyn Fn() -> Result<Run> + 'a>,
}

/// Medians over all runs of one contender.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// From start to end, as a watch shows it.
    pub(crate) elapsed: Duration,
    /// Time on processors, of the program and of the processes it waited for; what
    /// else the machine does changes it little.
    pub(crate) busy: Duration,
    /// The most memory that was resident at a time, in bytes.
    pub(crate) peak: u64,
}

/// Runs the contenders in turn, `runs` times each after one run to warm up, so that
/// what slows the machine for a while slows all of them.
///
/// # Errors
///
/// A contender cannot be prepared or started, or ends with a failure.
pub(crate) fn alternate(runs: usize, contenders: &[Contender<'_>]) -> Result<Vec<Measured>> {
    let mut usages: Vec<Vec<Usage>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..=runs {
        for (contender, usages) in contenders.iter().zip(&mut usages) {
            let usage = (contender.run)()
                .and_then(Run::measure)
                .with_context(|| format!("measuring {}", contender.name))?;
            if round > 0 {
                usages.push(usage);
            }
        }
    }
    Ok(usages
        .iter()
        .map(|usages| Measured {
            elapsed: median(usages, |usage| usage.elapsed),
            busy: median(usages, |usage| usage.busy),
            peak: median(usages, |usage| usage.peak),
        })
        .collect())
}

fn median<T: Ord + Default>(usages: &[Usage], part: impl Fn(&Usage) -> T) -> T {
    let mut parts: Vec<T> = usages.iter().map(part).collect();
    parts.sort_unstable();
    let middle = parts.len() / 2;
    parts.into_iter().nth(middle).unwrap_or_default()
}

/// A table of measurements in Markdown; the first contender is the one that the others
/// are compared with.
pub(crate) fn table(contenders: &[Contender<'_>], measured: &[Measured]) -> String {
    let mut text = "| | time | ratio | processor time | ratio | peak memory |\n\
                    | --- | --: | --: | --: | --: | --: |\n"
        .to_owned();
    let Some(first) = measured.first() else {
        return text;
    };
    for (contender, measured) in contenders.iter().zip(measured) {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {:.1} MB |\n",
            contender.name,
            milliseconds(measured.elapsed),
            ratio(first.elapsed, measured.elapsed),
            milliseconds(measured.busy),
            ratio(first.busy, measured.busy),
            measured.peak as f64 / 1e6,
        ));
    }
    text
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn ratio(of: Duration, to: Duration) -> String {
    format!("{:.1}×", of.as_secs_f64() / to.as_secs_f64().max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let usage = |peak| Usage {
            elapsed: Duration::ZERO,
            busy: Duration::ZERO,
            peak,
        };
        let usages = [usage(9), usage(1), usage(5)];
        assert_eq!(median(&usages, |usage| usage.peak), 5);
    }
}
