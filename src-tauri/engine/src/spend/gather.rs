//! Reading what a filter is about. All figures of one view come from the same cells, so that they agree to the last digit.

use std::collections::{BTreeMap, HashMap, HashSet};

use roundtable_domain::UnixMs;
use roundtable_store::{
    ConversationCell, ConversationOrder, EntryQuery, HourSums, SpendCell, SpendSubject, Store, Stretch,
    VoteCount,
};

use super::forecast::PACE_DAYS;
use super::names::{Names, names_of};
use super::span::{Moment, Span, zoned};
use super::sums::Total;
use crate::error::EngineError;
use crate::view::{SpendBy, SpendFilter, SpendMeasure, SpendRange, SpendStep};

/// How many conversations are ranked.
const MOST_CONVERSATIONS: u32 = 199;

/// How many conversations a chart is stacked of.
const STACKED_CONVERSATIONS: usize = 10;

/// The subjects a filter lets through.
pub(super) struct Subjects {
    pub(super) all: HashMap<i64, SpendSubject>,
    /// `None`: every subject there is.
    pub(super) ids: Option<Vec<i64>>,
}

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
    pub(super) today: Total,
    pub(super) month: Total,
    /// Pico-dollars of the days before today, oldest first.
    pub(super) days: Vec<i128>,
    /// By the name of the thing; of conversations those that come to most.
    pub(super) groups: HashMap<String, Group>,
    /// By `provider/model`.
    pub(super) models: HashMap<String, Total>,
    pub(super) hours: Vec<HourSums>,
    pub(super) votes: Vec<VoteCount>,
}

/// Columns beyond those of the chart.
#[derive(Clone, Copy)]
struct Places {
    today: u32,
    before: u32,
    month: u32,
    /// The first of the days before today.
    days: u32,
}

impl Subjects {
    pub(super) async fn read(store: &Store, filter: &SpendFilter) -> Result<Self, EngineError> {
        let all = store.spend().subjects().await?;
        let ids: Vec<i64> =
            all.iter().filter(|subject| lets_through(filter, subject)).map(|subject| subject.id).collect();
        let ids = (ids.len() < all.len()).then_some(ids);
        Ok(Self { all: all.into_iter().map(|subject| (subject.id, subject)).collect(), ids })
    }

    fn has(&self, wanted: &HashSet<i64>, id: i64) -> bool {
        self.ids.is_none() || wanted.contains(&id)
    }
}

/// Whether a filter is about a subject. Lists that are empty leave everything in; a folder or tag `""` is none.
pub(super) fn lets_through(filter: &SpendFilter, subject: &SpendSubject) -> bool {
    let named =
        |list: &[String], by| list.is_empty() || names_of(subject, by).iter().any(|name| list.contains(name));
    subject.simulated == filter.simulated
        && named(&filter.providers, SpendBy::Provider)
        && named(&filter.models, SpendBy::Model)
        && named(&filter.keys, SpendBy::Key)
        && named(&filter.sources, SpendBy::Source)
        && named(&filter.folders, SpendBy::Folder)
        && named(&filter.tags, SpendBy::Tag)
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
        let (stretches, places) = stretches(moment, span, filter.range, &columns);
        let conversations = conversations_of(filter);
        let (cells, of_conversations) = if conversations.is_empty() {
            (store.spend().cells(&stretches).await?, Vec::new())
        } else {
            let widest = stretches.iter().fold(span, |widest, stretch| Span {
                first: widest.first.min(stretch.first),
                last: widest.last.max(stretch.last),
            });
            let cells = store.spend().conversation_cells(&conversations, (widest.first, widest.last)).await?;
            (spread(&cells, &stretches), cells)
        };
        let mut gathered = Self {
            span,
            step,
            totals: vec![Total::default(); columns.len()],
            columns,
            range: Total::default(),
            before: (filter.range != SpendRange::All).then(Total::default),
            today: Total::default(),
            month: Total::default(),
            days: vec![0; PACE_DAYS],
            groups: HashMap::new(),
            models: HashMap::new(),
            hours: Vec::new(),
            votes: votes(store, &conversations, span, filter).await?,
        };
        let wanted = subjects.ids.iter().flatten().copied().collect();
        let cells = cells.into_iter().filter(|cell| subjects.has(&wanted, cell.subject));
        for cell in cells {
            gathered.take(&cell, places, &subjects, filter.by);
        }
        let of_conversations: Vec<ConversationCell> =
            of_conversations.into_iter().filter(|cell| subjects.has(&wanted, cell.subject)).collect();
        gathered.hours = if conversations.is_empty() {
            hours(store, moment, span, subjects.ids.as_deref()).await?
        } else {
            hours_of(&of_conversations, moment, span)
        };
        if filter.by == SpendBy::Conversation {
            if conversations.is_empty() {
                gathered.top_conversations(store, filter.measure, &subjects, &wanted, names).await?;
            } else {
                for (id, title) in store.spend().titles(&conversations).await? {
                    names.learn_title(id, title);
                }
                gathered.take_conversations(&of_conversations);
            }
        }
        Ok(gathered)
    }

    fn take(&mut self, cell: &SpendCell, places: Places, subjects: &Subjects, by: SpendBy) {
        let Some(subject) = subjects.all.get(&cell.subject) else { return };
        if let Some(total) = usize::try_from(cell.column).ok().and_then(|at| self.totals.get_mut(at)) {
            total.add(&cell.sums);
            self.range.add(&cell.sums);
            self.models.entry(super::names::model_of(subject)).or_default().add(&cell.sums);
            for name in names_of(subject, by) {
                let group = self.groups.entry(name).or_default();
                group.columns.entry(cell.column).or_default().add(&cell.sums);
                group.range.add(&cell.sums);
            }
        } else if cell.column == places.today {
            self.today.add(&cell.sums);
        } else if cell.column == places.month {
            self.month.add(&cell.sums);
        } else if cell.column == places.before {
            if let Some(before) = &mut self.before {
                before.add(&cell.sums);
            }
            for name in names_of(subject, by) {
                self.groups.entry(name).or_default().before.add(&cell.sums);
            }
        } else {
            let day = cell.column.checked_sub(places.days).and_then(|day| usize::try_from(day).ok());
            if let Some(day) = day.and_then(|day| self.days.get_mut(day)) {
                *day += i128::from(cell.sums.cost);
            }
        }
    }

    /// The conversations that come to most, and what the largest of them came to in each column. The rest is left to the
    /// difference from the whole.
    async fn top_conversations(
        &mut self,
        store: &Store,
        measure: SpendMeasure,
        subjects: &Subjects,
        wanted: &HashSet<i64>,
        names: &mut Names,
    ) -> Result<(), EngineError> {
        let order = match measure {
            SpendMeasure::Cost => ConversationOrder::Cost,
            SpendMeasure::Tokens => ConversationOrder::Tokens,
            SpendMeasure::Requests | SpendMeasure::Latency => ConversationOrder::Requests,
        };
        let range = (self.span.first, self.span.last);
        let ids = subjects.ids.as_deref();
        let top = store.spend().top_conversations(range, ids, order, MOST_CONVERSATIONS).await?;
        // Calls of no conversation of their own have no band: they are among the rest.
        let stacked: Vec<String> = top
            .iter()
            .map(|one| one.conversation.clone())
            .filter(|id| !id.is_empty())
            .take(STACKED_CONVERSATIONS)
            .collect();
        for one in top {
            if let Some(title) = one.title {
                names.learn_title(one.conversation.clone(), title);
            }
            self.groups.entry(one.conversation).or_default().range.add(&one.sums);
        }
        let cells = store.spend().conversation_cells(&stacked, range).await?;
        for cell in cells.iter().filter(|cell| subjects.has(wanted, cell.subject)) {
            let column = self.column_of(cell.quarter);
            if let Some(group) = self.groups.get_mut(&cell.conversation) {
                group.columns.entry(column).or_default().add(&cell.sums);
            }
        }
        Ok(())
    }

    fn take_conversations(&mut self, cells: &[ConversationCell]) {
        for cell in cells.iter().filter(|cell| (self.span.first..self.span.last).contains(&cell.quarter)) {
            let column = self.column_of(cell.quarter);
            let group = self.groups.entry(cell.conversation.clone()).or_default();
            group.columns.entry(column).or_default().add(&cell.sums);
            group.range.add(&cell.sums);
        }
    }

    fn column_of(&self, quarter: i64) -> u32 {
        let after = self.columns.partition_point(|begin| *begin <= quarter);
        u32::try_from(after.saturating_sub(1)).unwrap_or(0)
    }
}

/// The columns of the chart, then everything else that is looked at.
fn stretches(moment: &Moment, span: Span, range: SpendRange, columns: &[i64]) -> (Vec<Stretch>, Places) {
    let mut stretches = Vec::with_capacity(columns.len() + PACE_DAYS + 3);
    let ends = columns.iter().skip(1).copied().chain([span.last]);
    for (column, (first, last)) in (0..).zip(columns.iter().copied().zip(ends)) {
        stretches.push(Span { first, last }.stretch(column));
    }
    let next = u32::try_from(columns.len()).unwrap_or(u32::MAX);
    let places = Places { today: next, before: next + 1, month: next + 2, days: next + 3 };
    let today = moment.today();
    let since = |day| Span { first: moment.begin_of(day), last: moment.end() };
    stretches.push(since(today).stretch(places.today));
    stretches.push(since(today.first_of_month()).stretch(places.month));
    if range != SpendRange::All {
        stretches.push(span.before().stretch(places.before));
    }
    let mut after = moment.begin_of(today);
    let mut day = today;
    for place in (0..PACE_DAYS).rev() {
        let Ok(before) = day.yesterday() else { break };
        let first = moment.begin_of(before);
        let column = places.days + u32::try_from(place).unwrap_or(0);
        stretches.push(Span { first, last: after }.stretch(column));
        (day, after) = (before, first);
    }
    (stretches, places)
}

/// The cells of single conversations as sums of stretches, which may overlap.
fn spread(cells: &[ConversationCell], stretches: &[Stretch]) -> Vec<SpendCell> {
    let mut sums = Vec::new();
    for stretch in stretches {
        let within = cells.iter().filter(|cell| (stretch.first..stretch.last).contains(&cell.quarter));
        sums.extend(within.map(|cell| SpendCell {
            column: stretch.column,
            subject: cell.subject,
            sums: cell.sums,
        }));
    }
    sums
}

async fn hours(
    store: &Store,
    moment: &Moment,
    span: Span,
    subjects: Option<&[i64]>,
) -> Result<Vec<HourSums>, EngineError> {
    let mut hours = Vec::new();
    for (part, ahead) in moment.even_parts(span) {
        hours.extend(store.spend().hours((part.first, part.last), ahead, subjects).await?);
    }
    Ok(hours)
}

fn hours_of(cells: &[ConversationCell], moment: &Moment, span: Span) -> Vec<HourSums> {
    let within = cells.iter().filter(|cell| (span.first..span.last).contains(&cell.quarter));
    within
        .map(|cell| {
            let here = zoned(cell.quarter, moment.zone());
            let hour = here.weekday().to_monday_zero_offset() * 24 + here.hour();
            HourSums {
                hour: u8::try_from(hour).unwrap_or(0),
                cost: cell.sums.cost,
                requests: cell.sums.requests,
            }
        })
        .collect()
}

/// Votes know models and nothing else: other filters leave them as they are.
async fn votes(
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
