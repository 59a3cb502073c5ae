//! What a chart says, in one sentence: pure rules, the first that holds.
//!
//! 1. Nothing was spent: that.
//! 2. It is at least twice, or at most half, of what it was in the stretch it is compared with: what has changed most, if that is known.
//! 3. One of at least six columns holds 40 % or more of it: that column, and what more than half of it is.
//! 4. One thing makes up 60 % or more: that.
//! 5. Else how many there are, and the largest.

use roundtable_domain::UnixMs;

use crate::view::{SpendName, Takeaway};

const TWICE_PERCENT: i128 = 200;
const HALF_PERCENT: i128 = 50;
const FEWEST_COLUMNS: usize = 6;
const PEAK_BASIS_POINTS: u32 = 4_000;
const MOSTLY_BASIS_POINTS: u32 = 6_000;

/// One thing, by how much of it there is.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) of: SpendName,
    /// In the range.
    pub(super) now: i128,
    /// In the stretch it is compared with; `None`: not known.
    pub(super) before: Option<i128>,
}

/// The highest column.
#[derive(Clone, Debug)]
pub(super) struct Highest {
    pub(super) at: UnixMs,
    pub(super) amount: i128,
    /// What more than half of it is; `None`: no single thing.
    pub(super) of: Option<SpendName>,
    /// How many columns there are.
    pub(super) columns: usize,
}

/// `parts`: the largest first. `before`: all of the stretch it is compared with; `None`: there is none. `counted`: how many things come to
/// anything, where `parts` are not all of them.
pub(super) fn takeaway(
    parts: &[Part],
    total: i128,
    before: Option<i128>,
    counted: Option<u64>,
    highest: Option<&Highest>,
) -> Takeaway {
    let Some(largest) = parts.first().filter(|_| total > 0) else { return Takeaway::Nothing };
    if let Some(before) = before.filter(|before| *before > 0) {
        let basis_points = total * 10_000 / before;
        if basis_points / 100 >= TWICE_PERCENT || basis_points / 100 <= HALF_PERCENT {
            let changes = parts.iter().filter_map(|part| Some((part, (part.now - part.before?).abs())));
            let most = changes.max_by_key(|(_, change)| *change);
            // To the nearest, as beside the figures: two roundings of one change are two numbers.
            let percent = u32::try_from((basis_points + 50) / 100).unwrap_or(u32::MAX);
            return Takeaway::Changed { percent, of: most.map(|(part, _)| part.of.clone()) };
        }
    }
    if let Some(highest) = highest.filter(|highest| highest.columns >= FEWEST_COLUMNS) {
        let share_basis_points = super::sums::share(highest.amount, total);
        if share_basis_points >= PEAK_BASIS_POINTS {
            return Takeaway::Peak { at: highest.at, share_basis_points, of: highest.of.clone() };
        }
    }
    let share_basis_points = super::sums::share(largest.now, total);
    let of = largest.of.clone();
    if share_basis_points >= MOSTLY_BASIS_POINTS {
        return Takeaway::Mostly { of, share_basis_points };
    }
    let shown = parts.iter().filter(|part| part.now > 0).count();
    let count = counted.map_or_else(|| u32::try_from(shown), u32::try_from).unwrap_or(u32::MAX);
    Takeaway::Spread { of, share_basis_points, count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> SpendName {
        SpendName { name: name.to_owned(), label: name.to_owned(), provider: None, gone: false }
    }

    fn parts(of: &[(&str, i128, i128)]) -> Vec<Part> {
        of.iter().map(|&(of, now, before)| Part { of: name(of), now, before: Some(before) }).collect()
    }

    fn of_two(parts: &[Part], before: Option<i128>, highest: Option<&Highest>) -> Takeaway {
        takeaway(parts, parts.iter().map(|part| part.now).sum(), before, None, highest)
    }

    #[test]
    fn the_first_rule_that_holds_speaks() {
        let even = parts(&[("a", 50, 50), ("b", 40, 40), ("c", 10, 10)]);
        assert_eq!(
            of_two(&even, Some(100), None),
            Takeaway::Spread { of: name("a"), share_basis_points: 5_000, count: 3 }
        );
        assert_eq!(of_two(&[], Some(100), None), Takeaway::Nothing);
        assert_eq!(
            of_two(&parts(&[("a", 0, 9)]), Some(9), None),
            Takeaway::Nothing,
            "free is nothing to tell"
        );
        let most = parts(&[("a", 60, 60), ("b", 40, 40)]);
        assert_eq!(of_two(&most, None, None), Takeaway::Mostly { of: name("a"), share_basis_points: 6_000 });
    }

    #[test]
    fn a_change_names_what_has_changed_most_not_what_is_most() {
        let grown = parts(&[("a", 60, 50), ("b", 40, 0)]);
        assert_eq!(of_two(&grown, Some(50), None), Takeaway::Changed { percent: 200, of: Some(name("b")) });
        assert!(!matches!(of_two(&grown, Some(51), None), Takeaway::Changed { .. }), "not twice as much");
        let shrunk = parts(&[("a", 50, 60), ("b", 0, 90)]);
        assert_eq!(of_two(&shrunk, Some(150), None), Takeaway::Changed { percent: 33, of: Some(name("b")) });
        for (before, percent) in [(584, 9), (591, 8)] {
            let changed = of_two(&shrunk, Some(before), None);
            assert!(matches!(changed, Takeaway::Changed { percent: to, .. } if to == percent), "{changed:?}");
        }
        assert!(
            !matches!(of_two(&grown, Some(0), None), Takeaway::Changed { .. }),
            "there was nothing before"
        );
    }

    #[test]
    fn nothing_is_named_that_is_not_known_and_all_are_counted() {
        let mut of = parts(&[("a", 60, 0), ("b", 40, 0)]);
        for part in &mut of {
            part.before = None;
        }
        assert_eq!(
            takeaway(&of, 200, Some(50), Some(12_000), None),
            Takeaway::Changed { percent: 400, of: None },
            "what conversations came to before is not read"
        );
        assert_eq!(
            takeaway(&of, 200, None, Some(12_000), None),
            Takeaway::Spread { of: name("a"), share_basis_points: 3_000, count: 12_000 }
        );
    }

    #[test]
    fn a_column_stands_out_only_among_several() {
        let even = parts(&[("a", 50, 50), ("b", 50, 50)]);
        let highest = |columns| Highest { at: UnixMs(7), amount: 40, of: Some(name("b")), columns };
        assert_eq!(
            of_two(&even, Some(100), Some(&highest(6))),
            Takeaway::Peak { at: UnixMs(7), share_basis_points: 4_000, of: Some(name("b")) }
        );
        assert!(matches!(of_two(&even, Some(100), Some(&highest(5))), Takeaway::Spread { .. }));
    }
}
