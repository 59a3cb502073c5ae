//! Dice that fall the same way every time.

use uuid::Uuid;

/// A sequence of numbers made of a seed (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another one.
    pub fn below(&mut self, end: u64) -> u64 {
        self.any() % end.max(1)
    }

    /// A number from one to another, most often small: people write short prompts.
    pub fn mostly_small(&mut self, least: u64, most: u64) -> u64 {
        let (a, b, c) = (self.below(1_000), self.below(1_000), self.below(1_000));
        least + (most - least) * a * b * c / 1_000_000_000
    }

    /// Whether something happens that happens once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap_or(0);
        &of[at]
    }

    /// An id, made at a time.
    pub fn id(&mut self, at: i64) -> Uuid {
        let millis = u64::try_from(at).unwrap_or(0) << 16 >> 16;
        let head = u128::from(millis) << 80 | 0x7 << 76 | u128::from(self.any() & 0xFFF) << 64;
        Uuid::from_u128(head | 0x8000_0000_0000_0000 | u128::from(self.any() >> 2))
    }
}
