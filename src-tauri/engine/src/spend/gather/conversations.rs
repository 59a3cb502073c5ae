//! What conversations have spent: those that come to most, and single ones.

use roundtable_store::{
    ConversationBand, ConversationCell, ConversationOrder, HourSums, Store, Stretch, TopConversations,
};

use super::super::names::Names;
use super::super::span::{Moment, Span, zoned};
use super::stretches::{ends_of, pace_stretches};
use super::{Gathered, Subjects};
use crate::error::EngineError;
use crate::view::SpendMeasure;

/// How many conversations are ranked.
const MOST_CONVERSATIONS: u32 = 199;

/// How many conversations a chart is stacked of.
const STACKED_CONVERSATIONS: usize = 10;

/// The conversations that come to most, and what the largest of them came to in each column.
pub(super) struct Top {
    all: TopConversations,
    stacked: Vec<ConversationBand>,
}

impl Gathered {
    /// The conversations that come to most, and what the largest of them came to in each column. The rest is left to the difference
    /// from the whole.
    pub(super) fn take_top(&mut self, top: Top, names: &mut Names) {
        self.conversations = Some(top.all.counted);
        for one in top.all.top {
            if let Some(title) = one.title {
                names.learn_title(one.conversation.clone(), title);
            }
            self.groups.entry(one.conversation).or_default().range.add(&one.sums);
        }
        for band in top.stacked {
            if let Some(group) = self.groups.get_mut(&band.conversation) {
                group.columns.entry(band.column).or_default().add(&band.sums);
            }
        }
    }

    pub(super) fn take_conversations(&mut self, cells: &[ConversationCell]) {
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

pub(super) async fn read_top(
    store: &Store,
    span: Span,
    columns: &[Stretch],
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
    let own = all.top.iter().map(|one| &one.conversation).filter(|id| !id.is_empty());
    let stacked: Vec<String> = own.take(STACKED_CONVERSATIONS).cloned().collect();
    let stacked = room.conversation_bands(&stacked, columns, subjects.ids.as_deref()).await?;
    Ok(Top { all, stacked })
}

/// All that these conversations have spent on what the filter lets through, as far as any stretch reaches.
pub(super) async fn read_conversations(
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

pub(super) fn cost_within(cells: &[ConversationCell], stretch: Stretch) -> i128 {
    let within = cells.iter().filter(|cell| (stretch.first..stretch.last).contains(&cell.quarter));
    within.map(|cell| i128::from(cell.sums.cost)).sum()
}

pub(super) fn hours_of(cells: &[ConversationCell], moment: &Moment, span: Span) -> Vec<HourSums> {
    let within = cells.iter().filter(|cell| (span.first..span.last).contains(&cell.quarter));
    within
        .map(|cell| {
            let here = zoned(cell.quarter, moment.zone());
            let hour = i16::from(here.weekday().to_monday_zero_offset()) * 24 + i16::from(here.hour());
            HourSums {
                hour: u8::try_from(hour).unwrap_or(0),
                cost: i128::from(cell.sums.cost),
                requests: i128::from(cell.sums.requests),
                unpriced: i128::from(cell.sums.unpriced),
            }
        })
        .collect()
}
