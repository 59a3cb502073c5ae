use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::limits::Limits;
use super::*;

const SMALL: Limits = Limits { texts: 3, bytes: 10, base64: false, dimensions: "dimensions" };

fn texts(lengths: &[usize]) -> Vec<String> {
    lengths.iter().map(|length| "x".repeat(*length)).collect()
}

#[test]
fn batches_end_at_the_count_or_the_size() {
    assert_eq!(SMALL.plan(&[]), []);
    assert_eq!(SMALL.plan(&texts(&[1, 1, 1, 1])), [0..3, 3..4]);
    assert_eq!(SMALL.plan(&texts(&[6, 6, 1])), [0..1, 1..3]);
    assert_eq!(SMALL.plan(&texts(&[1, 99, 1])), [0..1, 1..2, 2..3], "what is too large goes alone");
}

proptest! {
    #[test]
    fn every_text_is_sent_once_and_in_order(lengths in prop::collection::vec(0usize..30, 0..40)) {
        let texts = texts(&lengths);
        let batches = SMALL.plan(&texts);
        let sent: Vec<usize> = batches.iter().cloned().flatten().collect();
        prop_assert_eq!(sent, (0..texts.len()).collect::<Vec<_>>());
        for batch in batches {
            let bytes: usize = texts[batch.clone()].iter().map(String::len).sum();
            prop_assert!(batch.len() <= SMALL.texts && (bytes <= SMALL.bytes || batch.len() == 1));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = openai::read(&bytes);
    }
}

#[test]
fn vectors_come_back_in_the_order_of_the_texts_in_either_form() {
    let base64 = STANDARD.encode([0.5f32.to_le_bytes(), (-2.0f32).to_le_bytes()].concat());
    let body = format!(
        r#"{{"object":"list","data":[{{"index":1,"embedding":[1,2e0]}},{{"index":0,"embedding":"{base64}"}}],
        "model":"e","usage":{{"prompt_tokens":7,"total_tokens":7}}}}"#
    );
    let batch = openai::read(body.as_bytes()).unwrap();
    assert_eq!(batch.vectors, [[0.5, -2.0], [1.0, 2.0]]);
    assert_eq!((batch.tokens, batch.model.as_deref()), (Some(7), Some("e")));
    check(&batch, 2, Some(2)).unwrap();
}

#[test]
fn an_answer_that_cannot_be_right_is_refused() {
    let wrong = |body: &str| matches!(openai::read(body.as_bytes()), Err(Unreadable::Wrong(_)));
    assert!(wrong(r#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]}]}"#), "a number twice");
    assert!(wrong(r#"{"data":[{"index":5,"embedding":[1]}]}"#), "a number beyond the end");
    assert!(wrong(r#"{"data":[{"embedding":[1,null]}]}"#), "a hole");
    assert!(wrong(r#"{"data":[{"embedding":"AAAA"}]}"#), "three bytes are no number");
    assert!(wrong(r#"{"data":[{"embedding":"***"}]}"#), "not base64");
    for other in ["", "<html>", r#"{"error":{"message":"no"}}"#, r#"{"data":null}"#] {
        assert_eq!(openai::read(other.as_bytes()).unwrap_err(), Unreadable::OtherApi, "{other}");
    }
    let batch = |vectors: Vec<Vec<f32>>| Batch { vectors, ..Batch::default() };
    assert!(check(&batch(vec![vec![1.0]]), 2, None).unwrap_err().contains("1 vectors for 2 texts"));
    assert!(
        check(&batch(vec![vec![1.0], vec![1.0, 2.0]]), 2, None).unwrap_err().contains("different lengths")
    );
    assert!(check(&batch(vec![Vec::new()]), 1, None).is_err(), "an empty vector");
    assert!(check(&batch(vec![vec![f32::NAN]]), 1, None).unwrap_err().contains("no number"));
    assert!(check(&batch(vec![vec![f32::INFINITY]]), 1, None).is_err());
    assert!(check(&batch(vec![vec![1.0; 8]]), 1, Some(4)).unwrap_err().contains("8 numbers where 4"));
}
