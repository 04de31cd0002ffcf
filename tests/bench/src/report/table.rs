//! All figures beside each other, as one Markdown table; pure.

use super::figures::{Figures, Summary};
use super::spell::{NOTHING, each, megabytes, or_nothing, seconds, times, whole};
use crate::contender::Name;

const HEAD: [&str; 14] = [
    "contender",
    "clients",
    "answers/s",
    "× bare",
    "p50",
    "p99",
    "× bare",
    "lost",
    "CPU per answer",
    "× bare",
    "memory",
    "statements per answer",
    "backends per answer",
    "backends at most",
];

/// One row for each contender and width.
pub(super) fn table(summary: &Summary) -> String {
    let rows = summary.iter().map(|(name, width, figures)| {
        let bare = summary.get(name.bare(), width);
        row(&cells(name, width, figures, bare))
    });
    let rule = format!("| --- |{}", " ---: |".repeat(HEAD.len() - 1));
    let head = [row(&HEAD), rule];
    head.into_iter()
        .chain(rows)
        .map(|line| line + "\n")
        .collect()
}

fn cells(name: Name, width: u32, own: &Figures, bare: Option<&Figures>) -> [String; 14] {
    let ratio = |figure: fn(&Figures) -> Option<f64>| {
        or_nothing(
            bare.and_then(|bare| Some(figure(own)? / figure(bare)?)),
            times,
        )
    };
    [
        name.label().into(),
        width.to_string(),
        whole(own.rate),
        ratio(|figures| Some(figures.rate)),
        or_nothing(own.p50, seconds),
        or_nothing(own.p99, seconds),
        ratio(|figures| figures.p99),
        whole(f64::from(own.lost)),
        or_nothing(own.cpu, seconds),
        ratio(|figures| figures.cpu),
        megabytes(own.memory),
        or_nothing(own.statements, each),
        or_nothing(own.sessions, each),
        own.most_backends
            .map_or_else(|| NOTHING.into(), |most| most.to_string()),
    ]
}

fn row(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    format!("| {} |", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::super::figures::tests::{round, summary};
    use super::*;
    use crate::measure::Round;

    #[test]
    fn every_figure_stands_beside_its_ratio_to_the_bare_server() {
        let bare = Round {
            postgres: None,
            ..round(30_000, 20)
        };
        let slow = Round {
            lost: 1200,
            most_backends: 300,
            ..round(60, 10_000)
        };
        let table = table(&summary(&[(Name::Bare, 16, bare), (Name::Psql, 16, slow)]));
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(
            lines[2],
            "| bare tokio server | 16 | 30,000 | 1.00 × | 20.0 µs | 40.0 µs | 1.00 × | 0 \
             | 20.0 µs | 1.00 × | 4.0 MB | – | – | – |"
        );
        assert_eq!(
            lines[3],
            "| psql one-liner | 16 | 60 | 0.002 × | 10.0 ms | 20.0 ms | 500 × | 1,200 \
             | 10.0 ms | 500 × | 4.0 MB | 0.25 | 0.0167 | 300 |"
        );
    }

    #[test]
    fn without_the_bare_server_there_is_no_ratio() {
        let table = table(&summary(&[(Name::Ours, 1, round(100, 20))]));
        assert!(table.contains("| 100 | – | 20.0 µs |"), "{table}");
    }
}
