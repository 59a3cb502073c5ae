//! Vectors come back to the last bit until they expire; token counts teach a ratio.

use roundtable_domain::UnixMs;
use roundtable_store::{EmbeddingTotals, StoredEmbedding, TokenRatio};

use crate::support::Room;

fn embedding(key: u8, vector: Vec<f32>, expires_at: i64) -> StoredEmbedding {
    StoredEmbedding {
        key: [key; 32],
        provider: "openai".into(),
        model: "text-embedding-3-small".into(),
        vector,
        created_at: UnixMs(1),
        expires_at: UnixMs(expires_at),
    }
}

#[tokio::test]
async fn vectors_are_kept_exactly_until_they_expire() {
    let room = Room::new().await;
    let embeddings = room.store.embeddings();
    let exact = vec![0.1, -0.0, f32::MIN_POSITIVE, 3.402_823_5e38, 1e-45];
    embeddings.put_many(&[embedding(1, exact.clone(), 100), embedding(2, vec![2.0; 3], 50)]).await.unwrap();
    embeddings.put_many(&[]).await.unwrap();

    let found = embeddings.get_many(&[[2; 32], [9; 32], [1; 32], [1; 32]], UnixMs(49)).await.unwrap();
    let bits = |vector: &Vec<f32>| vector.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
    assert_eq!(found[2].as_ref().map(bits), Some(bits(&exact)));
    assert_eq!(
        (&found[0], &found[1], &found[3]),
        (&Some(vec![2.0; 3]), &None, &found[2]),
        "in the order of the keys"
    );
    assert_eq!(embeddings.get_many(&[[2; 32]], UnixMs(50)).await.unwrap(), [None], "expired");

    embeddings.put_many(&[embedding(2, vec![5.0], 500)]).await.unwrap();
    assert_eq!(
        embeddings.get_many(&[[2; 32]], UnixMs(50)).await.unwrap(),
        [Some(vec![5.0])],
        "and paid for anew"
    );
    assert_eq!(embeddings.totals().await.unwrap(), EmbeddingTotals { vectors: 2, bytes: 24 });
    assert_eq!(embeddings.purge_expired(UnixMs(100)).await.unwrap(), 1);
    assert_eq!(embeddings.clear().await.unwrap(), 1);
    assert_eq!(embeddings.totals().await.unwrap(), EmbeddingTotals::default());
}

#[tokio::test]
async fn a_thousand_vectors_are_asked_for_at_once() {
    let room = Room::new().await;
    let keys: Vec<[u8; 32]> = (0..1_000_u32)
        .map(|number| {
            let mut key = [0; 32];
            key[..4].copy_from_slice(&number.to_le_bytes());
            key
        })
        .collect();
    let all: Vec<_> =
        keys.iter().map(|key| StoredEmbedding { key: *key, ..embedding(0, vec![1.0; 8], 100) }).collect();
    room.store.embeddings().put_many(&all).await.unwrap();
    let found = room.store.embeddings().get_many(&keys, UnixMs(1)).await.unwrap();
    assert!(found.len() == 1_000 && found.iter().all(Option::is_some));
}

#[tokio::test]
async fn a_ratio_is_learnt_and_the_latest_prompts_outweigh_old_ones() {
    let room = Room::new().await;
    let ratios = room.store.token_ratios();
    for (estimated, reported, at) in [(100, 120, 5), (50, 55, 9), (0, 10, 10), (10, 0, 11)] {
        ratios.learn("anthropic", "claude", estimated, reported, UnixMs(at)).await.unwrap();
    }
    let learnt = TokenRatio {
        provider: "anthropic".into(),
        model: "claude".into(),
        estimated: 150,
        reported: 175,
        samples: 2,
        updated_at: UnixMs(9),
    };
    assert_eq!(ratios.list().await.unwrap(), [learnt], "prompts without tokens teach nothing");

    for _ in 0..40 {
        ratios.learn("anthropic", "claude", 1_000_000, 2_000_000, UnixMs(20)).await.unwrap();
    }
    let now = ratios.list().await.unwrap().remove(0);
    assert!(now.estimated <= 4_000_000 && now.samples == 42, "{now:?}");
    assert!(now.reported * 100 / now.estimated >= 199, "{now:?}");
}
