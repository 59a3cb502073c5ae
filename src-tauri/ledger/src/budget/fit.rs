//! What fits: which lanes of a prompt, or how long their answers may be.

use roundtable_domain::PicoUsd;

/// Up to so many lanes every choice of them is looked at; beyond, the cheapest are taken first.
const EXHAUSTIVE_LANES: usize = 12;

/// A budget in force: what is left of it, and which lanes it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetRoom {
    /// What is left; nothing where it is exceeded.
    pub left: PicoUsd,
    /// The lanes it counts, by their place in the list.
    pub lanes: Vec<usize>,
}

/// What a lane needs.
#[derive(Clone, Copy)]
pub struct LaneNeed<'a> {
    /// The worst case of an answer of so many tokens, prompt included: the very amount that would be set aside. It must not fall
    /// when the answer gets longer. `None`: the model has no price, and nothing is set aside.
    pub worst: Option<&'a dyn Fn(u32) -> PicoUsd>,
    /// The longest answer, in tokens, without a cap.
    pub max_tokens: u32,
    /// It cannot be sent whatever it costs: it has no price and a budget that counts it wants one.
    pub is_barred: bool,
}

impl LaneNeed<'_> {
    fn needs(&self, cap: Option<u32>) -> i128 {
        let tokens = cap.map_or(self.max_tokens, |cap| cap.min(self.max_tokens));
        self.worst.map_or(0, |worst| i128::from(worst(tokens).as_pico()))
    }
}

impl std::fmt::Debug for LaneNeed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaneNeed")
            .field("needs_pico", &self.needs(None))
            .field("max_tokens", &self.max_tokens)
            .field("is_barred", &self.is_barred)
            .finish_non_exhaustive()
    }
}

/// Whether all lanes fit into all budgets when no answer is longer than `cap`. A lane that costs nothing needs no room.
pub fn all_fit(budgets: &[BudgetRoom], lanes: &[LaneNeed<'_>], cap: Option<u32>) -> bool {
    let needs: Vec<i128> = lanes.iter().map(|lane| lane.needs(cap)).collect();
    lanes.iter().all(|lane| !lane.is_barred) && fit(budgets, &needs, |_| true)
}

/// The lanes that fit together when the others are left out: as many as possible, and among equally many those that stand first.
pub fn lanes_that_fit(budgets: &[BudgetRoom], lanes: &[LaneNeed<'_>]) -> Vec<usize> {
    let needs: Vec<i128> = lanes.iter().map(|lane| lane.needs(None)).collect();
    let able: Vec<usize> = (0..lanes.len()).filter(|index| !lanes[*index].is_barred).collect();
    if able.len() <= EXHAUSTIVE_LANES {
        return best_choice(budgets, &needs, &able);
    }
    cheapest_first(budgets, &needs, able)
}

/// The longest answers with which all lanes fit, each no longer than its own maximum. `None`: not even answers of `least` tokens
/// fit. The largest maximum itself when everything fits as it is.
pub fn cap_that_fits(budgets: &[BudgetRoom], lanes: &[LaneNeed<'_>], least: u32) -> Option<u32> {
    let mut most = lanes.iter().map(|lane| lane.max_tokens).max()?;
    if most < least || !all_fit(budgets, lanes, Some(least)) {
        return None;
    }
    let mut fits = least;
    while fits < most {
        let middle = most - (most - fits) / 2;
        if all_fit(budgets, lanes, Some(middle)) {
            fits = middle;
        } else {
            most = middle - 1;
        }
    }
    Some(fits)
}

fn fit(budgets: &[BudgetRoom], needs: &[i128], is_in: impl Fn(usize) -> bool) -> bool {
    budgets.iter().all(|budget| {
        let counted = budget.lanes.iter().filter(|index| is_in(**index));
        let needed: i128 = counted.filter_map(|index| needs.get(*index)).sum();
        needed == 0 || needed <= i128::from(budget.left.as_pico())
    })
}

fn best_choice(budgets: &[BudgetRoom], needs: &[i128], able: &[usize]) -> Vec<usize> {
    let choices = 0..1_u32 << able.len();
    let is_in = |choice: u32, place: usize| choice >> (able.len() - 1 - place) & 1 == 1;
    // The first lane is the highest bit: of equally many lanes the largest number has those that stand first.
    let best = choices
        .filter(|choice| {
            fit(budgets, needs, |lane| {
                able.iter().position(|one| *one == lane).is_some_and(|place| is_in(*choice, place))
            })
        })
        .max_by_key(|choice| (choice.count_ones(), *choice))
        .unwrap_or(0);
    able.iter().enumerate().filter(|(place, _)| is_in(best, *place)).map(|(_, lane)| *lane).collect()
}

fn cheapest_first(budgets: &[BudgetRoom], needs: &[i128], mut able: Vec<usize>) -> Vec<usize> {
    able.sort_by_key(|lane| (needs.get(*lane).copied().unwrap_or(0), *lane));
    let mut chosen: Vec<usize> = Vec::with_capacity(able.len());
    for lane in able {
        if fit(budgets, needs, |other| other == lane || chosen.contains(&other)) {
            chosen.push(lane);
        }
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pico(amount: i64) -> PicoUsd {
        PicoUsd::from_pico(amount)
    }

    fn room(left: i64, lanes: &[usize]) -> BudgetRoom {
        BudgetRoom { left: pico(left), lanes: lanes.to_vec() }
    }

    fn priced(worst: &dyn Fn(u32) -> PicoUsd, max_tokens: u32) -> LaneNeed<'_> {
        LaneNeed { worst: Some(worst), max_tokens, is_barred: false }
    }

    #[test]
    fn the_most_lanes_are_kept_and_the_first_of_them() {
        let (dear, cheap) =
            (|tokens: u32| pico(i64::from(tokens) * 10), |tokens: u32| pico(i64::from(tokens)));
        let lanes = [priced(&dear, 10), priced(&cheap, 10), priced(&cheap, 10), priced(&cheap, 10)];
        assert_eq!(
            lanes_that_fit(&[room(20, &[0, 1, 2, 3])], &lanes),
            [1, 2],
            "two cheap ones, not one dear one"
        );
        assert_eq!(lanes_that_fit(&[room(200, &[0, 1, 2, 3])], &lanes), [0, 1, 2, 3]);
        assert_eq!(lanes_that_fit(&[room(9, &[0, 1, 2, 3])], &lanes), [0_usize; 0]);
        assert_eq!(
            lanes_that_fit(&[room(100, &[0]), room(10, &[1, 2])], &lanes),
            [0, 1, 3],
            "each budget for itself"
        );
        assert_eq!(lanes_that_fit(&[], &lanes), [0, 1, 2, 3]);
    }

    #[test]
    fn a_lane_without_a_price_needs_consent_and_no_room() {
        let cheap = |tokens: u32| pico(i64::from(tokens));
        let unpriced = LaneNeed { worst: None, max_tokens: 10, is_barred: false };
        let barred = LaneNeed { is_barred: true, ..unpriced };
        let lanes = [unpriced, barred, priced(&cheap, 10)];
        assert_eq!(
            lanes_that_fit(&[room(0, &[0, 1, 2])], &lanes),
            [0],
            "a budget that is spent bars nothing that costs nothing"
        );
        assert_eq!(cap_that_fits(&[room(100, &[0, 1, 2])], &lanes, 1), None);
        assert_eq!(cap_that_fits(&[room(7, &[0, 2])], &[unpriced, unpriced, priced(&cheap, 10)], 1), Some(7));
    }

    #[test]
    fn the_cap_is_the_longest_answer_that_fits_prompt_included() {
        let costs = |tokens: u32| pico(100 + i64::from(tokens) * 3);
        let lanes = [priced(&costs, 50), priced(&costs, 1000)];
        assert_eq!(cap_that_fits(&[room(260, &[0, 1])], &lanes, 1), Some(10));
        assert_eq!(cap_that_fits(&[room(259, &[0, 1])], &lanes, 1), Some(9));
        assert_eq!(cap_that_fits(&[room(259, &[0, 1])], &lanes, 10), None, "too short to be of use");
        assert_eq!(
            cap_that_fits(&[room(650, &[0, 1])], &lanes, 1),
            Some(100),
            "the shorter lane keeps its own maximum"
        );
        assert_eq!(cap_that_fits(&[room(100_000, &[0, 1])], &lanes, 1), Some(1000));
        assert_eq!(cap_that_fits(&[room(199, &[0, 1])], &lanes, 1), None, "not even the prompts");
        assert_eq!(cap_that_fits(&[room(1, &[])], &[], 1), None);
    }

    #[test]
    fn many_lanes_are_taken_cheapest_first() {
        let cost = |tokens: u32| pico(i64::from(tokens));
        let lanes: Vec<_> = (0..20_u32).map(|index| priced(&cost, 40 - index)).collect();
        let all: Vec<usize> = (0..20).collect();
        assert_eq!(lanes_that_fit(&[room(21 + 22 + 23, &all)], &lanes), [17, 18, 19]);
    }

    proptest! {
        /// What is said to fit fits, and one lane or one token more does not.
        #[test]
        fn what_fits_fits_and_no_more(
            prices in prop::collection::vec((0_i64..50, 0_i64..9, 1_u32..200), 1..9),
            rooms in prop::collection::vec((0_i64..2_000, 0_u8..=255), 1..4),
        ) {
            let costs: Vec<Box<dyn Fn(u32) -> PicoUsd>> = prices
                .iter()
                .map(|(input, each, _)| {
                    let (input, each) = (*input, *each);
                    Box::new(move |tokens: u32| pico(input + each * i64::from(tokens))) as Box<dyn Fn(u32) -> PicoUsd>
                })
                .collect();
            let lanes: Vec<LaneNeed<'_>> =
                costs.iter().zip(&prices).map(|(cost, price)| priced(&**cost, price.2)).collect();
            let budgets: Vec<BudgetRoom> = rooms
                .iter()
                .map(|(left, mask)| room(*left, &(0..lanes.len()).filter(|lane| mask >> lane & 1 == 1).collect::<Vec<_>>()))
                .collect();
            let needs: Vec<i128> = lanes.iter().map(|lane| lane.needs(None)).collect();
            let chosen = lanes_that_fit(&budgets, &lanes);
            prop_assert!(fit(&budgets, &needs, |lane| chosen.contains(&lane)));
            for more in (0..lanes.len()).filter(|lane| !chosen.contains(lane)) {
                prop_assert!(!fit(&budgets, &needs, |lane| lane == more || chosen.contains(&lane)));
            }
            match cap_that_fits(&budgets, &lanes, 1) {
                Some(cap) => {
                    prop_assert!(all_fit(&budgets, &lanes, Some(cap)));
                    let most = lanes.iter().map(|lane| lane.max_tokens).max().unwrap();
                    prop_assert!(cap == most || !all_fit(&budgets, &lanes, Some(cap + 1)));
                }
                None => prop_assert!(!all_fit(&budgets, &lanes, Some(1))),
            }
        }
    }
}
