//! Reading what a filter is about. All figures of one view come from the same cells, so that they agree to the last digit.

use std::collections::{BTreeMap, HashMap};

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
    /// By their numbers.
    all: HashMap<i64, SpendSubject>,
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

impl Subjects {
    pub(super) async fn read(store: &Store, filter: &SpendFilter) -> Result<Self, EngineError> {
        let every = store.spend().subjects().await?;
        let known = every.len();
        let all: HashMap<i64, SpendSubject> = every
            .into_iter()
            .filter(|subject| lets_through(filter, subject))
            .map(|subject| (subject.id, subject))
            .collect();
        let ids = (all.len() < known).then(|| all.keys().copied().collect());
        Ok(Self { all, ids })
    }

    /// A subject the filter lets through.
    fn wanted(&self, id: i64) -> Option<&SpendSubject> {
        self.all.get(&id)
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
        let stretches = stretches(span, filter.range, &columns);
        let pace = pace_stretches(moment);
        let conversations = conversations_of(filter);
        let ids = subjects.ids.as_deref();
        let room = store.spend();
        let (cells, of_conversations, paid, hours);
        if conversations.is_empty() {
            let read = tokio::try_join!(
                async { Ok::<_, EngineError>(room.cells(&stretches).await?) },
                async { Ok(room.costs(&pace, ids).await?) },
                hours_of_all(store, moment, span, ids),
            )?;
            (cells, paid, hours) = read;
            of_conversations = Vec::new();
        } else {
            of_conversations =
                read_conversations(store, &conversations, &subjects, &stretches, &pace).await?;
            cells = spread(&of_conversations, &stretches);
            paid = pace.iter().map(|stretch| cost_within(&of_conversations, *stretch)).collect();
            hours = hours_of(&of_conversations, moment, span);
        }
        let mut paid = paid.into_iter().map(i128::from);
        let mut gathered = Self {
            span,
            step,
            totals: vec![Total::default(); columns.len()],
            columns,
            range: Total::default(),
            before: (filter.range != SpendRange::All).then(Total::default),
            today: paid.next().unwrap_or(0),
            month: paid.next().unwrap_or(0),
            days: paid.collect(),
            groups: HashMap::new(),
            models: HashMap::new(),
            hours,
            votes: votes(store, &conversations, span, filter).await?,
        };
        gathered.take(&cells, &subjects, filter.by);
        if filter.by == SpendBy::Conversation {
            if conversations.is_empty() {
                gathered.top_conversations(store, filter.measure, &subjects, names).await?;
            } else {
                for (id, title) in store.spend().titles(&conversations).await? {
                    names.learn_title(id, title);
                }
                gathered.take_conversations(&of_conversations);
            }
        }
        Ok(gathered)
    }

    /// Adds cells up. Their subjects are few and the cells many: what a subject is called is looked up once.
    fn take(&mut self, cells: &[SpendCell], subjects: &Subjects, by: SpendBy) {
        let columns = self.totals.len();
        let mut sums: HashMap<(i64, u32), Total> = HashMap::new();
        for cell in cells {
            sums.entry((cell.subject, cell.column)).or_default().add(&cell.sums);
        }
        let mut named: HashMap<i64, (Vec<String>, String)> = HashMap::new();
        for ((id, column), total) in sums {
            let Some(subject) = subjects.wanted(id) else { continue };
            let (under, model) =
                named.entry(id).or_insert_with(|| (names_of(subject, by), super::names::model_of(subject)));
            if let Some(place) = usize::try_from(column).ok().filter(|column| *column < columns) {
                if let Some(whole) = self.totals.get_mut(place) {
                    whole.merge(&total);
                }
                self.range.merge(&total);
                self.models.entry(model.clone()).or_default().merge(&total);
                for name in under {
                    let group = self.groups.entry(name.clone()).or_default();
                    group.columns.entry(column).or_default().merge(&total);
                    group.range.merge(&total);
                }
            } else {
                if let Some(before) = &mut self.before {
                    before.merge(&total);
                }
                for name in under {
                    self.groups.entry(name.clone()).or_default().before.merge(&total);
                }
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
        for cell in cells.iter().filter(|cell| subjects.wanted(cell.subject).is_some()) {
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

/// The columns of the chart, and after them the stretch before the range.
fn stretches(span: Span, range: SpendRange, columns: &[i64]) -> Vec<Stretch> {
    let ends = columns.iter().skip(1).copied().chain([span.last]);
    let mut stretches: Vec<Stretch> = (0..)
        .zip(columns.iter().copied().zip(ends))
        .map(|(column, (first, last))| Span { first, last }.stretch(column))
        .collect();
    if range != SpendRange::All {
        let column = u32::try_from(columns.len()).unwrap_or(u32::MAX);
        stretches.push(span.before().stretch(column));
    }
    stretches
}

/// Today, the month, and the days before today, oldest first.
fn pace_stretches(moment: &Moment) -> Vec<Stretch> {
    let today = moment.today();
    let since = |day| Span { first: moment.begin_of(day), last: moment.end() }.stretch(0);
    let mut days = Vec::with_capacity(PACE_DAYS);
    let (mut day, mut last) = (today, moment.begin_of(today));
    for _ in 0..PACE_DAYS {
        day = day.yesterday().unwrap_or(day);
        let first = moment.begin_of(day);
        days.push(Span { first, last }.stretch(0));
        last = first;
    }
    days.reverse();
    [since(today), since(today.first_of_month())].into_iter().chain(days).collect()
}

/// All that these conversations have spent on what the filter lets through, as far as any stretch reaches.
async fn read_conversations(
    store: &Store,
    conversations: &[String],
    subjects: &Subjects,
    stretches: &[Stretch],
    pace: &[Stretch],
) -> Result<Vec<ConversationCell>, EngineError> {
    let all = || stretches.iter().chain(pace);
    let first = all().map(|stretch| stretch.first).min().unwrap_or(0);
    let last = all().map(|stretch| stretch.last).max().unwrap_or(0);
    let cells = store.spend().conversation_cells(conversations, (first, last)).await?;
    Ok(cells.into_iter().filter(|cell| subjects.wanted(cell.subject).is_some()).collect())
}

fn cost_within(cells: &[ConversationCell], stretch: Stretch) -> i64 {
    let within = cells.iter().filter(|cell| (stretch.first..stretch.last).contains(&cell.quarter));
    within.map(|cell| cell.sums.cost).sum()
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

async fn hours_of_all(
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
            let hour = i16::from(here.weekday().to_monday_zero_offset()) * 24 + i16::from(here.hour());
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
