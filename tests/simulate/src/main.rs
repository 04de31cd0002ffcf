//! Plays histories from seeds, and tells what went wrong.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it found")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use clap::Parser;
use simulate::events::{Kind, Script};
use simulate::invariants::kind::Rule;
use simulate::invariants::{Outage, Rules};
use simulate::played::{self, Sum};
use simulate::run::{Ended, play};
use simulate::shrink::shrink;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Plays a whole cluster around the resource agent's own code: each seed is a history of a quarter of an hour, in
/// which about fifty things go wrong.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// For so many seconds; 60 where neither these nor a number of histories are given
    #[arg(long, conflicts_with = "histories")]
    seconds: Option<u64>,
    /// So many histories
    #[arg(long)]
    histories: Option<u64>,
    /// The history of this seed alone, or with --seconds or --histories the first of several
    #[arg(long)]
    seed: Option<u64>,
    /// The history of this script alone
    #[arg(long, conflicts_with = "seed")]
    script: Option<PathBuf>,
    /// Tells everything that happens in one history
    #[arg(long)]
    verbose: bool,
    /// Leaves out of the first history of each kind that went wrong what has no part in it
    #[arg(long)]
    shrink: bool,
    /// Does not look at a rule; may be said several times
    #[arg(long, value_parser = rule, value_name = "RULE")]
    without: Vec<Rule>,
    /// Leaves out all events of a kind; may be said several times
    #[arg(long, value_parser = kind, value_name = "KIND")]
    never: Vec<Kind>,
    /// At once
    #[arg(long, default_value_t = 2)]
    jobs: u64,
    /// Tells of each history what tells it from others, which takes twice the time: whether a change of the simulator
    /// changes histories
    #[arg(long)]
    digest: bool,
    /// Appends how many histories were played to a file, and tells the sum of all of this code
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
}

fn rule(name: &str) -> Result<Rule, String> {
    let names = Rule::ALL.map(Rule::name).join(", ");
    Rule::parse(name).ok_or_else(|| format!("one of {names} was expected"))
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::parse(name).ok_or_else(|| "there is no such event".into())
}

/// The script of a seed, without what is never to happen.
fn script(options: &Options, seed: u64) -> Script {
    let mut script = Script::generate(seed);
    script
        .events
        .retain(|event| !options.never.contains(&event.kind));
    script
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("pgsql-state-simulate: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns how many histories broke a rule.
fn run(options: &Options) -> Result<u64, String> {
    let rules = Rules::without(&options.without);
    let is_one = options.seconds.or(options.histories).is_none();
    let alone = match (&options.script, options.seed) {
        (Some(path), _) => {
            let text =
                fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Some(text.parse()?)
        }
        (None, Some(seed)) if is_one => Some(script(options, seed)),
        (None, Some(_) | None) => None,
    };
    if let Some(script) = alone {
        return Ok(one(options, &script, &rules));
    }
    many(options, &rules)
}

fn one(options: &Options, script: &Script, rules: &Rules) -> u64 {
    let ended = play(script, rules, options.verbose);
    for line in &ended.story {
        println!("{line}");
    }
    tell(script.seed, &ended);
    if let Some(first) = ended.violations.first()
        && options.shrink
    {
        print!("{}", shrink(script, first.rule));
    }
    u64::from(!ended.violations.is_empty())
}

fn tell(seed: u64, ended: &Ended) {
    for violation in &ended.violations {
        println!("seed {seed}: {violation}");
    }
}

/// The command that tells the story of one of many.
fn replay(options: &Options, seed: u64) -> String {
    let program = std::env::args().next().unwrap_or_default();
    let command = format!("  its story: {program} --seed {seed} --verbose");
    let never = options.never.iter();
    never.fold(command, |command, kind| command + " --never " + kind.name())
}

fn many(options: &Options, rules: &Rules) -> Result<u64, String> {
    // Seeds follow one another from a beginning that is told.
    let first = options.seed.unwrap_or_else(|| fastrand::u64(..1 << 40));
    println!("seeds from {first} on");
    let begin = Instant::now();
    let next = AtomicU64::new(0);
    let [actions, things, rows, promotions] = [(); 4].map(|()| AtomicU64::new(0));
    let played = AtomicU64::new(0);
    let broken = AtomicU64::new(0);
    let longest: Mutex<Option<(Outage, u64)>> = Mutex::new(None);
    let seconds = Duration::from_secs(options.seconds.unwrap_or(60));
    let is_over = |number: u64| match options.histories {
        Some(most) => number >= most,
        None => begin.elapsed() >= seconds,
    };
    // Of each rule the first history that broke it.
    let to_shrink = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if is_over(number) {
                return;
            }
            let script = script(options, first.wrapping_add(number));
            let ended = play(&script, rules, options.digest);
            if let Some(digest) = ended.digest {
                println!("{} {digest:016x}", script.seed);
            }
            played.fetch_add(1, Ordering::Relaxed);
            actions.fetch_add(ended.actions, Ordering::Relaxed);
            things.fetch_add(ended.things, Ordering::Relaxed);
            promotions.fetch_add(ended.promotions, Ordering::Relaxed);
            if let Some(outage) = ended.outage
                && let Ok(mut longest) = longest.lock()
                && longest.is_none_or(|(known, _)| outage.time > known.time)
            {
                *longest = Some((outage, script.seed));
            }
            rows.fetch_add(u64::try_from(ended.rows.1).unwrap_or(0), Ordering::Relaxed);
            if !ended.violations.is_empty() {
                broken.fetch_add(1, Ordering::Relaxed);
                tell(script.seed, &ended);
                println!("{}", replay(options, script.seed));
            }
            if let Some(violation) = ended.violations.first()
                && options.shrink
                && let Ok(mut known) = to_shrink.lock()
            {
                known.entry(violation.rule).or_insert(script);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(work);
        }
    });
    let sum = Sum {
        histories: played.into_inner(),
        broken: broken.into_inner(),
    };
    println!(
        "{} histories in {:.1} s, {} of them broke a rule; {} actions of the agent, {} promotions, {} acknowledged rows, \
         {} events",
        sum.histories,
        begin.elapsed().as_secs_f64(),
        sum.broken,
        actions.into_inner(),
        promotions.into_inner(),
        rows.into_inner(),
        things.into_inner(),
    );
    if let Some((Outage { time, kind }, seed)) = longest.into_inner().unwrap_or_default() {
        println!(
            "the longest time without a primary after a single event was {} s, after {} with seed {seed}",
            time.as_secs(),
            kind.name(),
        );
    }
    for (rule, script) in to_shrink.into_inner().unwrap_or_default() {
        print!("{}", shrink(&script, rule));
    }
    if let Some(file) = &options.proof {
        let commit = played::commit()?;
        let all = played::add(file, &commit, first, sum)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        println!(
            "at {commit}: {} histories, {} of them broke a rule",
            all.histories, all.broken
        );
    }
    Ok(sum.broken)
}
