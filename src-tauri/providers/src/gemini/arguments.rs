//! Arguments of a function call that come piece by piece (PROTOCOLS, section 4: `partialArgs`).

use serde_json::{Map, Value};

use super::part::PartialArg;

/// How far past its end a path may reach into an array. Items come in order; a hostile index must not fill memory.
const WIDEST_GAP: usize = 16;

/// The deepest path that is followed.
const MOST_STEPS: usize = 64;

/// The arguments so far.
#[derive(Debug, Default)]
pub(super) struct Arguments(Value);

#[derive(Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Arguments {
    /// Starts from the arguments the call began with, if any.
    pub(super) fn new(start: Option<&str>) -> Self {
        Self(start.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
    }

    /// Puts a piece in its place. Strings at one path are joined, anything else is replaced.
    pub(super) fn take(&mut self, piece: PartialArg) {
        let Some(steps) = parse_path(&piece.json_path) else { return };
        let Some(place) = reach(&mut self.0, &steps) else { return };
        let value = match (piece.string_value, piece.number_value, piece.bool_value) {
            (Some(text), _, _) => {
                if let Value::String(so_far) = place {
                    so_far.push_str(&text);
                    return;
                }
                Value::String(text)
            }
            (_, Some(number), _) => Value::Number(number),
            (_, _, Some(truth)) => Value::Bool(truth),
            // `nullValue`, or a piece without a value.
            _ => Value::Null,
        };
        *place = value;
    }

    /// The arguments as JSON text; an object also when nothing came.
    pub(super) fn into_json(self) -> String {
        match self.0 {
            Value::Null => "{}".to_owned(),
            value => value.to_string(),
        }
    }
}

/// The steps of `$.a.list[0].b` and `$['a b'][0]`; `None` for anything else.
fn parse_path(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if steps.len() == MOST_STEPS {
            return None;
        }
        let (step, after) = if let Some(name) = rest.strip_prefix('.') {
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, after) = name.split_at_checked(end)?;
            (Step::Key(name.to_owned()), after)
        } else {
            parse_bracket(rest.strip_prefix('[')?)?
        };
        steps.push(step);
        rest = after;
    }
    Some(steps)
}

/// What follows a `[`: an index, or a quoted name.
fn parse_bracket(text: &str) -> Option<(Step, &str)> {
    for quote in ['\'', '"'] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (name, after) = quoted.split_once(quote)?;
            return Some((Step::Key(name.to_owned()), after.strip_prefix(']')?));
        }
    }
    let (index, after) = text.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), after))
}

/// The place of a path, made where it does not exist yet.
fn reach<'a>(root: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    let mut place = root;
    for step in steps {
        match step {
            Step::Key(name) => {
                if place.is_null() {
                    *place = Value::Object(Map::new());
                }
                place = place.as_object_mut()?.entry(name.clone()).or_insert(Value::Null);
            }
            Step::Index(index) => {
                if place.is_null() && *index <= WIDEST_GAP {
                    *place = Value::Array(Vec::new());
                }
                let items = place.as_array_mut()?;
                if *index > items.len() + WIDEST_GAP {
                    return None;
                }
                while items.len() <= *index {
                    items.push(Value::Null);
                }
                place = items.get_mut(*index)?;
            }
        }
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn assembled(pieces: Value) -> Value {
        let mut arguments = Arguments::new(None);
        for piece in serde_json::from_value::<Vec<PartialArg>>(pieces).unwrap() {
            arguments.take(piece);
        }
        serde_json::from_str(&arguments.into_json()).unwrap()
    }

    #[test]
    fn pieces_go_to_their_places_and_strings_are_joined() {
        let pieces = json!([
            {"jsonPath": "$.place", "stringValue": "Bos", "willContinue": true},
            {"jsonPath": "$.place", "stringValue": "ton"},
            {"jsonPath": "$.items[0].price", "numberValue": 0.5},
            {"jsonPath": "$.items[1]['full name']", "boolValue": true},
            {"jsonPath": "$.nothing", "nullValue": "NULL_VALUE"}
        ]);
        assert_eq!(
            assembled(pieces),
            json!({"place": "Boston", "items": [{"price": 0.5}, {"full name": true}], "nothing": null})
        );
        assert_eq!(assembled(json!([])), json!({}));
    }

    #[test]
    fn a_hostile_path_neither_fills_memory_nor_panics() {
        let deep = format!("${}", ".a".repeat(10_000));
        let pieces = json!([
            {"jsonPath": "$[4000000000]", "stringValue": "x"},
            {"jsonPath": deep, "stringValue": "x"},
            {"jsonPath": "$.a[", "stringValue": "x"},
            {"jsonPath": "$['é", "stringValue": "x"},
            {"jsonPath": "a", "stringValue": "x"},
            {"jsonPath": "$.b", "numberValue": 1},
            {"jsonPath": "$.b.c", "stringValue": "into a number"}
        ]);
        assert_eq!(assembled(pieces), json!({"b": 1}));
    }
}
