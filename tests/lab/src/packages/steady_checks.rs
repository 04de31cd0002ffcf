//! Fifty checks a second of the state port, whether or not those before were answered.

use std::time::Duration;

use crate::error::Error;
use crate::lab::{On, wait_for};

/// Asks until the file `enough` is there, and waits for every answer. Each check is a line of `asked`.
const LOOP: &str = "\
mkdir /run/asking && cd /run/asking
ask() {
    exec 3<>/dev/tcp/127.0.0.1/5431 && IFS= read -r -t 10 answer <&3 && echo \"$answer\" || echo lost
}
asked=0
until [ -e enough ]; do
    ask >>asked 2>/dev/null &
    asked=$((asked + 1))
    sleep 0.02
done
wait
echo $asked >count";

/// Fewer checks would prove little.
const FEWEST: usize = 100;

/// Longest until those that were asked last are answered.
const ENDING: Duration = Duration::from_secs(30);

/// A unit that asks.
pub(super) struct SteadyChecks<'a>(On<'a>);

impl<'a> SteadyChecks<'a> {
    /// Begins, and returns when the first answers are there.
    pub(super) fn begin(on: On<'a>) -> Result<Self, Error> {
        let run = [
            "systemd-run",
            "--quiet",
            "--collect",
            "--unit=asking",
            "bash",
            "-c",
            LOOP,
        ];
        on.run(&run)?;
        let asking = Self(on);
        wait_for("the first answers", ENDING, || asking.has_asked(FEWEST / 2))?;
        Ok(asking)
    }

    /// Ends, and says how many there were; an error is an answer that was none.
    pub(super) fn end(self) -> Result<String, Error> {
        let asked = self.answers()?;
        // The daemon that is there now has its share.
        wait_for("more answers", ENDING, || {
            self.has_asked(asked + FEWEST / 2)
        })?;
        self.0.shell("touch /run/asking/enough")?;
        wait_for("the last answers", ENDING, || {
            self.0.shell("cat /run/asking/count")
        })?;
        let said = self.0.shell("sort /run/asking/asked | uniq --count")?;
        let asked = self.0.shell("cat /run/asking/count")?;
        let (said, asked) = (said.trim(), asked.trim());
        if said.split_whitespace().eq([asked, "production"]) {
            return Ok(format!("{asked} checks meanwhile, each answered"));
        }
        Err(Error::Unfit(format!("of {asked} checks: {said}")))
    }

    fn has_asked(&self, least: usize) -> Result<(), Error> {
        let asked = self.answers()?;
        (asked >= least)
            .then_some(())
            .ok_or_else(|| Error::Unfit(format!("{asked} so far")))
    }

    fn answers(&self) -> Result<usize, Error> {
        let count = self.0.shell("wc --lines </run/asking/asked")?;
        count
            .trim()
            .parse()
            .map_err(|_| Error::Unfit(format!("{count:?} answers")))
    }
}

impl Drop for SteadyChecks<'_> {
    fn drop(&mut self) {
        let end = "systemctl stop asking.service 2>/dev/null || true; rm -rf /run/asking";
        self.0.shell(end).ok();
    }
}
