//! placeholder: being written
use serde_json::Value;
use super::UsageReading;
pub(super) fn read(_raw: &Value) -> UsageReading { UsageReading::default() }
