//! What may be shown of a key.

use roundtable_domain::mask::mask_key;
use secrecy::{ExposeSecret as _, SecretString};

/// A key as people recognise it: `sk-…f3a9`; dots only when it is too short for that.
pub fn mask(secret: &SecretString) -> String {
    mask_key(secret.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_the_ends_of_a_key_alone() {
        assert_eq!(mask(&SecretString::from("sk-0123456789abcdeff3a9")), "sk-…f3a9");
    }
}
