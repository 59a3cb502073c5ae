use super::*;
use crate::listing::{ListedPrices, ModelKind};

fn only(body: &str) -> ListedModel {
    let mut models = parse(body.as_bytes()).unwrap();
    assert_eq!(models.len(), 1);
    models.remove(0)
}

#[test]
fn a_bare_openai_list_states_nothing_and_nothing_is_invented() {
    let model =
        only(r#"{"object":"list","data":[{"id":"gpt-x","object":"model","created":1,"owned_by":"openai"}]}"#);
    assert_eq!(model, ListedModel { id: "gpt-x".into(), ..ListedModel::default() });
    assert_eq!(parse(br#"{"object":"list","data":null}"#).unwrap(), []);
    assert!(parse(b"<html>Sign in</html>").unwrap_err().contains("not one"));
    assert!(parse(br#"{"error":{}}"#).is_err());
}

#[test]
fn openrouter_tells_modalities_parameters_prices_and_the_last_day() {
    let model = only(
        r#"{"data":[{"id":"a/b","name":"A: B","context_length":131072,"expiration_date":"2026-12-31",
        "architecture":{"input_modalities":["text","image","file"],"output_modalities":["text"]},
        "pricing":{"prompt":"0.00000015","completion":"0.0000006","request":"0","input_cache_read":"0.000000075"},
        "top_provider":{"context_length":131072,"max_completion_tokens":16384},
        "supported_parameters":["max_tokens","tools","structured_outputs"]}]}"#,
    );
    assert_eq!((model.name.as_deref(), model.kind), (Some("A: B"), Some(ModelKind::Chat)));
    assert_eq!((model.context_window, model.max_output), (Some(131_072), Some(16_384)));
    assert_eq!((model.vision, model.pdf, model.audio), (Some(true), Some(true), Some(false)));
    assert_eq!((model.tools, model.reasoning, model.json_schema), (Some(true), Some(false), Some(true)));
    assert_eq!(model.retirement_date.as_deref(), Some("2026-12-31"));
    let expected = ListedPrices {
        input: Some("0.15".into()),
        output: Some("0.6".into()),
        cached_input: Some("0.075".into()),
        ..ListedPrices::default()
    };
    assert_eq!(model.prices, Some(expected));
}

#[test]
fn a_price_that_depends_or_a_picture_maker_is_told_as_such() {
    let auto = only(r#"{"data":[{"id":"openrouter/auto","pricing":{"prompt":"-1","completion":"-1"}}]}"#);
    assert_eq!(auto.prices, None, "a negative price is no price");
    let painter = only(r#"{"data":[{"id":"x/paint","architecture":{"output_modalities":["image"]}}]}"#);
    assert_eq!(painter.kind, Some(ModelKind::Other));
}

#[test]
fn mistral_tells_capabilities_and_deprecation() {
    let model = only(
        r#"{"object":"list","data":[{"id":"mistral-x","name":"mistral-x","max_context_length":131072,
        "capabilities":{"completion_chat":true,"completion_fim":false,"function_calling":true,"vision":false},
        "deprecation":"2026-06-30T12:00:00Z","type":"base"}]}"#,
    );
    assert_eq!((model.context_window, model.tools, model.vision), (Some(131_072), Some(true), Some(false)));
    assert_eq!((model.name, model.retirement_date.as_deref()), (None, Some("2026-06-30")));
    assert_eq!(
        model.kind,
        Some(ModelKind::Chat),
        "Mistral's `type` is where it comes from, not what it does"
    );
    let embed = only(
        r#"{"data":[{"id":"mistral-embed","capabilities":{"completion_chat":false,"completion_fim":false},"type":"base"}]}"#,
    );
    assert_eq!(embed.kind, Some(ModelKind::Embedding));
}

#[test]
fn a_bare_array_with_types_and_prices_per_million() {
    let body = r#"[{"id":"t/chat","type":"chat","context_length":8192,"pricing":{"hourly":0,"input":0.18,"output":0.59}},
        {"id":"t/vectors","type":"embedding","pricing":{"input":0.008,"output":0}},
        {"id":"t/free","type":"chat","pricing":{"input":0,"output":0}}]"#;
    let models = parse(body.as_bytes()).unwrap();
    let inputs: Vec<_> =
        models.iter().map(|model| model.prices.as_ref().and_then(|prices| prices.input.as_deref())).collect();
    assert_eq!(inputs, [Some("0.18"), Some("0.008"), None], "Together writes zeros where it bills otherwise");
    let kinds: Vec<_> = models.iter().map(|model| model.kind).collect();
    assert_eq!(kinds, [Some(ModelKind::Chat), Some(ModelKind::Embedding), Some(ModelKind::Chat)]);
}

#[test]
fn each_dialect_keeps_its_limits_where_it_likes() {
    for (body, context, output) in [
        (
            r#"{"data":[{"id":"m","context_window":131072,"max_completion_tokens":32768}]}"#,
            131_072,
            Some(32_768),
        ),
        (r#"{"data":[{"id":"m","max_model_len":4096}]}"#, 4096, None),
        (r#"{"data":[{"id":"m","meta":{"n_ctx_train":40960}}]}"#, 40_960, None),
        (r#"{"data":[{"id":"m","type":"llm","max_context_length":8192}]}"#, 8192, None),
        (r#"{"models":[{"name":"m","endpoints":["chat"],"context_length":128000}]}"#, 128_000, None),
        (r#"{"data":[{"id":"m","metadata":{"context_length":512,"max_tokens":256}}]}"#, 512, Some(256)),
    ] {
        let model = only(body);
        assert_eq!(
            (model.id.as_str(), model.context_window, model.max_output),
            ("m", Some(context), output),
            "{body}"
        );
    }
    let local =
        only(r#"{"data":[{"id":"m","type":"vlm","capabilities":["tool_use"],"max_context_length":0}]}"#);
    assert_eq!((local.tools, local.kind, local.context_window), (Some(true), Some(ModelKind::Chat), None));
}
