//! The fewest edits from what a file says to what it shall say.

use super::super::yaml::Value;
use super::{Edit, Step};

/// The edits, in an order in which they can be made.
pub(super) fn between(old: &Value, new: &Value) -> Vec<Edit> {
    let mut edits = Vec::new();
    compare(old, new, &mut Vec::new(), &mut edits);
    edits
}

fn compare(old: &Value, new: &Value, way: &mut Vec<Step>, edits: &mut Vec<Edit>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Map(before), Value::Map(after)) if !before.is_empty() && !after.is_empty() => {
            // Sets first: a mapping that loses all its keys in between would change its form.
            for (key, value) in after {
                at(way, Step::Key(key.clone()), |way| match old.get(key) {
                    Some(known) => compare(known, value, way, edits),
                    None => edits.push(Edit::Set(way.clone(), value.clone())),
                });
            }
            for (key, _) in before.iter().filter(|(key, _)| new.get(key).is_none()) {
                at(way, Step::Key(key.clone()), |way| edits.push(Edit::Remove(way.clone())));
            }
        }
        (Value::List(before), Value::List(after)) if !before.is_empty() && !after.is_empty() => {
            compare_lists(before, after, way, edits);
        }
        _ => edits.push(Edit::Set(way.clone(), new.clone())),
    }
}

/// Items that stay in order stay as they are written, with their comments; the others are put in and taken out.
fn compare_lists(before: &[Value], after: &[Value], way: &mut Vec<Step>, edits: &mut Vec<Edit>) {
    let kept = longest_common(before, after);
    let mut index = 0;
    let (mut old, mut new) = (0, 0);
    for (kept_old, kept_new) in kept.into_iter().chain([(before.len(), after.len())]) {
        let both = (kept_old - old).min(kept_new - new);
        for value in after.iter().skip(new).take(both) {
            at(way, Step::Index(index), |way| edits.push(Edit::Set(way.clone(), value.clone())));
            index += 1;
        }
        for value in after.iter().take(kept_new).skip(new + both) {
            at(way, Step::Index(index), |way| edits.push(Edit::Insert(way.clone(), value.clone())));
            index += 1;
        }
        for _ in old + both..kept_old {
            at(way, Step::Index(index), |way| edits.push(Edit::Remove(way.clone())));
        }
        index += 1; // The one that is kept.
        (old, new) = (kept_old + 1, kept_new + 1);
    }
}

/// The pairs of indices of the longest list that is in both, in order.
fn longest_common(before: &[Value], after: &[Value]) -> Vec<(usize, usize)> {
    let width = after.len() + 1;
    let mut lengths = vec![0_usize; (before.len() + 1) * width];
    let length =
        |lengths: &[usize], old: usize, new: usize| lengths.get(old * width + new).copied().unwrap_or(0);
    for (old, was) in before.iter().enumerate().rev() {
        for (new, is) in after.iter().enumerate().rev() {
            let best = if was == is {
                length(&lengths, old + 1, new + 1) + 1
            } else {
                length(&lengths, old + 1, new).max(length(&lengths, old, new + 1))
            };
            if let Some(place) = lengths.get_mut(old * width + new) {
                *place = best;
            }
        }
    }
    let (mut old, mut new, mut pairs) = (0, 0, Vec::new());
    while let (Some(was), Some(is)) = (before.get(old), after.get(new)) {
        if was == is {
            pairs.push((old, new));
            (old, new) = (old + 1, new + 1);
        } else if length(&lengths, old + 1, new) >= length(&lengths, old, new + 1) {
            old += 1;
        } else {
            new += 1;
        }
    }
    pairs
}

/// Does something one step further on the way.
fn at(way: &mut Vec<Step>, step: Step, act: impl FnOnce(&mut Vec<Step>)) {
    way.push(step);
    act(way);
    way.pop();
}
