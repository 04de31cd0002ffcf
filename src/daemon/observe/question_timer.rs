//! Deadlines for consecutive questions on a single timer: to register a timer for each question and drop
//! it unused would cost a single check more than its bytes do. Does not know what is asked.

use std::pin::{Pin, pin};
use std::time::Instant;

use tokio::time::{self, Sleep};

/// The timer. It may still be set for an earlier question's deadline when it expires; it is then set again.
#[derive(Debug, Default)]
pub(super) struct QuestionTimer(Option<Pin<Box<Sleep>>>);

/// A clone has a timer of its own.
impl Clone for QuestionTimer {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl QuestionTimer {
    /// Returns the output of `work`, or `None` if the deadline passes first.
    pub(super) async fn until<T>(
        &mut self,
        deadline: Instant,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let deadline = time::Instant::from_std(deadline);
        let timer = self
            .0
            .get_or_insert_with(|| Box::pin(time::sleep_until(deadline)));
        if timer.is_elapsed() || deadline < timer.deadline() {
            timer.as_mut().reset(deadline);
        }
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                outcome = &mut work => return Some(outcome),
                () = timer.as_mut() => {
                    if timer.deadline() >= deadline {
                        return None;
                    }
                    timer.as_mut().reset(deadline);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use super::*;

    const SHORT: Duration = Duration::from_millis(30);

    #[tokio::test]
    async fn work_that_is_done_in_time_returns_its_output() {
        let mut timer = QuestionTimer::default();
        for _ in 0..3 {
            let deadline = Instant::now() + SHORT;
            assert_eq!(timer.until(deadline, ready(7)).await, Some(7));
        }
    }

    #[tokio::test]
    async fn each_deadline_holds_whatever_the_one_before_was() {
        let mut timer = QuestionTimer::default();
        for wait in [SHORT * 3, SHORT, SHORT * 2] {
            let far = Instant::now() + wait * 100;
            assert_eq!(timer.until(far, ready(())).await, Some(()));
            let deadline = Instant::now() + wait;
            assert_eq!(timer.until(deadline, pending::<()>()).await, None);
            let late = deadline.elapsed();
            assert!(Instant::now() >= deadline && late < wait * 50, "{late:?}");
        }
    }

    #[tokio::test]
    async fn an_earlier_deadline_that_passes_does_not_end_later_work() {
        let mut timer = QuestionTimer::default();
        let early = Instant::now() + SHORT;
        assert_eq!(timer.until(early, ready(())).await, Some(()));
        let work = time::sleep(SHORT * 2);
        let late = early + SHORT * 100;
        assert_eq!(timer.until(late, work).await, Some(()));
    }
}
