//! So much a day and no more: at `trace` a busy day would fill a disk.

use std::io::{self, Write};

/// The last line of a day that is full.
const FULL: &[u8] = b"The log of this day is full: nothing more is written before midnight UTC.\n";

/// Writes until a day's share is used up, and again from the next day on. One write is one line: it is written whole or not at all.
pub(super) struct Bounded<W> {
    writer: W,
    most: u64,
    today: fn() -> i64,
    day: i64,
    written: u64,
    is_full: bool,
}

impl<W: Write> Bounded<W> {
    pub(super) fn new(writer: W, most: u64, today: fn() -> i64) -> Self {
        Self { writer, most, today, day: today(), written: 0, is_full: false }
    }

    fn begin_day(&mut self) {
        let day = (self.today)();
        if day != self.day {
            (self.day, self.written, self.is_full) = (day, 0, false);
        }
    }
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.begin_day();
        if self.is_full {
            return Ok(line.len());
        }
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.written.saturating_add(length) > self.most {
            self.is_full = true;
            self.writer.write_all(FULL)?;
            return Ok(line.len());
        }
        self.writer.write_all(line)?;
        self.written += length;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    static DAY: AtomicI64 = AtomicI64::new(1);

    #[test]
    fn a_full_day_says_so_once_and_the_next_begins_anew() {
        let mut log = Bounded::new(Vec::new(), 20, || DAY.load(Ordering::Relaxed));
        for _ in 0..5 {
            log.write_all(b"nine byte\n").unwrap();
        }
        let two = "nine byte\n".repeat(2);
        let full = String::from_utf8_lossy(FULL).into_owned();
        assert_eq!(String::from_utf8_lossy(&log.writer), format!("{two}{full}"));
        DAY.store(2, Ordering::Relaxed);
        log.write_all(b"tomorrow\n").unwrap();
        assert_eq!(String::from_utf8_lossy(&log.writer), format!("{two}{full}tomorrow\n"));
    }
}
