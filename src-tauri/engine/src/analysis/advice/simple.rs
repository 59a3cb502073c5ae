//! Simple prompts that were answered by a dear model.

use super::super::sayings::{percent, said};
use super::super::step::Step;
use super::{Advice, DOLLAR, Says, dollars, priority_of};
use crate::view::{ActionView, ConditionsView, RecommendationKind, RuleView, Said};

/// Fewer answers are a whim.
const FEWEST: u64 = 20;

/// Less than a fifth, or than ten cents a month, is not worth another answer.
const WORTH_SAVING_PERCENT: i128 = 20;
const WORTH_SAVING: i128 = DOLLAR / 10;

/// What lanes name that leave the choice to the rules.
const AUTO: &str = "auto";

/// What the rule is called.
pub(in super::super) const RULE: &str = "Simple prompts look at the price first";

/// Simple prompts that were answered, and who would answer them instead.
#[derive(Clone, Debug)]
pub(in super::super) struct SimpleFacts {
    /// Whose they are.
    pub(in super::super) of: Lanes,
    /// What people call who would answer simple prompts.
    pub(in super::super) cheaper_label: String,
    /// All answers; simple ones of known cost, what these have cost, and what the same tokens come to at the other one's price, in
    /// pico-dollars.
    pub(in super::super) answers: u64,
    pub(in super::super) simple: u64,
    pub(in super::super) cost: i128,
    pub(in super::super) replayed: i128,
    /// The difference, in 30 days.
    pub(in super::super) saves: i128,
}

/// Which lanes were answered.
#[derive(Clone, Debug)]
pub(in super::super) enum Lanes {
    /// Those that leave the choice to the rules: one rule is for all of them, whoever has answered.
    Auto {
        /// The file the rule goes into.
        file: String,
        /// What people call those who answered, the dearest first.
        labels: Vec<String>,
    },
    /// Those that name this model themselves, which no rule touches.
    Named {
        /// `provider/model`, and what people call it.
        model: String,
        label: String,
    },
}

/// Send simple prompts to who answers them for less.
pub(in super::super) fn advise(facts: &SimpleFacts) -> Option<Advice> {
    let saved = facts.cost - facts.replayed;
    let is_worth = saved * 100 >= facts.cost * WORTH_SAVING_PERCENT && facts.saves >= WORTH_SAVING;
    if facts.simple < FEWEST || facts.cost <= 0 || !is_worth {
        return None;
    }
    let cheaper = facts.cheaper_label.as_str();
    let replay = dollars(facts.replayed).unwrap_or_default();
    let less = percent(saved, facts.cost);
    let replayed = said(
        "advice_simple_replay",
        &[("cheaper", cheaper), ("replay_usd", &replay), ("percent", &less)],
        format!("The same tokens come to ${replay} with {cheaper}, {less} % less."),
    );
    Some(match &facts.of {
        Lanes::Auto { file, labels } => for_auto(facts, file, &labels.join(", "), replayed),
        Lanes::Named { model, label } => by_hand(facts, model, label, replayed),
    })
}

/// One piece of advice, whoever has answered: its rule is the same for all of them.
fn for_auto(facts: &SimpleFacts, file: &str, models: &str, replayed: Said) -> Advice {
    let cheaper = facts.cheaper_label.as_str();
    let (simple, answers) = (facts.simple.to_string(), facts.answers.to_string());
    let usd = dollars(facts.cost).unwrap_or_default();
    let share = said(
        "advice_simple_auto_share",
        &[("simple", &simple), ("answers", &answers), ("models", models), ("usd", &usd)],
        format!(
            "{simple} of {answers} answers of lanes with auto were to prompts read as simple. They came from {models} and cost ${usd}."
        ),
    );
    let says = Says {
        kind: RecommendationKind::CheaperForSimple,
        about: AUTO.to_owned(),
        subject: AUTO.to_owned(),
        priority: priority_of(facts.saves),
        title: said(
            "advice_simple_auto",
            &[("cheaper", cheaper)],
            format!("Have auto send simple prompts to {cheaper}"),
        ),
        evidence: vec![share, replayed],
        effect: said(
            "advice_simple_rule_effect",
            &[("cheaper", cheaper)],
            format!(
                "A rule has lanes with auto look at the price first where a prompt is simple; at present {cheaper} answers then. Lanes that name a model keep it."
            ),
        ),
        saves: Some(facts.saves),
    };
    says.with(Some(Step::Rule { file: file.to_owned(), rule: Box::new(rule()) }), true)
}

fn by_hand(facts: &SimpleFacts, target: &str, model: &str, replayed: Said) -> Advice {
    let cheaper = facts.cheaper_label.as_str();
    let (simple, answers) = (facts.simple.to_string(), facts.answers.to_string());
    let usd = dollars(facts.cost).unwrap_or_default();
    let share = said(
        "advice_simple_share",
        &[("simple", &simple), ("answers", &answers), ("model", model), ("usd", &usd)],
        format!("{simple} of {answers} answers of {model} were to prompts read as simple. They cost ${usd}."),
    );
    let says = Says {
        kind: RecommendationKind::CheaperForSimple,
        about: format!("named:{target}"),
        subject: target.to_owned(),
        priority: priority_of(facts.saves),
        title: said(
            "advice_simple",
            &[("model", model), ("cheaper", cheaper)],
            format!("Send simple prompts to {cheaper} instead of {model}"),
        ),
        evidence: vec![share, replayed],
        effect: said(
            "advice_simple_by_hand_effect",
            &[("cheaper", cheaper), ("model", model)],
            format!(
                "These lanes name {model} themselves, which no rule touches: choose {cheaper} for simple prompts, or auto."
            ),
        ),
        saves: Some(facts.saves),
    };
    says.with(None, false)
}

/// What counts is the price, for prompts read as simple. It names nobody, so that there is always another who can answer.
pub(in super::super) fn rule() -> RuleView {
    RuleView {
        name: RULE.to_owned(),
        enabled: true,
        when: ConditionsView { complexity: vec!["simple".to_owned()], ..ConditionsView::default() },
        then: ActionView {
            priority: Some("cost".to_owned()),
            strategy: Some("cost_optimised".to_owned()),
            ..ActionView::default()
        },
        ..RuleView::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(simple: u64, cents: i128, replayed: i128) -> SimpleFacts {
        let cent = DOLLAR / 100;
        SimpleFacts {
            of: Lanes::Auto { file: "rules.yaml".into(), labels: vec!["Dear".into(), "Dearer".into()] },
            cheaper_label: "Cheap".into(),
            answers: 100,
            simple,
            cost: cents * cent,
            replayed: replayed * cent,
            saves: (cents - replayed) * cent,
        }
    }

    #[test]
    fn what_saves_enough_is_told_with_both_prices() {
        let told = advise(&facts(40, 200, 50)).unwrap();
        assert_eq!(
            (told.shown.id.as_str(), told.shown.saves_usd.as_deref()),
            ("cheaper_for_simple:auto", Some("1.5")),
            "one piece of advice, however many models have answered"
        );
        assert!(told.shown.evidence[0].text.contains("from Dear, Dearer"), "{}", told.shown.evidence[0].text);
        assert!(told.shown.evidence[1].text.contains("75 % less"), "{}", told.shown.evidence[1].text);
        assert_eq!(advise(&facts(19, 200, 50)), None, "too few");
        assert_eq!(advise(&facts(40, 100, 81)), None, "less than a fifth");
        assert_eq!(advise(&facts(40, 12, 3)), None, "nine cents");
        assert_eq!(advise(&facts(40, 50, 200)), None, "it is dearer there");
    }

    #[test]
    fn where_lanes_name_the_model_nothing_is_changed_by_a_click() {
        let of = Lanes::Named { model: "openai/dear".into(), label: "Dear".into() };
        let told = advise(&SimpleFacts { of, ..facts(40, 200, 50) }).unwrap();
        assert!(told.shown.change.is_empty() && told.step.is_none() && !told.is_safe);
        assert_eq!(told.shown.effect.saying.code, "advice_simple_by_hand_effect");
        assert_eq!(told.shown.id, "cheaper_for_simple:named:openai/dear", "turned down apart");
    }
}
