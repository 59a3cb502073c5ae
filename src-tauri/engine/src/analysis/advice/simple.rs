//! Simple prompts that were answered by a dear model.

use super::super::sayings::{percent, said};
use super::super::step::Step;
use super::{Advice, DOLLAR, Says, dollars, priority_of};
use crate::view::{ActionView, ConditionsView, RecommendationKind, RuleView};

/// Fewer answers are a whim.
const FEWEST: u64 = 20;

/// Less than a fifth, or than ten cents a month, is not worth another answer.
const WORTH_SAVING_PERCENT: i128 = 20;
const WORTH_SAVING: i128 = DOLLAR / 10;

/// What the rule is called.
pub(in super::super) const RULE: &str = "Simple prompts look at the price first";

/// What was seen of a model, and who would answer instead.
#[derive(Clone, Debug)]
pub(in super::super) struct SimpleFacts {
    /// `provider/model`, and what people call it.
    pub(in super::super) model: String,
    pub(in super::super) label: String,
    /// What people call who would answer simple prompts.
    pub(in super::super) cheaper_label: String,
    /// All answers of the model; simple ones of known cost, what these have cost, and what the same tokens come to at the other one's
    /// price, in pico-dollars.
    pub(in super::super) answers: u64,
    pub(in super::super) simple: u64,
    pub(in super::super) cost: i128,
    pub(in super::super) replayed: i128,
    /// The difference, in 30 days.
    pub(in super::super) saves: i128,
    /// The file the rule goes into; `None`: the lanes name the model, which no rule touches.
    pub(in super::super) rules: Option<String>,
}

/// Send simple prompts to who answers them for less.
pub(in super::super) fn advise(facts: &SimpleFacts) -> Option<Advice> {
    let saved = facts.cost - facts.replayed;
    let is_worth = saved * 100 >= facts.cost * WORTH_SAVING_PERCENT && facts.saves >= WORTH_SAVING;
    if facts.simple < FEWEST || facts.cost <= 0 || !is_worth {
        return None;
    }
    let (model, cheaper) = (facts.label.as_str(), facts.cheaper_label.as_str());
    let (simple, answers) = (facts.simple.to_string(), facts.answers.to_string());
    let usd = dollars(facts.cost).unwrap_or_default();
    let replay = dollars(facts.replayed).unwrap_or_default();
    let less = percent(saved, facts.cost);
    let evidence = vec![
        said(
            "advice_simple_share",
            &[("simple", &simple), ("answers", &answers), ("model", model), ("usd", &usd)],
            format!(
                "{simple} of {answers} answers of {model} were to prompts read as simple. They cost ${usd}."
            ),
        ),
        said(
            "advice_simple_replay",
            &[("cheaper", cheaper), ("replay_usd", &replay), ("percent", &less)],
            format!("The same tokens come to ${replay} with {cheaper}, {less} % less."),
        ),
    ];
    let step = facts.rules.as_ref().map(|file| Step::Rule { file: file.clone(), rule: Box::new(rule()) });
    let effect = if step.is_some() {
        said(
            "advice_simple_rule_effect",
            &[("cheaper", cheaper)],
            format!(
                "A rule has lanes with auto look at the price first where a prompt is simple; at present {cheaper} answers then. Lanes that name a model keep it."
            ),
        )
    } else {
        said(
            "advice_simple_by_hand_effect",
            &[("cheaper", cheaper), ("model", model)],
            format!(
                "These lanes name {model} themselves, which no rule touches: choose {cheaper} for simple prompts, or auto."
            ),
        )
    };
    let way = if step.is_some() { "auto" } else { "named" };
    let is_safe = step.is_some();
    let advice = Says {
        kind: RecommendationKind::CheaperForSimple,
        about: format!("{way}:{}", facts.model),
        subject: facts.model.clone(),
        priority: priority_of(facts.saves),
        title: said(
            "advice_simple",
            &[("model", model), ("cheaper", cheaper)],
            format!("Send simple prompts to {cheaper} instead of {model}"),
        ),
        evidence,
        effect,
        saves: Some(facts.saves),
    };
    Some(advice.with(step, is_safe))
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
            model: "openai/dear".into(),
            label: "Dear".into(),
            cheaper_label: "Cheap".into(),
            answers: 100,
            simple,
            cost: cents * cent,
            replayed: replayed * cent,
            saves: (cents - replayed) * cent,
            rules: Some("rules.yaml".into()),
        }
    }

    #[test]
    fn simple_prompts_of_a_dear_model_are_sent_elsewhere_when_it_is_worth_it() {
        let told = advise(&facts(40, 200, 50)).unwrap();
        assert_eq!(
            (told.shown.id.as_str(), told.shown.saves_usd.as_deref()),
            ("cheaper_for_simple:auto:openai/dear", Some("1.5"))
        );
        assert!(told.shown.evidence[1].text.contains("75 % less"), "{}", told.shown.evidence[1].text);
        assert_eq!(advise(&facts(19, 200, 50)), None, "too few");
        assert_eq!(advise(&facts(40, 100, 81)), None, "less than a fifth");
        assert_eq!(advise(&facts(40, 12, 3)), None, "nine cents");
        assert_eq!(advise(&facts(40, 50, 200)), None, "it is dearer there");
    }

    #[test]
    fn where_lanes_name_the_model_nothing_is_changed_by_a_click() {
        let named = SimpleFacts { rules: None, ..facts(40, 200, 50) };
        let told = advise(&named).unwrap();
        assert!(told.shown.change.is_empty() && told.step.is_none() && !told.is_safe);
        assert_eq!(told.shown.effect.saying.code, "advice_simple_by_hand_effect");
        assert_ne!(told.shown.id, advise(&facts(40, 200, 50)).unwrap().shown.id, "turned down apart");
    }
}
