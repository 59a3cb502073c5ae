//! Time and ids, made in one layer so that tests can decide both.

use jiff::tz::TimeZone;
use roundtable_domain::UnixMs;
use uuid::{Timestamp, Uuid};

/// Where the engine takes time, ids and randomness from.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> UnixMs;

    /// The zone of the wall clock, where the user has set none.
    fn time_zone(&self) -> TimeZone {
        TimeZone::system()
    }

    /// A new id that sorts by time.
    fn new_id(&self) -> Uuid;

    /// Uniform over the whole range, for jitter; not for secrets.
    fn jitter(&self) -> u64;
}

/// The machine's clock and randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMs {
        UnixMs(jiff::Timestamp::now().as_millisecond())
    }

    fn new_id(&self) -> Uuid {
        Uuid::new_v7(Timestamp::now(uuid::NoContext))
    }

    fn jitter(&self) -> u64 {
        let (high, low) = Uuid::now_v7().as_u64_pair();
        high.rotate_left(32) ^ low.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}
