//! Reading what a filter is about. All figures of one view come from the same cells, so that they agree to the last digit.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use roundtable_domain::UnixMs;
use roundtable_store::{
    CellSums, ConversationCell, ConversationOrder, ConversationSums, EntryQuery, HourSums, SpendCells,
    SpendDays, SpendSubject, Store, Stretch, VoteCount,
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
    /// In the order of their numbers.
    every: Arc<Vec<SpendSubject>>,
    /// By their numbers, which count up from one.
    let_through: Vec<bool>,
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
        let mut let_through = Vec::new();
        let mut ids = Vec::new();
        for subject in every.iter().filter(|subject| lets_through(filter, subject)) {
            let place = usize::try_from(subject.id).unwrap_or(0);
            let_through.resize(let_through.len().max(place + 1), false);
            if let Some(mark) = let_through.get_mut(place) {
                *mark = true;
            }
            ids.push(subject.id);
        }
        let ids = (ids.len() < every.len()).then_some(ids);
        Ok(Self { every, let_through, ids })
    }

    /// Whether the filter lets a subject through.
    fn wants(&self, id: i64) -> bool {
        usize::try_from(id).ok().and_then(|place| self.let_through.get(place).copied()).unwrap_or(false)
    }

    /// A subject the filter lets through.
    fn wanted(&self, id: i64) -> Option<&SpendSubject> {
        let place = self.every.binary_search_by_key(&id, |subject| subject.id).ok()?;
        self.every.get(place).filter(|_| self.wants(id))
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

/// The conversations that come to most, and the cells of the largest of them.
#[derive(Default)]
struct Top {
    all: Vec<ConversationSums>,
    stacked: Vec<ConversationCell>,
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
        let (cells, recent, top, votes);
        ((cells, recent), top, votes) = tokio::try_join!(
            read_days(store, stretches, moment),
            async {
                if filter.by == SpendBy::Conversation {
                    read_top(store, span, subjects, filter.measure).await
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
        self.take_top(top, subjects, names);
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

    /// Adds cells up as they are shown. Their subjects are few and the cells many: what a subject is called is looked up once.
    fn take(
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
                    model: models.number(subject.map(super::names::model_of).unwrap_or_default()),
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
                if let Some(before) = &mut self.before {
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

    /// The conversations that come to most, and what the largest of them came to in each column. The rest is left to the difference
    /// from the whole.
    fn take_top(&mut self, top: Top, subjects: &Subjects, names: &mut Names) {
        for one in top.all {
            if let Some(title) = one.title {
                names.learn_title(one.conversation.clone(), title);
            }
            self.groups.entry(one.conversation).or_default().range.add(&one.sums);
        }
        for cell in top.stacked.iter().filter(|cell| subjects.wants(cell.subject)) {
            let column = self.column_of(cell.quarter);
            if let Some(group) = self.groups.get_mut(&cell.conversation) {
                group.columns.entry(column).or_default().add(&cell.sums);
            }
        }
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

/// From the first quarter hour of any stretch to the last.
fn ends_of(stretches: &[Stretch]) -> (i64, i64) {
    let first = stretches.iter().map(|stretch| stretch.first).min().unwrap_or(0);
    let last = stretches.iter().map(|stretch| stretch.last).max().unwrap_or(0);
    (first, last)
}

async fn read_top(
    store: &Store,
    span: Span,
    subjects: &Subjects,
    measure: SpendMeasure,
) -> Result<Top, EngineError> {
    let order = match measure {
        SpendMeasure::Cost => ConversationOrder::Cost,
        SpendMeasure::Tokens => ConversationOrder::Tokens,
        SpendMeasure::Requests | SpendMeasure::Latency => ConversationOrder::Requests,
    };
    let (room, range) = (store.spend(), (span.first, span.last));
    let all = room.top_conversations(range, subjects.ids.as_deref(), order, MOST_CONVERSATIONS).await?;
    // Calls of no conversation of their own have no band: they are among the rest.
    let own = all.iter().map(|one| &one.conversation).filter(|id| !id.is_empty());
    let stacked: Vec<String> = own.take(STACKED_CONVERSATIONS).cloned().collect();
    let stacked = room.conversation_cells(&stacked, range).await?;
    Ok(Top { all, stacked })
}

/// All that these conversations have spent on what the filter lets through, as far as any stretch reaches.
async fn read_conversations(
    store: &Store,
    conversations: &[String],
    subjects: &Subjects,
    stretches: &[Stretch],
    moment: &Moment,
) -> Result<Vec<ConversationCell>, EngineError> {
    let (asked, recent) = (ends_of(stretches), ends_of(&pace_stretches(moment)));
    let range = (asked.0.min(recent.0), asked.1.max(recent.1));
    let cells = store.spend().conversation_cells(conversations, range).await?;
    Ok(cells.into_iter().filter(|cell| subjects.wants(cell.subject)).collect())
}

fn cost_within(cells: &[ConversationCell], stretch: Stretch) -> i128 {
    let within = cells.iter().filter(|cell| (stretch.first..stretch.last).contains(&cell.quarter));
    within.map(|cell| i128::from(cell.sums.cost)).sum()
}

fn hours_of(cells: &[ConversationCell], moment: &Moment, span: Span) -> Vec<HourSums> {
    let within = cells.iter().filter(|cell| (span.first..span.last).contains(&cell.quarter));
    within
        .map(|cell| {
            let here = zoned(cell.quarter, moment.zone());
            let hour = i16::from(here.weekday().to_monday_zero_offset()) * 24 + i16::from(here.hour());
            HourSums {
                hour: u8::try_from(hour).unwrap_or(0),
                cost: i128::from(cell.sums.cost),
                requests: i128::from(cell.sums.requests),
            }
        })
        .collect()
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
