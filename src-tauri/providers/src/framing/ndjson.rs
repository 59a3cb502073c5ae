//! One JSON value a line (Ollama: PROTOCOLS, section 5).

use super::{FramingError, MAX_FRAME_BYTES};

/// Cuts bytes into lines that hold something. Lines end in LF; a CR before it and white space around are dropped.
#[derive(Debug, Default)]
pub struct NdjsonParser {
    line: Vec<u8>,
    failed: Option<FramingError>,
}

impl NdjsonParser {
    /// Takes the next bytes and calls `on_line` for each line they complete. After an error every call repeats it.
    pub fn push(&mut self, bytes: &[u8], mut on_line: impl FnMut(&[u8])) -> Result<(), FramingError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut rest = bytes;
        while let Some((line, after)) = split_line(rest) {
            rest = after;
            if self.line.is_empty() {
                emit(line, &mut on_line);
            } else {
                self.hold(line)?;
                emit(&self.line, &mut on_line);
                self.line.clear();
            }
        }
        self.hold(rest)
    }

    /// The bytes are over: the last line may lack its line feed, and may be cut.
    pub fn finish(&mut self, mut on_line: impl FnMut(&[u8])) {
        if self.failed.is_none() {
            emit(&self.line, &mut on_line);
        }
        self.line.clear();
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<(), FramingError> {
        if self.line.len() + bytes.len() > MAX_FRAME_BYTES {
            let error = FramingError::TooLong { limit: MAX_FRAME_BYTES };
            self.failed = Some(error);
            return Err(error);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, after) = bytes.split_at_checked(memchr::memchr(b'\n', bytes)?)?;
    Some((line, after.get(1..)?))
}

fn emit(line: &[u8], on_line: &mut impl FnMut(&[u8])) {
    let line = line.trim_ascii();
    if !line.is_empty() {
        on_line(line);
    }
}
