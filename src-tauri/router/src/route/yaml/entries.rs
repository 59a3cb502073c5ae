//! Putting a mapping together from what is stated.

use super::Value;

/// The keys of a mapping that have a value.
#[derive(Default)]
pub(crate) struct Entries(Vec<(String, Value)>);

impl Entries {
    pub fn add(&mut self, key: &str, value: Option<Value>) {
        self.0.extend(value.map(|value| (key.to_owned(), value)));
    }

    pub fn into_value(self) -> Value {
        Value::Map(self.0)
    }
}

pub(crate) fn texts(texts: impl Iterator<Item = String>) -> Value {
    Value::List(texts.map(Value::Text).collect())
}

/// No number of a file is above `i64::MAX`: the largest limit is far below.
pub(crate) fn whole(number: impl Into<u64>) -> Value {
    Value::Whole(i64::try_from(number.into()).unwrap_or(i64::MAX))
}

/// Milliseconds as the seconds of the file, without a point where none is needed.
pub(crate) fn seconds(ms: u64) -> Value {
    if ms.is_multiple_of(1_000) {
        return whole(ms / 1_000);
    }
    #[expect(clippy::cast_precision_loss, reason = "a day in milliseconds is far below 2^53")]
    let seconds = ms as f64 / 1_000.0;
    Value::Float(seconds)
}
