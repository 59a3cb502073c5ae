//! Reading what a filter is about. All figures of one view come from the same cells, so that they agree to the last digit.

mod add;
mod conversations;
mod stretches;
mod subjects;

use std::collections::{BTreeMap, HashMap};

use roundtable_domain::UnixMs;
use roundtable_store::{EntryQuery, HourSums, SpendCells, SpendDays, Store, Stretch, VoteCount};

use self::conversations::{cost_within, hours_of, read_conversations, read_top};
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
    /// The stretch it is compared with, and what that came to. `None`: there is none, or the books begin in it.
    pub(super) before: Option<(Span, Total)>,
    /// Since midnight.
    pub(super) today: Total,
    /// Pico-dollars since the first of the month.
    pub(super) month: i128,
    /// Pico-dollars of the days before today, oldest first.
    pub(super) days: Vec<i128>,
    /// By the name of the thing; of conversations those that come to most.
    pub(super) groups: HashMap<String, Group>,
    /// How many conversations come to anything, where not all of them are among the groups.
    pub(super) conversations: Option<u64>,
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
        let room = store.spend();
        let mut first = room.begin_of(filter.simulated).await?;
        if !filter.conversations.is_empty() {
            first = room.first_quarter_of(&filter.conversations).await?.or(first);
        }
        all = room.extent().await?.and_then(|(_, last)| Some((first?, last)));
    }
    Ok(moment.span(filter.range, all))
}

/// The stretch a range is compared with, if the books reach back to its beginning.
async fn before_of(
    store: &Store,
    filter: &SpendFilter,
    moment: &Moment,
    span: Span,
) -> Result<Option<Span>, EngineError> {
    let Some(before) = moment.before(filter.range, span) else { return Ok(None) };
    let begun = store.spend().begin_of(filter.simulated).await?;
    Ok(begun.is_some_and(|begun| begun <= before.first).then_some(before))
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
        conversations: filter.conversations.clone(),
    })
}

/// How often books that are being written on are read again.
const MOST_READINGS: usize = 3;

impl Gathered {
    /// What is read is read by several statements. If something was booked meanwhile it is read again, so that parts and whole are of one
    /// moment; books that are written on all the time are shown as they were read last.
    pub(super) async fn read(
        store: &Store,
        filter: &SpendFilter,
        moment: &Moment,
        names: &mut Names,
    ) -> Result<Self, EngineError> {
        let mut mark = store.spend().mark().await?;
        for _ in 1..MOST_READINGS {
            let gathered = Self::read_once(store, filter, moment, names).await?;
            let now = store.spend().mark().await?;
            if now == mark {
                return Ok(gathered);
            }
            mark = now;
        }
        Self::read_once(store, filter, moment, names).await
    }

    async fn read_once(
        store: &Store,
        filter: &SpendFilter,
        moment: &Moment,
        names: &mut Names,
    ) -> Result<Self, EngineError> {
        let span = span_of(store, filter, moment).await?;
        let subjects = Subjects::read(store, filter).await?;
        let (step, columns) = moment.columns(span, filter.step);
        let before = before_of(store, filter, moment, span).await?;
        let stretches = stretches(span, before, &columns);
        let mut gathered = Self {
            span,
            step,
            totals: vec![Total::default(); columns.len()],
            columns,
            range: Total::default(),
            before: before.map(|before| (before, Total::default())),
            today: Total::default(),
            month: 0,
            days: Vec::new(),
            groups: HashMap::new(),
            conversations: None,
            models: HashMap::new(),
            hours: Vec::new(),
            votes: Vec::new(),
        };
        if filter.conversations.is_empty() {
            gathered.read_all(store, filter, moment, &subjects, &stretches, names).await?;
        } else {
            gathered.read_some(store, filter, moment, &subjects, &stretches, names).await?;
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
        let (cells, recent, today, top, votes);
        ((cells, recent, today), top, votes) = tokio::try_join!(
            read_days(store, stretches, moment),
            async {
                if filter.by == SpendBy::Conversation {
                    read_top(store, span, columns, subjects, filter.measure).await.map(Some)
                } else {
                    Ok(None)
                }
            },
            votes_of(store, span, filter),
        )?;
        self.votes = votes;
        today.each(|_, id, sums| {
            if subjects.wants(id) {
                self.today.add(sums);
            }
        });
        self.paid(moment, |stretch| recent.cost((stretch.first, stretch.last), |id| subjects.wants(id)));
        for (part, ahead) in moment.even_parts(span) {
            let hours = cells.days().hours((part.first, part.last), ahead, |id| subjects.wants(id));
            self.hours.extend(hours);
        }
        self.take(subjects, filter.by, |see| cells.each(see));
        if let Some(top) = top {
            self.take_top(top, names);
        }
        Ok(())
    }

    /// Of single conversations: from their entries.
    async fn read_some(
        &mut self,
        store: &Store,
        filter: &SpendFilter,
        moment: &Moment,
        subjects: &Subjects,
        stretches: &[Stretch],
        names: &mut Names,
    ) -> Result<(), EngineError> {
        let conversations = &filter.conversations;
        let cells = read_conversations(store, conversations, subjects, stretches, moment).await?;
        self.votes = votes_of(store, self.span, filter).await?;
        let midnight = moment.begin_of(moment.today());
        for cell in cells.iter().filter(|cell| (midnight..moment.end()).contains(&cell.quarter)) {
            self.today.add(&cell.sums);
        }
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

    /// What was paid in the month, and on the days before today.
    fn paid(&mut self, moment: &Moment, cost: impl Fn(Stretch) -> i128) {
        let mut paid = pace_stretches(moment).into_iter().map(cost);
        self.month = paid.next().unwrap_or(0);
        self.days = paid.collect();
    }
}

/// The sums of the stretches, the days that the pace is taken from, and the sums of today.
async fn read_days(
    store: &Store,
    stretches: &[Stretch],
    moment: &Moment,
) -> Result<(SpendCells, SpendDays, SpendCells), EngineError> {
    let room = store.spend();
    let (asked, recent) = (ends_of(stretches), ends_of(&pace_stretches(moment)));
    let days = room.days(asked).await?;
    let is_covered = asked.0 <= recent.0 && recent.1 <= asked.1;
    let recent = if is_covered { days.clone() } else { room.days(recent).await? };
    let today = [Span { first: moment.begin_of(moment.today()), last: moment.end() }.stretch(0)];
    let (cells, today) = tokio::try_join!(room.cells_of(&days, stretches), room.cells_of(&recent, &today))?;
    Ok((cells, recent, today))
}

/// Votes know models and nothing else: other filters leave them as they are.
async fn votes_of(store: &Store, span: Span, filter: &SpendFilter) -> Result<Vec<VoteCount>, EngineError> {
    let (from, until): (UnixMs, UnixMs) = (span.from(), span.until());
    let room = store.spend();
    Ok(if filter.conversations.is_empty() {
        room.votes(from, until, filter.simulated).await?
    } else {
        room.votes_of(&filter.conversations, from, until, filter.simulated).await?
    })
}
