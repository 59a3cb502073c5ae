//! What several attempts cost together.

use roundtable_domain::{Cost, Provenance};

/// The cost of an answer that took several charged attempts; `None` when there was none. An unknown part makes the rest a
/// lower bound, and the sum is known no better than its least known part.
pub fn sum_costs(costs: impl IntoIterator<Item = Cost>) -> Option<Cost> {
    costs.into_iter().reduce(add)
}

fn add(one: Cost, other: Cost) -> Cost {
    let (usd, is_part) = match (one.usd, other.usd) {
        (Some(one), Some(other)) => (one.checked_add(other), false),
        (Some(known), None) | (None, Some(known)) => (Some(known), true),
        (None, None) => (None, false),
    };
    let mut lines = one.lines;
    lines.extend(other.lines);
    Cost {
        usd,
        usd_exact: usd.map(|usd| usd.to_string()),
        provenance: usd.and(least_known(one.provenance, other.provenance)),
        // The older date is the one to doubt.
        price_date: match (one.price_date, other.price_date) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        },
        at_least: one.at_least || other.at_least || is_part,
        lines,
    }
}

fn least_known(one: Option<Provenance>, other: Option<Provenance>) -> Option<Provenance> {
    let doubt = |provenance: &Provenance| match provenance {
        Provenance::Reported => 0,
        Provenance::Computed => 1,
        Provenance::Estimated => 2,
    };
    one.into_iter().chain(other).max_by_key(doubt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roundtable_domain::PicoUsd;

    fn cost(usd: Option<&str>, provenance: Provenance) -> Cost {
        let usd: Option<PicoUsd> = usd.map(|usd| usd.parse().unwrap());
        Cost {
            usd,
            usd_exact: usd.map(|usd| usd.to_string()),
            provenance: usd.map(|_| provenance),
            ..Cost::unknown()
        }
    }

    #[test]
    fn a_sum_is_exact_and_no_surer_than_its_parts() {
        let sum = sum_costs([
            cost(Some("0.000000000001"), Provenance::Reported),
            cost(Some("0.25"), Provenance::Estimated),
        ])
        .unwrap();
        assert_eq!(sum.usd_exact.as_deref(), Some("0.250000000001"));
        assert_eq!((sum.provenance, sum.at_least), (Some(Provenance::Estimated), false));
    }

    #[test]
    fn an_unknown_part_makes_a_lower_bound_and_nothing_known_stays_unknown() {
        let unknown = || cost(None, Provenance::Computed);
        let sum = sum_costs([unknown(), cost(Some("1"), Provenance::Computed)]).unwrap();
        assert!(sum.at_least && sum.usd_exact.as_deref() == Some("1"));
        assert_eq!(sum_costs([unknown(), unknown()]), Some(Cost::unknown()));
        assert_eq!(sum_costs([]), None);
    }

    #[test]
    fn one_attempt_keeps_the_providers_own_words() {
        let stated = Cost { usd_exact: Some("0.10".into()), ..cost(Some("0.1"), Provenance::Reported) };
        assert_eq!(sum_costs([stated.clone()]), Some(stated));
    }
}
