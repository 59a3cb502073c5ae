//! `budget check`: whether the books agree with what every budget has counted.

use std::process::ExitCode;

use roundtable_engine::BooksCheck;
use serde_json::json;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::output;

/// What was found, and the exit code.
pub(super) fn conclude(check: &BooksCheck, format: Format) -> Result<ExitCode, Failure> {
    let wrong: Vec<_> = check.buckets.iter().filter(|bucket| !bucket.agrees()).collect();
    let (sound, periods) = (check.is_sound(), check.buckets.len());
    let (under_way, orphans) = (check.under_way, check.orphans.len());
    match format {
        Format::Table => {
            for bucket in wrong {
                output::line(&format!(
                    "{} from {} counts {} and the books say {}",
                    bucket.name,
                    output::utc(bucket.starts_at),
                    bucket.holds.0,
                    bucket.books.0
                ))?;
            }
            let agrees =
                if sound { "The books agree with every budget." } else { "Something does not agree." };
            output::line(&format!(
                "{agrees} {periods} periods looked at, {under_way} calls under way, {orphans} reservations without an owner."
            ))?;
        }
        Format::Csv => {
            output::line("sound,periods,wrong,under_way,orphans")?;
            output::line(&format!("{sound},{periods},{},{under_way},{orphans}", wrong.len()))?;
        }
        Format::Json => output::object(&json!({
            "type": "check",
            "sound": sound,
            "periods": periods,
            "wrong": wrong.iter().map(|bucket| json!({
                "budget": bucket.name,
                "since": output::utc(bucket.starts_at),
                "counted_usd": bucket.holds.0,
                "books_usd": bucket.books.0,
            })).collect::<Vec<_>>(),
            "under_way": under_way,
            "orphans": orphans,
        }))?,
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
