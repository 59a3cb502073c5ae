//! The level in memory, and how often each level knew.

use std::sync::atomic::{AtomicU64, Ordering};

use moka::sync::Cache;
use roundtable_store::EmbeddingKey;
use sha2::{Digest as _, Sha256};

use super::Vector;
use crate::view::EmbeddingStats;

/// Memory for vectors, in bytes: some 10,000 of 1,536 numbers.
const MEMORY_BYTES: u64 = 64 * 1024 * 1024;

/// Vectors in memory, the least recently used given up first.
pub(crate) struct EmbeddingCache {
    vectors: Cache<EmbeddingKey, Vector>,
    memory_hits: AtomicU64,
    stored_hits: AtomicU64,
    misses: AtomicU64,
}

impl Default for EmbeddingCache {
    fn default() -> Self {
        let vectors = Cache::builder()
            .max_capacity(MEMORY_BYTES)
            .weigher(|_, vector: &Vector| u32::try_from(size_of_val::<[f32]>(vector)).unwrap_or(u32::MAX))
            .eviction_policy(moka::policy::EvictionPolicy::lru())
            .build();
        Self {
            vectors,
            memory_hits: AtomicU64::new(0),
            stored_hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }
}

impl EmbeddingCache {
    /// A vector in memory; counted as a hit.
    pub(super) fn get(&self, key: &EmbeddingKey) -> Option<Vector> {
        let found = self.vectors.get(key);
        if found.is_some() {
            self.memory_hits.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    /// Keeps a vector that was just made.
    pub(super) fn keep(&self, key: EmbeddingKey, vector: Vec<f32>) -> Vector {
        let vector: Vector = vector.into();
        self.vectors.insert(key, Vector::clone(&vector));
        vector
    }

    /// Keeps a vector that the database had; counted as a hit there.
    pub(super) fn keep_stored(&self, key: EmbeddingKey, vector: Vec<f32>) -> Vector {
        self.stored_hits.fetch_add(1, Ordering::Relaxed);
        self.keep(key, vector)
    }

    pub(super) fn count_misses(&self, count: usize) {
        self.misses.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Forgets the vectors; the statistics go on.
    pub(super) fn clear(&self) {
        self.vectors.invalidate_all();
    }

    /// What is known in memory; what is stored is for the database to say.
    pub(super) fn stats(&self) -> EmbeddingStats {
        EmbeddingStats {
            memory_hits: self.memory_hits.load(Ordering::Relaxed),
            stored_hits: self.stored_hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            ..EmbeddingStats::default()
        }
    }
}

/// What a vector is found under: a hash of all it depends on, each with its length so that no two of them read the same.
pub(super) fn key_of(text: &str, provider: &str, model: &str, dimensions: Option<u32>) -> EmbeddingKey {
    let mut hash = Sha256::new();
    for field in [provider, model, text] {
        hash.update(field.len().to_le_bytes());
        hash.update(field);
    }
    // No model makes vectors without a number.
    hash.update(dimensions.unwrap_or(0).to_le_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_depends_on_everything_a_vector_does() {
        let key = key_of("text", "p", "m", None);
        assert_eq!(key, key_of("text", "p", "m", None));
        for other in [
            key_of("text ", "p", "m", None),
            key_of("text", "q", "m", None),
            key_of("text", "p", "n", None),
            key_of("text", "p", "m", Some(256)),
            key_of("mtext", "p", "", None),
        ] {
            assert_ne!(key, other);
        }
    }

    #[test]
    fn hits_are_counted_by_level_and_clearing_forgets_the_vectors() {
        let cache = EmbeddingCache::default();
        let key = key_of("text", "p", "m", None);
        assert_eq!(cache.get(&key), None);
        cache.keep_stored(key, vec![1.0, 2.0]);
        assert_eq!(cache.get(&key).as_deref(), Some([1.0, 2.0].as_slice()));
        cache.count_misses(3);
        let stats = cache.stats();
        assert_eq!((stats.memory_hits, stats.stored_hits, stats.misses), (1, 1, 3));
        cache.clear();
        assert_eq!(cache.get(&key), None);
    }
}
