//! `tokens`: how many tokens a text is to a model.

use std::process::ExitCode;

use roundtable_engine::view::CountSource;
use roundtable_engine::{Engine, TextCount};
use serde_json::json;

use super::{Context, target_or_default};
use crate::arguments::Tokens;
use crate::failure::Failure;
use crate::{output, prompt};

pub(crate) async fn run(context: &Context, arguments: Tokens) -> Result<ExitCode, Failure> {
    let text = if arguments.files.is_empty() {
        prompt::text(&arguments.text)?
    } else {
        let texts: Result<Vec<String>, Failure> =
            arguments.files.iter().map(|path| prompt::text_file(path)).collect();
        texts?.concat()
    };
    let engine = context.engine().await?;
    let counted = count(&engine, arguments.model, &text, arguments.exact).await;
    engine.shutdown().await;
    let (target, count) = counted?;
    show(context, &target, count)?;
    Ok(ExitCode::SUCCESS)
}

async fn count(
    engine: &Engine,
    model: Option<String>,
    text: &str,
    exact: bool,
) -> Result<(String, TextCount), Failure> {
    let target = target_or_default(engine, model).await?;
    let count = engine.count_text(&target, text, exact).await?;
    Ok((target, count))
}

fn show(context: &Context, target: &str, count: TextCount) -> Result<(), Failure> {
    let TextCount { tokens, source, context_window } = count;
    if context.json {
        return output::object(&json!({
            "type": "tokens",
            "target": target,
            "tokens": tokens,
            "source": source,
            "context_window": context_window,
        }));
    }
    let how = match source {
        CountSource::Tokenizer => "by its tokenizer",
        CountSource::Provider => "as its provider counts",
        CountSource::Learned => "about, from what it reported before",
        CountSource::Estimate => "about, an estimate",
    };
    let window = context_window.map(|window| format!(" of {window}")).unwrap_or_default();
    output::line(&format!("{tokens}{window} tokens ({how})"))
}
