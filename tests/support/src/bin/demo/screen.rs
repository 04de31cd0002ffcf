//! How the demo looks in a terminal: calm lines, each wait with what it waits for and how long it
//! took.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the demo's purpose is what it prints"
)]

use std::io::{IsTerminal, Write, stdout};
use std::time::{Duration, Instant};

use support::Status;

use crate::picture::Picture;

/// Columns up to the time that a step took.
const WIDTH: usize = 68;

/// The colours used: ANSI's, so that the terminal's theme decides.
#[derive(Clone, Copy)]
enum Ink {
    Bold,
    Green,
    Cyan,
    Red,
    Dim,
}

impl Ink {
    fn code(self) -> u8 {
        match self {
            Self::Bold => 1,
            Self::Dim => 2,
            Self::Red => 31,
            Self::Green => 32,
            Self::Cyan => 36,
        }
    }
}

/// Begins a chapter.
pub(crate) fn title(text: &str) {
    println!("\n{}", paint(Ink::Bold, text));
}

/// Says something.
pub(crate) fn line(text: &str) {
    println!("  {text}");
}

/// Says what is about to be done.
pub(crate) fn begin(text: &str) {
    print!("  {text} ");
    stdout().flush().ok();
}

/// Ends that line with the time that it took.
pub(crate) fn done(text: &str, time: Duration) {
    let dots = ".".repeat(WIDTH.saturating_sub(text.chars().count()));
    println!("{} {:>5.1} s", paint(Ink::Dim, &dots), time.as_secs_f64());
}

/// Ends that line because it did not come to pass.
pub(crate) fn failed(how: &str) {
    println!("{}", paint(Ink::Red, how));
}

/// Says what happened, and how long after a moment.
pub(crate) fn event(since: Instant, text: &str) {
    println!("  {:>6.2} s  {text}", since.elapsed().as_secs_f64());
}

/// Shows hosts, answers and routes.
pub(crate) fn table(picture: &Picture) {
    let head = format!(
        "{:<6}{:<16}{:<22}{:<14}{}",
        "host", "address", "answers", "writers", "readers"
    );
    println!("\n  {}", paint(Ink::Dim, &head));
    for view in &picture.views {
        // Padded before it is painted: colours have no width.
        println!(
            "  {:<6}{:<16}{}{}{}",
            view.name,
            view.address.to_string(),
            paint_answer(&view.answer, &format!("{:<22}", view.answer)),
            route(view.writers),
            route(view.readers),
        );
    }
    println!();
}

/// Complains on standard error.
pub(crate) fn complain(text: &str) {
    eprintln!("{text}");
}

fn paint_answer(answer: &str, padded: &str) -> String {
    let ink = match answer {
        "production" => Ink::Green,
        "standby" => Ink::Cyan,
        _ => Ink::Red,
    };
    paint(ink, padded)
}

fn route(status: Status) -> String {
    match status {
        Status::Up => paint(Ink::Green, &format!("{:<14}", "here")),
        Status::Down => paint(Ink::Dim, &format!("{:<14}", "-")),
        Status::NoLb | Status::Maint | Status::NoCheck => {
            format!("{:<14}", format!("{status:?}"))
        }
    }
}

/// Paints only for a terminal.
fn paint(ink: Ink, text: &str) -> String {
    if stdout().is_terminal() {
        format!("\x1b[{}m{text}\x1b[0m", ink.code())
    } else {
        text.to_owned()
    }
}
