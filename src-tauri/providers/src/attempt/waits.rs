//! What ends the wait for the next bytes: the timer and the stop, made once for a stream and not once for a read.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Why the wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Cancelled,
    Expired,
}

/// The two of one stream.
pub(super) struct Waits {
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    timer: Pin<Box<Sleep>>,
}

impl Waits {
    pub fn new(cancel: CancellationToken, deadline: Instant) -> Self {
        Self { cancelled: Box::pin(cancel.cancelled_owned()), timer: Box::pin(sleep_until(deadline)) }
    }

    /// Whether it is over, with the deadline as it is now.
    ///
    /// With every delta the deadline moves away. The timer stays where it is then, and is set anew only when it runs out
    /// too early: once per idle time, and not once per delta.
    pub fn poll(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<Stop> {
        if self.cancelled.as_mut().poll(context).is_ready() {
            return Poll::Ready(Stop::Cancelled);
        }
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
        while self.timer.as_mut().poll(context).is_ready() {
            if self.timer.deadline() >= deadline {
                return Poll::Ready(Stop::Expired);
            }
            self.timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::Duration;

    use super::*;

    async fn wait(waits: &mut Waits, deadline: Instant) -> Stop {
        poll_fn(|context| waits.poll(context, deadline)).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_moved_holds_in_both_directions() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut waits = Waits::new(CancellationToken::new(), after(10));
        assert_eq!(wait(&mut waits, after(30)).await, Stop::Expired);
        assert_eq!(start.elapsed().as_secs(), 30, "the timer that ran out at 10 was too early");
        let mut waits = Waits::new(CancellationToken::new(), after(600));
        assert_eq!(wait(&mut waits, after(35)).await, Stop::Expired);
        assert_eq!(start.elapsed().as_secs(), 35, "a nearer deadline is not overslept");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_comes_through_while_waiting() {
        let cancel = CancellationToken::new();
        let far = Instant::now() + Duration::from_mins(10);
        let mut waits = Waits::new(cancel.clone(), far);
        let stopping = async {
            tokio::task::yield_now().await;
            cancel.cancel();
        };
        let (stop, ()) = tokio::join!(wait(&mut waits, far), stopping);
        assert_eq!(stop, Stop::Cancelled);
    }
}
