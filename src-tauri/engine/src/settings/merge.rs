//! The rule by which layers become one set of values. Pure: layers in, values out.
//!
//! A value is taken from the strongest layer that has it. `reasoning_effort` and `reasoning_tokens` are two words for one
//! thing, so a layer that says one of them silences the other in all weaker layers.

use roundtable_domain::{Layer, Params, Timeouts};
use serde_json::{Map, Value};

/// The values of `Params`, in the order they are shown.
pub(crate) const PARAMS: [&str; 11] = [
    "temperature",
    "top_p",
    "max_tokens",
    "stop",
    "seed",
    "top_k",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
    "reasoning_tokens",
    "response_format",
];

/// The values of `Timeouts`, in the order of a call.
pub(crate) const TIMEOUTS: [&str; 4] = ["connect_ms", "first_delta_ms", "idle_ms", "total_ms"];

/// Two words for one thing.
const RIVALS: [(&str, &str); 2] =
    [("reasoning_effort", "reasoning_tokens"), ("reasoning_tokens", "reasoning_effort")];

/// What one place says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LayerValues {
    pub(crate) layer: Layer,
    /// Set values by name, each with which one of the layer says it: a variable, a model, a provider or a profile.
    values: Map<String, Value>,
    origin: String,
    /// Where the layer's values have origins of their own.
    origins: Vec<(String, String)>,
}

/// One value, and who says it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Merged {
    pub(crate) name: &'static str,
    /// `None`: nobody says anything.
    pub(crate) value: Option<Value>,
    pub(crate) layer: Layer,
    pub(crate) origin: String,
}

impl LayerValues {
    /// What a person has set for `origin`: a model, a provider, a profile.
    pub(crate) fn new(layer: Layer, origin: &str, params: &Params, timeouts: &Timeouts) -> Self {
        let mut values = object_of(params);
        values.extend(object_of(timeouts));
        // No texts to stop at is nothing said, not an order to stop at none.
        values.retain(|_, value| value.as_array().is_none_or(|several| !several.is_empty()));
        Self { layer, values, origin: origin.to_owned(), origins: Vec::new() }
    }

    /// Values with an origin each: `(name, value, origin)`.
    pub(crate) fn of_each(layer: Layer, values: impl IntoIterator<Item = (String, Value, String)>) -> Self {
        let mut each = Self { layer, values: Map::new(), origin: String::new(), origins: Vec::new() };
        for (name, value, origin) in values {
            each.origins.push((name.clone(), origin));
            each.values.insert(name, value);
        }
        each
    }

    /// The layer with this value replaced, or left out with `None`.
    pub(crate) fn set(&mut self, name: &str, value: Option<Value>) {
        match value {
            Some(value) => self.values.insert(name.to_owned(), value),
            None => self.values.remove(name),
        };
    }

    fn origin_of(&self, name: &str) -> &str {
        self.origins.iter().find(|(known, _)| known == name).map_or(&self.origin, |(_, origin)| origin)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }
}

/// The values of all names, from the strongest layer that has them. `layers` come strongest first.
pub(crate) fn merge(layers: &[LayerValues]) -> Vec<Merged> {
    PARAMS.iter().chain(&TIMEOUTS).map(|name| merge_one(name, layers)).collect()
}

fn merge_one(name: &'static str, layers: &[LayerValues]) -> Merged {
    let rival = RIVALS.iter().find(|(word, _)| *word == name).map(|(_, rival)| *rival);
    for layer in layers {
        if let Some(value) = layer.get(name) {
            let origin = layer.origin_of(name).to_owned();
            return Merged { name, value: Some(value.clone()), layer: layer.layer, origin };
        }
        if rival.is_some_and(|rival| layer.get(rival).is_some()) {
            break;
        }
    }
    Merged { name, value: None, layer: Layer::Default, origin: String::new() }
}

/// The merged values as parameters. A value of the wrong shape fails, saying what is wrong with it.
pub(crate) fn params_of(merged: &[Merged]) -> Result<Params, serde_json::Error> {
    serde_json::from_value(object_with(merged, &PARAMS))
}

/// The merged values as timeouts.
pub(crate) fn timeouts_of(merged: &[Merged]) -> Result<Timeouts, serde_json::Error> {
    serde_json::from_value(object_with(merged, &TIMEOUTS))
}

fn object_with(merged: &[Merged], names: &[&str]) -> Value {
    let set = merged.iter().filter(|one| names.contains(&one.name));
    set.filter_map(|one| Some((one.name.to_owned(), one.value.clone()?))).collect::<Map<_, _>>().into()
}

/// The set fields of a value, by name: both types leave out what is not set.
fn object_of(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use roundtable_domain::{ReasoningEffort, ResponseFormat};
    use serde_json::json;

    use super::*;

    fn everything() -> (Params, Timeouts) {
        let params = Params {
            temperature: Some(0.1),
            top_p: Some(0.2),
            max_tokens: Some(3),
            stop: vec!["x".into()],
            seed: Some(-4),
            top_k: Some(5),
            presence_penalty: Some(0.6),
            frequency_penalty: Some(0.7),
            reasoning_effort: Some(ReasoningEffort::Low),
            reasoning_tokens: Some(8),
            response_format: ResponseFormat::JsonObject,
        };
        let timeouts =
            Timeouts { connect_ms: Some(1), first_delta_ms: Some(2), idle_ms: Some(3), total_ms: Some(4) };
        (params, timeouts)
    }

    fn layer(layer: Layer, params: &Params) -> LayerValues {
        LayerValues::new(layer, "somebody", params, &Timeouts::default())
    }

    #[test]
    fn every_field_is_merged_and_comes_back_as_it_was() {
        let (params, timeouts) = everything();
        let names: Vec<String> =
            object_of(&params).into_iter().chain(object_of(&timeouts)).map(|(name, _)| name).collect();
        let known: Vec<&str> = PARAMS.iter().chain(&TIMEOUTS).copied().collect();
        assert_eq!(names, known, "a new field of Params or Timeouts belongs into the lists above");
        let merged = merge(&[LayerValues::new(Layer::User, "", &params, &timeouts)]);
        assert_eq!(params_of(&merged).unwrap(), params);
        assert_eq!(timeouts_of(&merged).unwrap(), timeouts);
    }

    #[test]
    fn the_strongest_layer_that_has_a_value_wins_for_each_value_on_its_own() {
        let order =
            [Layer::User, Layer::Environment, Layer::Model, Layer::Provider, Layer::Profile, Layer::Default];
        let (params, timeouts) = everything();
        for strongest in 0..order.len() {
            let layers: Vec<LayerValues> = order
                .iter()
                .enumerate()
                .skip(strongest)
                .map(|(rank, layer)| {
                    let seed = i64::try_from(rank).unwrap();
                    LayerValues::new(
                        *layer,
                        &rank.to_string(),
                        &Params { seed: Some(seed), ..params.clone() },
                        &timeouts,
                    )
                })
                .collect();
            for one in merge(&layers) {
                assert_eq!(
                    (one.layer, one.origin),
                    (order[strongest], strongest.to_string()),
                    "{}",
                    one.name
                );
            }
        }
    }

    #[test]
    fn an_unset_value_is_left_to_the_next_and_nothing_at_all_to_the_provider() {
        let merged = merge(&[
            layer(Layer::User, &Params { seed: Some(1), ..Params::default() }),
            layer(Layer::Profile, &Params { temperature: Some(0.0), ..Params::default() }),
        ]);
        let of = |name: &str| merged.iter().find(|one| one.name == name).unwrap().clone();
        assert_eq!((of("seed").layer, of("temperature").layer), (Layer::User, Layer::Profile));
        assert_eq!(of("temperature").value, Some(json!(0.0)), "zero is a value");
        assert_eq!((of("top_p").layer, of("top_p").value), (Layer::Default, None));
    }

    #[test]
    fn an_effort_silences_a_weaker_layers_token_count_and_the_other_way_round() {
        let effort = Params { reasoning_effort: Some(ReasoningEffort::Low), ..Params::default() };
        let tokens = Params { reasoning_tokens: Some(9_000), ..Params::default() };
        let merged = |strong: &Params, weak: &Params| {
            params_of(&merge(&[layer(Layer::User, strong), layer(Layer::Profile, weak)])).unwrap()
        };
        assert_eq!(merged(&effort, &tokens), effort);
        assert_eq!(merged(&tokens, &effort), tokens);
    }

    #[test]
    fn values_of_one_layer_may_come_from_different_variables() {
        let layer =
            LayerValues::of_each(Layer::Environment, [("seed".to_owned(), json!(7), "LLM_SEED".to_owned())]);
        let merged = merge(&[layer]);
        assert_eq!(merged.iter().find(|one| one.name == "seed").unwrap().origin, "LLM_SEED");
    }
}
