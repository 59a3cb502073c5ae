//! Reading what a filter is about. All figures of one view come from the same cells, so that they agree to the last digit.

mod add;
mod conversations;
mod stretches;
mod subjects;

use std::collections::{BTreeMap, HashMap};

use roundtable_domain::UnixMs;
use roundtable_store::{EntryQuery, HourSums, SpendCells, SpendDays, Store, Stretch, VoteCount};

use self::conversations::{Top, cost_within, hours_of, read_conversations, read_top};
use self::stretches::{ends_of, pace_stretches, stretches};
use self::subjects::Subjects;
use super::names::Names;
use super::span::{Moment, Span};
use super::sums::Total;
use crate::error::EngineError;
use crate::view::{SpendBy, SpendFilter, SpendRange, SpendStep};

/// What one thing has come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) columns: BTreeMap<u32, Total>,
    pub(super) range: Total,
    pub(super) before: Total,
}

/// Everything a view is made of.
pub(super) struct Gathered {
    pub(super) span: Span,
    pub(super) step: SpendStep,
    /// Where each column begins.
    pub(super) columns: Vec<i64>,
    /// Each column's sum.
    pub(super) totals: Vec<Total>,
    pub(super) range: Total,
    /// `None`: there is nothing it could be compared with.
    pub(super) before: Option<Total>,
    /// Pico-dollars since midnight, and since the first of the month.
    pub(super) today: i128,
    pub(super) month: i128,
    /// Pico-dollars of the days before today, oldest first.
    pub(super) days: Vec<i128>,
    /// By the name of the thing; of conversations those that come to most.
    pub(super) groups: HashMap<String, Group>,
    /// By `provider/model`.
    pub(super) models: HashMap<String, Total>,
    pub(super) hours: Vec<HourSums>,
    pub(super) votes: Vec<VoteCount>,
}

/// The range of a filter.
pub(super) async fn span_of(
    store: &Store,
    filter: &SpendFilter,
    moment: &Moment,
) -> Result<Span, EngineError> {
    let mut all = None;
    if filter.range == SpendRange::All {
        all = store.spend().extent().await?;
        let conversations = conversations_of(filter);
        if !conversations.is_empty() {
            let first = store.spend().first_entry_of(&conversations).await?;
            let first = first.map(|at| at.0.div_euclid(roundtable_store::QUARTER_MS));
            all = all.map(|(begin, last)| (first.unwrap_or(begin), last));
        }
    }
    Ok(moment.span(filter.range, all))
}

pub(super) fn conversations_of(filter: &SpendFilter) -> Vec<String> {
    filter.conversations.iter().map(ToString::to_string).collect()
}

/// The entries a filter is about.
pub(super) async fn query_of(
    store: &Store,
    filter: &SpendFilter,
    moment: &Moment,
) -> Result<EntryQuery, EngineError> {
    let span = span_of(store, filter, moment).await?;
    let subjects = Subjects::read(store, filter).await?;
    Ok(EntryQuery {
        first: span.first,
        last: span.last,
        subjects: subjects.ids,
        conversations: conversations_of(filter),
    })
}

impl Gathered {
    pub(super) async fn read(
        store: &Store,
        filter: &SpendFilter,
        moment: &Moment,
        names: &mut Names,
    ) -> Result<Self, EngineError> {
        let span = span_of(store, filter, moment).await?;
        let subjects = Subjects::read(store, filter).await?;
        let (step, columns) = moment.columns(span, filter.step);
        let stretches = stretches(span, filter.range, &columns);
        let conversations = conversations_of(filter);
        let mut gathered = Self {
            span,
            step,
            totals: vec![Total::default(); columns.len()],
            columns,
            range: Total::default(),
            before: (filter.range != SpendRange::All).then(Total::default),
            today: 0,
            month: 0,
            days: Vec::new(),
            groups: HashMap::new(),
            models: HashMap::new(),
            hours: Vec::new(),
            votes: Vec::new(),
        };
        if conversations.is_empty() {
            gathered.read_all(store, filter, moment, &subjects, &stretches, names).await?;
        } else {
            gathered.read_some(store, filter, moment, (&subjects, &conversations), &stretches, names).await?;
        }
        Ok(gathered)
    }

    /// Of all conversations: from the days of the books.
    async fn read_all(
        &mut self,
        store: &Store,
        filter: &SpendFilter,
        moment: &Moment,
        subjects: &Subjects,
        stretches: &[Stretch],
        names: &mut Names,
    ) -> Result<(), EngineError> {
        let span = self.span;
        // The stretch before the range is no column.
        let columns = stretches.get(..self.columns.len()).unwrap_or(stretches);
        let (cells, recent, top, votes);
        ((cells, recent), top, votes) = tokio::try_join!(
            read_days(store, stretches, moment),
            async {
                if filter.by == SpendBy::Conversation {
                    read_top(store, span, columns, subjects, filter.measure).await
                } else {
                    Ok(Top::default())
                }
            },
            votes_of(store, &[], span, filter),
        )?;
        self.votes = votes;
        self.paid(moment, |stretch| recent.cost((stretch.first, stretch.last), |id| subjects.wants(id)));
        for (part, ahead) in moment.even_parts(span) {
            let hours = cells.days().hours((part.first, part.last), ahead, |id| subjects.wants(id));
            self.hours.extend(hours);
        }
        self.take(subjects, filter.by, |see| cells.each(see));
        self.take_top(top, names);
        Ok(())
    }

    /// Of single conversations: from their entries.
    async fn read_some(
        &mut self,
        store: &Store,
        filter: &SpendFilter,
        moment: &Moment,
        (subjects, conversations): (&Subjects, &[String]),
        stretches: &[Stretch],
        names: &mut Names,
    ) -> Result<(), EngineError> {
        let cells = read_conversations(store, conversations, subjects, stretches, moment).await?;
        self.votes = votes_of(store, conversations, self.span, filter).await?;
        self.paid(moment, |stretch| cost_within(&cells, stretch));
        self.hours = hours_of(&cells, moment, self.span);
        self.take(subjects, filter.by, |see| {
            for stretch in stretches {
                let within =
                    cells.iter().filter(|cell| (stretch.first..stretch.last).contains(&cell.quarter));
                within.for_each(|cell| see(stretch.column, cell.subject, &cell.sums));
            }
        });
        if filter.by == SpendBy::Conversation {
            for (id, title) in store.spend().titles(conversations).await? {
                names.learn_title(id, title);
            }
            self.take_conversations(&cells);
        }
        Ok(())
    }

    /// What was paid today, in the month, and on the days before.
    fn paid(&mut self, moment: &Moment, cost: impl Fn(Stretch) -> i128) {
        let mut paid = pace_stretches(moment).into_iter().map(cost);
        self.today = paid.next().unwrap_or(0);
        self.month = paid.next().unwrap_or(0);
        self.days = paid.collect();
    }
}

/// The sums of the stretches, and the days that the pace is taken from.
async fn read_days(
    store: &Store,
    stretches: &[Stretch],
    moment: &Moment,
) -> Result<(SpendCells, SpendDays), EngineError> {
    let room = store.spend();
    let (asked, recent) = (ends_of(stretches), ends_of(&pace_stretches(moment)));
    let days = room.days(asked).await?;
    let is_covered = asked.0 <= recent.0 && recent.1 <= asked.1;
    let recent = if is_covered { days.clone() } else { room.days(recent).await? };
    Ok((room.cells_of(&days, stretches).await?, recent))
}

/// Votes know models and nothing else: other filters leave them as they are.
async fn votes_of(
    store: &Store,
    conversations: &[String],
    span: Span,
    filter: &SpendFilter,
) -> Result<Vec<VoteCount>, EngineError> {
    let (from, until): (UnixMs, UnixMs) = (span.from(), span.until());
    let room = store.spend();
    Ok(if conversations.is_empty() {
        room.votes(from, until, filter.simulated).await?
    } else {
        room.votes_of(conversations, from, until, filter.simulated).await?
    })
}
