//! Adding cells up: by column, by the name of what the chart is stacked of, and by model.

use std::collections::HashMap;

use roundtable_store::CellSums;

use super::super::names::{model_of, names_of};
use super::{Gathered, Group, Subjects};
use crate::spend::sums::Total;
use crate::view::SpendBy;

impl Gathered {
    /// Adds cells up as they are shown. Their subjects are few and the cells many: what a subject is called is looked up once.
    pub(super) fn take(
        &mut self,
        subjects: &Subjects,
        by: SpendBy,
        show: impl FnOnce(&mut dyn FnMut(u32, i64, &CellSums)),
    ) {
        let mut places: HashMap<i64, Place> = HashMap::new();
        let mut groups = Numbered::<Group>::default();
        let mut models = Numbered::<Total>::default();
        let columns = self.totals.len();
        let mut see = |column: u32, id: i64, sums: &CellSums| {
            if !subjects.wants(id) {
                return;
            }
            let place = places.entry(id).or_insert_with(|| {
                let subject = subjects.wanted(id);
                let under = subject.map(|subject| names_of(subject, by)).unwrap_or_default();
                Place {
                    groups: under.into_iter().map(|name| groups.number(name)).collect(),
                    model: models.number(subject.map(model_of).unwrap_or_default()),
                }
            });
            let within = usize::try_from(column).ok().filter(|column| *column < columns);
            if let Some(whole) = within.and_then(|column| self.totals.get_mut(column)) {
                whole.add(sums);
                if let Some(model) = models.sum(place.model) {
                    model.add(sums);
                }
                for number in &place.groups {
                    if let Some(group) = groups.sum(*number) {
                        group.columns.entry(column).or_default().add(sums);
                    }
                }
            } else {
                if let Some((_, before)) = &mut self.before {
                    before.add(sums);
                }
                for number in &place.groups {
                    if let Some(group) = groups.sum(*number) {
                        group.before.add(sums);
                    }
                }
            }
        };
        show(&mut see);
        for total in &self.totals {
            self.range.merge(total);
        }
        self.models.extend(models.named());
        for (name, mut group) in groups.named() {
            for total in group.columns.values() {
                group.range.merge(total);
            }
            self.groups.insert(name, group);
        }
    }
}

/// Where the sums of a subject go.
struct Place {
    groups: Vec<usize>,
    model: usize,
}

/// Sums of things that are found by their number while they are added up, and by their name afterwards.
struct Numbered<T> {
    numbers: HashMap<String, usize>,
    sums: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), sums: Vec::new() }
    }
}

impl<T: Default> Numbered<T> {
    fn number(&mut self, name: String) -> usize {
        let next = self.sums.len();
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.sums.push(T::default());
        }
        number
    }

    fn sum(&mut self, number: usize) -> Option<&mut T> {
        self.sums.get_mut(number)
    }

    fn named(self) -> impl Iterator<Item = (String, T)> {
        let mut sums: Vec<Option<T>> = self.sums.into_iter().map(Some).collect();
        let named = self.numbers.into_iter();
        named.filter_map(move |(name, number)| Some((name, sums.get_mut(number)?.take()?)))
    }
}
