//! Layers that fit one model.
//!
//! A value said for this lane or this model is an order: when the model does not take it, nothing is sent. A value said for
//! many models at once (by the environment, the provider, the profile) is a wish: it is brought to the nearest value the
//! model takes, or left out, and either is told.

use roundtable_domain::{Layer, Notice, NoticeSaying, Params, WireApi};
use roundtable_providers::parameters::{ParameterProblem, check, range, takes};
use serde_json::{Value, json};

use super::merge::{LayerValues, Merged, merge, params_of};
use crate::notices::told;

/// Whose limits values are held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits<'a> {
    pub(crate) dialect: &'a str,
    pub(crate) api: WireApi,
    pub(crate) model: &'a str,
    /// The longest answer in tokens.
    pub(crate) max_output: Option<u64>,
}

/// Something to tell of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The value's name.
    pub(crate) name: String,
    /// A wish has a code; an order is told in the words of what does not take it.
    pub(crate) told: Notice,
    /// Nothing can be sent with it.
    pub(crate) refuses: bool,
}

impl Limits<'_> {
    fn check(&self, params: &Params) -> Vec<ParameterProblem> {
        check(self.dialect, self.api, self.model, self.max_output, params)
    }

    /// Whether the model takes a parameter at all; its wire leaves out what it does not.
    pub(crate) fn takes(&self, name: &str) -> bool {
        takes(self.dialect, self.api, self.model, name)
    }

    /// The least and the most the model takes of a number.
    pub(crate) fn range(&self, name: &str) -> (Option<f64>, Option<f64>) {
        match name {
            "stop" => (None, None),
            #[expect(clippy::cast_precision_loss, reason = "answers are shorter than 2^53 tokens")]
            "max_tokens" => (Some(1.0), self.max_output.map(|tokens| tokens as f64)),
            _ => range(self.dialect, self.api, self.model, name)
                .map_or((None, None), |range| (Some(range.minimum), range.maximum)),
        }
    }

    /// The nearest value the model takes; `None` where there is none or the value is no number.
    fn nearest(&self, name: &str, value: &Value) -> Option<Value> {
        let (least, most) = self.range(name);
        let number = value.as_f64()?;
        let near = number.max(least.unwrap_or(number)).min(most.unwrap_or(number));
        #[expect(clippy::float_cmp, reason = "an unchanged value is what did not fit")]
        if near == number {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole limits of whole parameters")]
        Some(if value.is_f64() { json!(near) } else { json!(near as i64) })
    }
}

/// Brings the wishes among the layers to what the model takes. The remarks are about what was changed, and about orders that
/// cannot be carried out.
pub(crate) fn fit(
    layers: &mut [LayerValues],
    limits: Limits<'_>,
) -> Result<(Vec<Merged>, Vec<Remark>), serde_json::Error> {
    let mut remarks: Vec<Remark> = Vec::new();
    loop {
        let merged = merge(layers);
        let problems = limits.check(&params_of(&merged)?);
        let wish = problems.iter().find_map(|problem| Some((problem, wish_behind(problem, &merged)?)));
        let Some((problem, wish)) = wish else {
            let orders = problems.into_iter().map(|problem| Remark {
                name: problem.name,
                told: Notice::from(problem.message),
                refuses: true,
            });
            remarks.extend(orders);
            return Ok((merged, remarks));
        };
        // A second problem with the same value means that being near was not enough.
        let again = remarks.iter().any(|remark| remark.name == wish.name);
        let near = wish.value.as_ref().filter(|_| !again && wish.name == problem.name);
        let near = near.and_then(|value| limits.nearest(wish.name, value));
        remarks.retain(|remark| remark.name != wish.name);
        remarks.push(Remark {
            name: wish.name.to_owned(),
            told: told(given_way(wish, near.as_ref(), &problem.message)),
            refuses: false,
        });
        for layer in layers.iter_mut().filter(|layer| layer.layer == wish.layer) {
            layer.set(wish.name, near.clone());
        }
    }
}

/// What becomes of a wish. `near`: what is sent in its place.
fn given_way(wish: &Merged, near: Option<&Value>, reason: &str) -> NoticeSaying {
    let (origin, setting, reason) = (wish.origin.clone(), wish.name.to_owned(), reason.to_owned());
    let asked = wish.value.as_ref().map(Value::to_string).unwrap_or_default();
    match near {
        Some(near) => NoticeSaying::WishAdjusted { origin, setting, asked, used: near.to_string(), reason },
        None => NoticeSaying::WishOmitted { origin, setting, asked, reason },
    }
}

/// The wish that is to give way to a problem: the value that is blamed, or the length it does not fit into.
fn wish_behind<'m>(problem: &ParameterProblem, merged: &'m [Merged]) -> Option<&'m Merged> {
    let named = |name: &str| merged.iter().find(|one| one.name == name && one.value.is_some());
    let is_wish = |one: &&Merged| matches!(one.layer, Layer::Environment | Layer::Provider | Layer::Profile);
    let blamed = named(&problem.name)?;
    if is_wish(&blamed) {
        return Some(blamed);
    }
    let length = (problem.name == "reasoning_tokens").then(|| named("max_tokens")).flatten();
    length.filter(is_wish)
}

#[cfg(test)]
mod tests {
    use roundtable_domain::{ReasoningEffort, Timeouts};

    use super::*;

    const CLAUDE: Limits<'_> = Limits {
        dialect: "anthropic",
        api: WireApi::AnthropicMessages,
        model: "claude-sonnet-4-5",
        max_output: Some(64_000),
    };

    fn layer(layer: Layer, origin: &str, params: &Params) -> LayerValues {
        LayerValues::new(layer, origin, params, &Timeouts::default())
    }

    fn hot(temperature: f64) -> Params {
        Params { temperature: Some(temperature), ..Params::default() }
    }

    #[test]
    fn an_order_the_model_does_not_take_refuses_and_names_the_range() {
        let mut layers = [layer(Layer::User, "", &hot(1.5))];
        let (_, remarks) = fit(&mut layers, CLAUDE).unwrap();
        assert_eq!(remarks.len(), 1);
        assert!(
            remarks[0].refuses
                && remarks[0].told.text.contains("1.5")
                && remarks[0].told.text.contains("0 to 1")
        );
    }

    #[test]
    fn a_wish_is_brought_to_the_nearest_value_and_told() {
        let mut layers = [layer(
            Layer::Environment,
            "LLM_DEFAULT_TEMPERATURE",
            &Params { max_tokens: Some(100_000), ..hot(1.5) },
        )];
        let (merged, remarks) = fit(&mut layers, CLAUDE).unwrap();
        let params = params_of(&merged).unwrap();
        assert_eq!((params.temperature, params.max_tokens), (Some(1.0), Some(64_000)));
        assert_eq!(remarks.len(), 2);
        assert!(
            remarks
                .iter()
                .all(|remark| !remark.refuses && remark.told.text.contains("LLM_DEFAULT_TEMPERATURE"))
        );
        assert!(remarks.iter().any(|remark| remark.told.text.ends_with("1.0 is used.")), "{remarks:?}");
    }

    #[test]
    fn a_profiles_length_gives_way_to_the_lanes_thinking() {
        let thinking = Params { reasoning_tokens: Some(4_000), ..Params::default() };
        let short = Params { max_tokens: Some(2_048), ..Params::default() };
        let mut layers = [layer(Layer::User, "", &thinking), layer(Layer::Profile, "Draft", &short)];
        let (merged, remarks) = fit(&mut layers, CLAUDE).unwrap();
        assert_eq!(params_of(&merged).unwrap(), thinking);
        assert!(remarks.len() == 1 && !remarks[0].refuses && remarks[0].told.text.contains("Draft"));
        let mut layers = [layer(Layer::User, "", &Params { max_tokens: Some(2_048), ..thinking })];
        assert!(fit(&mut layers, CLAUDE).unwrap().1[0].refuses, "both are orders");
    }

    #[test]
    fn a_wish_for_thinking_that_leaves_no_room_is_left_out() {
        let thinking = Params { reasoning_tokens: Some(4_000), ..Params::default() };
        let mut layers = [
            layer(Layer::User, "", &Params { max_tokens: Some(1_000), ..Params::default() }),
            layer(Layer::Profile, "Deep", &thinking),
        ];
        let (merged, remarks) = fit(&mut layers, CLAUDE).unwrap();
        assert_eq!(params_of(&merged).unwrap().reasoning_tokens, None);
        assert!(remarks[0].told.text.ends_with("it is left out."), "{remarks:?}");
    }

    #[test]
    fn what_the_model_takes_is_not_remarked_upon() {
        let params = Params {
            max_tokens: Some(64_000),
            reasoning_effort: Some(ReasoningEffort::High),
            ..Params::default()
        };
        let (_, remarks) = fit(&mut [layer(Layer::User, "", &params)], CLAUDE).unwrap();
        assert_eq!(remarks, []);
    }
}
