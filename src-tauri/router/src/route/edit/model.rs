//! What an edit means for the value of a file, whatever its text looks like.

use super::super::yaml::Value;
use super::{Edit, Step};

/// Makes the change in the value; none if there is nothing at its way.
pub(super) fn apply(value: &mut Value, edit: &Edit) -> Option<()> {
    let Some((last, way)) = edit.way().split_last() else {
        let Edit::Set(_, new) = edit else { return None };
        *value = new.clone();
        return Some(());
    };
    let container = way.iter().try_fold(value, |value, step| enter(value, step))?;
    if let (Value::Null, Step::Key(_), Edit::Set(..), []) = (&*container, last, edit, way) {
        *container = Value::Map(Vec::new()); // A file with nothing but comments.
    }
    match (container, last, edit) {
        (Value::Map(entries), Step::Key(key), Edit::Set(_, new)) => {
            match entries.iter_mut().find(|(name, _)| name == key) {
                Some((_, old)) => *old = new.clone(),
                None => entries.push((key.clone(), new.clone())),
            }
        }
        (Value::Map(entries), Step::Key(key), Edit::Remove(_)) => {
            let at = entries.iter().position(|(name, _)| name == key)?;
            entries.remove(at);
        }
        (Value::List(items), Step::Index(index), Edit::Set(_, new)) => *items.get_mut(*index)? = new.clone(),
        (Value::List(items), Step::Index(index), Edit::Insert(_, new)) if *index <= items.len() => {
            items.insert(*index, new.clone());
        }
        (Value::List(items), Step::Index(index), Edit::Remove(_)) if *index < items.len() => {
            items.remove(*index);
        }
        _ => return None,
    }
    Some(())
}

fn enter<'v>(value: &'v mut Value, step: &Step) -> Option<&'v mut Value> {
    match (value, step) {
        (Value::Map(entries), Step::Key(key)) => {
            entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
        }
        (Value::List(items), Step::Index(index)) => items.get_mut(*index),
        _ => None,
    }
}
