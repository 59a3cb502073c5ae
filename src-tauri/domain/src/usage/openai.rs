//! placeholder: being written
use serde_json::Value;
use super::UsageReading;
pub(super) fn read_chat(_provider: &str, _raw: &Value) -> UsageReading { UsageReading::default() }
pub(super) fn read_responses(_provider: &str, _raw: &Value) -> UsageReading { UsageReading::default() }
