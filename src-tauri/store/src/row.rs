//! Reading and writing columns in the words of the domain.

use std::fmt::Display;
use std::str::FromStr;

use roundtable_domain::{Cost, PicoUsd, RunState, TokenUsage, UnixMs};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::error::StoreError;

type Read<T> = Result<T, StoreError>;

/// Typed access to a row.
pub(crate) trait Columns {
    fn text(&self, column: &str) -> Read<String>;
    fn opt_text(&self, column: &str) -> Read<Option<String>>;
    fn int(&self, column: &str) -> Read<i64>;
    fn opt_int(&self, column: &str) -> Read<Option<i64>>;
    fn bytes(&self, column: &str) -> Read<Vec<u8>>;
    fn opt_bytes(&self, column: &str) -> Read<Option<Vec<u8>>>;

    /// A hash of 32 bytes.
    fn opt_key(&self, column: &str) -> Read<Option<[u8; 32]>> {
        let key = self.opt_bytes(column)?.map(<[u8; 32]>::try_from).transpose();
        key.map_err(|bytes| StoreError::unreadable(column, format!("{} bytes are no key", bytes.len())))
    }

    /// An id, or anything else that is parsed from its text.
    fn parsed<T: FromStr<Err: Display>>(&self, column: &str) -> Read<T> {
        self.text(column)?.parse().map_err(|error| StoreError::unreadable(column, error))
    }

    fn opt_parsed<T: FromStr<Err: Display>>(&self, column: &str) -> Read<Option<T>> {
        self.opt_text(column)?
            .map(|text| text.parse().map_err(|error| StoreError::unreadable(column, error)))
            .transpose()
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Read<T> {
        serde_json::from_str(&self.text(column)?).map_err(|error| StoreError::unreadable(column, error))
    }

    fn opt_json<T: DeserializeOwned>(&self, column: &str) -> Read<Option<T>> {
        self.opt_text(column)?
            .map(|text| serde_json::from_str(&text).map_err(|error| StoreError::unreadable(column, error)))
            .transpose()
    }

    /// An enum word, read the way serde reads it.
    fn word<T: DeserializeOwned>(&self, column: &str) -> Read<T> {
        from_word(&self.text(column)?, column)
    }

    fn opt_word<T: DeserializeOwned>(&self, column: &str) -> Read<Option<T>> {
        self.opt_text(column)?.map(|word| from_word(&word, column)).transpose()
    }

    fn state(&self, column: &str) -> Read<RunState> {
        let word = self.text(column)?;
        RunState::parse(&word).ok_or_else(|| StoreError::unreadable(column, word))
    }

    fn flag(&self, column: &str) -> Read<bool> {
        Ok(self.int(column)? != 0)
    }

    fn time(&self, column: &str) -> Read<UnixMs> {
        self.int(column).map(UnixMs)
    }

    fn opt_time(&self, column: &str) -> Read<Option<UnixMs>> {
        Ok(self.opt_int(column)?.map(UnixMs))
    }

    fn money(&self, column: &str) -> Read<PicoUsd> {
        self.int(column).map(PicoUsd::from_pico)
    }

    fn opt_money(&self, column: &str) -> Read<Option<PicoUsd>> {
        Ok(self.opt_int(column)?.map(PicoUsd::from_pico))
    }

    fn count(&self, column: &str) -> Read<u32> {
        u32::try_from(self.int(column)?).map_err(|error| StoreError::unreadable(column, error))
    }

    fn opt_u64(&self, column: &str) -> Read<Option<u64>> {
        self.opt_int(column)?
            .map(|number| u64::try_from(number).map_err(|error| StoreError::unreadable(column, error)))
            .transpose()
    }

    /// The `usage_*` counts; all of them unknown is still a value.
    fn usage(&self) -> Read<TokenUsage> {
        Ok(TokenUsage {
            input: self.opt_u64("usage_input")?,
            output: self.opt_u64("usage_output")?,
            cached_input: self.opt_u64("usage_cached")?,
            cache_write: self.opt_u64("usage_cache_write")?,
            reasoning: self.opt_u64("usage_reasoning")?,
        })
    }

    /// The `cost_*` columns and what belongs to them.
    fn cost(&self) -> Read<Cost> {
        Ok(Cost {
            usd: self.opt_money("cost_pico")?,
            usd_exact: self.opt_text("cost_exact")?,
            provenance: self.opt_word("provenance")?,
            price_date: self.opt_text("price_date")?,
            at_least: self.flag("cost_at_least")?,
            lines: self.json("cost_lines")?,
        })
    }
}

impl Columns for SqliteRow {
    fn text(&self, column: &str) -> Read<String> {
        Ok(self.try_get(column)?)
    }

    fn opt_text(&self, column: &str) -> Read<Option<String>> {
        Ok(self.try_get(column)?)
    }

    fn int(&self, column: &str) -> Read<i64> {
        Ok(self.try_get(column)?)
    }

    fn opt_int(&self, column: &str) -> Read<Option<i64>> {
        Ok(self.try_get(column)?)
    }

    fn bytes(&self, column: &str) -> Read<Vec<u8>> {
        Ok(self.try_get(column)?)
    }

    fn opt_bytes(&self, column: &str) -> Read<Option<Vec<u8>>> {
        Ok(self.try_get(column)?)
    }
}

fn from_word<T: DeserializeOwned>(word: &str, column: &str) -> Read<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|error| StoreError::unreadable(column, error))
}

/// A value as JSON text. The values stored here have string keys only, so this cannot fail in practice.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Read<String> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable("(being written)", error))
}

pub(crate) fn opt_json<T: Serialize>(value: Option<&T>) -> Read<Option<String>> {
    value.map(json).transpose()
}

/// A count or a duration for an INTEGER column; what does not fit is the largest that does.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn opt_integer(number: Option<u64>) -> Option<i64> {
    number.map(integer)
}
