use super::*;
use crate::postgres::Counts;

/// A round of one second with this many answers that each cost `micros` of CPU and took as long.
pub(in crate::report) fn round(answers: u32, micros: u64) -> Round {
    Round {
        answers,
        lost: 0,
        rate: f64::from(answers),
        counted: Duration::from_secs(1),
        p50: Some(Duration::from_micros(micros)),
        p99: Some(Duration::from_micros(micros * 2)),
        cpu: Duration::from_micros(micros) * answers,
        others: Duration::from_millis(10),
        client: Duration::from_millis(900),
        memory: 4096,
        counted_answers: answers,
        postgres: Some(Counts {
            statements: u64::from(answers) / 4,
            sessions: 1,
        }),
        most_backends: 1,
    }
}

/// A summary of one round each.
pub(in crate::report) fn summary(cells: &[(Name, u32, Round)]) -> Summary {
    let cells = cells.iter().map(|(name, width, round)| {
        (
            (*name, *width),
            Figures::of(std::slice::from_ref(round)).unwrap(),
        )
    });
    Summary(cells.collect())
}

fn close(left: Option<f64>, right: f64) -> bool {
    left.is_some_and(|left| (left - right).abs() < 1e-9)
}

#[test]
fn a_slow_round_does_not_move_the_median() {
    let figures = Figures::of(&[round(100, 20), round(10, 900), round(104, 22)]).unwrap();
    assert!(close(Some(figures.rate), 100.0));
    assert!(close(figures.cpu, 22e-6));
    assert!(close(figures.p99, 44e-6));
}

#[test]
fn two_rounds_meet_in_the_middle() {
    let figures = Figures::of(&[round(100, 20), round(200, 40)]).unwrap();
    assert!(close(Some(figures.rate), 150.0));
    assert!(close(figures.statements, 0.25));
}

#[test]
fn losses_add_up_and_the_most_backends_are_of_the_worst_round() {
    let bad = Round {
        lost: 7,
        most_backends: 3,
        ..round(100, 20)
    };
    let figures = Figures::of(&[
        bad,
        Round {
            lost: 1,
            ..round(100, 20)
        },
    ])
    .unwrap();
    assert_eq!(figures.lost, 8);
    assert_eq!(figures.most_backends, Some(3));
}

#[test]
fn nothing_answered_has_no_cost_per_answer() {
    let silent = Round {
        p50: None,
        p99: None,
        cpu: Duration::from_secs(1),
        ..round(0, 0)
    };
    let figures = Figures::of(&[silent]).unwrap();
    assert_eq!(figures.cpu, None);
    assert_eq!(figures.p99, None);
    assert_eq!(figures.statements, None);
}

#[test]
fn without_a_postgres_there_is_nothing_to_say_of_it() {
    let bare = Round {
        postgres: None,
        most_backends: 0,
        ..round(100, 20)
    };
    let figures = Figures::of(&[bare]).unwrap();
    assert_eq!(
        (figures.statements, figures.sessions, figures.most_backends),
        (None, None, None)
    );
}
