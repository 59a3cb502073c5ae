//! From what was gathered to what the window shows: the stack, the ranking, the hours, the models, the figures.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use roundtable_domain::UnixMs;

use super::forecast::{Pace, forecast};
use super::gather::{Gathered, Group};
use super::names::{Names, OTHERS};
use super::span::{Moment, begin_ms};
use super::sums::{Total, count, share, usd};
use super::takeaway::{Highest, Part, takeaway};
use crate::view::{
    SpendBy, SpendFigures, SpendFilter, SpendHour, SpendMeasure, SpendModel, SpendRange, SpendRank,
    SpendSeries, SpendView,
};

const MOST_SERIES: usize = 10;
const MOST_RANKS: usize = 200;
const MOST_MODELS: usize = 50;

/// Groups, the largest first; those with nothing in the range are left out.
type Ordered<'g> = Vec<(&'g String, &'g Group)>;

pub(super) fn picture(
    gathered: &Gathered,
    filter: &SpendFilter,
    moment: &Moment,
    names: &Names,
) -> SpendView {
    let measure = filter.measure;
    let ordered = ordered(&gathered.groups, measure);
    let is_tag = filter.by == SpendBy::Tag;
    let series = series(gathered, &ordered, filter, names);
    SpendView {
        from: gathered.span.from(),
        until: gathered.span.until(),
        zone: moment.zone_name(),
        figures: figures(gathered, filter, moment),
        step: gathered.step,
        columns: gathered.columns.iter().map(|first| begin_ms(*first)).collect(),
        totals: gathered.totals.iter().map(|total| total.value(measure)).collect(),
        takeaway: takeaway(
            &parts(&ordered, filter, names),
            gathered.range.weight(measure),
            gathered.before.map(|before| before.weight(measure)),
            highest(gathered, &ordered, filter, names).as_ref(),
        ),
        ranking: ranking(gathered, &ordered, filter, names, is_tag),
        hours: hours(gathered),
        models: models(gathered, names),
        series,
    }
}

fn ordered(groups: &HashMap<String, Group>, measure: SpendMeasure) -> Ordered<'_> {
    let mut ordered: Ordered<'_> =
        groups.iter().filter(|(_, group)| group.range != Total::default()).collect();
    ordered.sort_by(|(a_name, a), (b_name, b)| {
        let by_weight = b.range.weight(measure).cmp(&a.range.weight(measure));
        by_weight.then(b.range.requests.cmp(&a.range.requests)).then_with(|| a_name.cmp(b_name))
    });
    ordered
}

/// The stack. What is not in a band of its own is in the last, so that the bands add up to the columns; by tag they may add up to more,
/// because a call counts under each of its tags.
fn series(
    gathered: &Gathered,
    ordered: &Ordered<'_>,
    filter: &SpendFilter,
    names: &Names,
) -> Vec<SpendSeries> {
    let measure = filter.measure;
    let shown = ordered.iter().filter(|(_, group)| !group.columns.is_empty());
    let own: Vec<_> = shown.take(MOST_SERIES).collect();
    let mut series: Vec<SpendSeries> = own
        .iter()
        .map(|(name, group)| SpendSeries {
            of: names.of(filter.by, name),
            values: values(gathered.columns.len(), measure, |column| group.columns.get(&column).copied()),
        })
        .collect();
    let rest = |column: u32| -> Option<Total> {
        let own = own.iter().filter_map(|(_, group)| group.columns.get(&column));
        if filter.by == SpendBy::Tag {
            return Some(ordered.iter().skip(MOST_SERIES).fold(Total::default(), |mut sum, (_, group)| {
                sum.merge(&group.columns.get(&column).copied().unwrap_or_default());
                sum
            }));
        }
        let whole = usize::try_from(column).ok().and_then(|at| gathered.totals.get(at))?;
        Some(own.fold(*whole, |rest, part| rest.without(part)))
    };
    if own.len() < ordered.len() {
        let values = values(gathered.columns.len(), measure, rest);
        series.push(SpendSeries { of: names.of(filter.by, OTHERS), values });
    }
    series
}

fn values(
    columns: usize,
    measure: SpendMeasure,
    total: impl Fn(u32) -> Option<Total>,
) -> Vec<Option<String>> {
    (0..).take(columns).map(|column| total(column).and_then(|total| total.value(measure))).collect()
}

/// The largest first; where there are more than fit, the last row is the sum of all others.
fn ranking(
    gathered: &Gathered,
    ordered: &Ordered<'_>,
    filter: &SpendFilter,
    names: &Names,
    is_tag: bool,
) -> Vec<SpendRank> {
    let whole = gathered.range.weight(filter.measure);
    let rank = |name: &str, total: &Total| {
        let calls_are_known = filter.by != SpendBy::Conversation;
        SpendRank {
            of: names.of(filter.by, name),
            sums: total.view(),
            share_basis_points: share(total.weight(filter.measure), whole),
            success_basis_points: total.success_basis_points().filter(|_| calls_are_known),
            average_ms: total.average_ms().filter(|_| calls_are_known),
        }
    };
    let fits = ordered.len() <= MOST_RANKS;
    let own = if fits { MOST_RANKS } else { MOST_RANKS - 1 };
    let mut ranking: Vec<SpendRank> =
        ordered.iter().take(own).map(|(name, group)| rank(name, &group.range)).collect();
    let rest = if is_tag {
        ordered.iter().skip(own).fold(Total::default(), |mut sum, (_, group)| {
            sum.merge(&group.range);
            sum
        })
    } else {
        ordered.iter().take(own).fold(gathered.range, |rest, (_, group)| rest.without(&group.range))
    };
    let left = rest.cost != 0 || rest.requests > 0 || rest.input > 0 || rest.output > 0;
    if left {
        ranking.push(rank(OTHERS, &rest));
    }
    ranking
}

fn parts(ordered: &Ordered<'_>, filter: &SpendFilter, names: &Names) -> Vec<Part> {
    let measure = filter.measure;
    let part = |(name, group): &(&String, &Group)| Part {
        of: names.of(filter.by, name),
        now: group.range.weight(measure),
        before: if filter.by == SpendBy::Conversation { 0 } else { group.before.weight(measure) },
    };
    ordered.iter().map(part).collect()
}

fn highest(
    gathered: &Gathered,
    ordered: &Ordered<'_>,
    filter: &SpendFilter,
    names: &Names,
) -> Option<Highest> {
    let measure = filter.measure;
    let weights = (0_u32..).zip(&gathered.totals).map(|(column, total)| (total.weight(measure), column));
    let (amount, column) = weights.max_by_key(|(weight, column)| (*weight, Reverse(*column)))?;
    let within = |group: &Group| group.columns.get(&column).map_or(0, |total| total.weight(measure));
    let (name, _) = ordered.iter().max_by_key(|(_, group)| within(group))?;
    let begin = usize::try_from(column).ok().and_then(|at| gathered.columns.get(at))?;
    Some(Highest {
        at: begin_ms(*begin),
        amount,
        of: names.of(filter.by, name),
        columns: gathered.columns.len(),
    })
}

fn hours(gathered: &Gathered) -> Vec<SpendHour> {
    let mut week: BTreeMap<u8, (i128, i128)> = BTreeMap::new();
    for hour in &gathered.hours {
        let sums = week.entry(hour.hour).or_default();
        sums.0 += hour.cost;
        sums.1 += hour.requests;
    }
    let hours = week.into_iter().filter(|(_, (cost, requests))| *cost != 0 || *requests > 0);
    hours
        .map(|(hour, (cost, requests))| SpendHour {
            weekday: hour / 24 + 1,
            hour: hour % 24,
            usd: usd(cost),
            requests: count(requests),
        })
        .collect()
}

fn models(gathered: &Gathered, names: &Names) -> Vec<SpendModel> {
    let mut models: Vec<(&String, &Total)> =
        gathered.models.iter().filter(|(_, total)| total.requests > 0).collect();
    models.sort_by(|(a_name, a), (b_name, b)| b.requests.cmp(&a.requests).then_with(|| a_name.cmp(b_name)));
    let votes: HashMap<String, (u64, u64)> = gathered
        .votes
        .iter()
        .map(|vote| (format!("{}/{}", vote.provider, vote.model), (vote.picks, vote.comparisons)))
        .collect();
    let shown = models.into_iter().take(MOST_MODELS);
    shown
        .map(|(name, total)| {
            let (picks, comparisons) = votes.get(name).copied().unwrap_or_default();
            SpendModel {
                of: names.model(name),
                requests: count(total.requests),
                usd_per_request: total.usd_per_request(),
                average_ms: total.average_ms(),
                picks,
                comparisons,
            }
        })
        .collect()
}

fn figures(gathered: &Gathered, filter: &SpendFilter, moment: &Moment) -> SpendFigures {
    let range = &gathered.range;
    let (forecast_usd, forecast_until) = match forecast_of(gathered, filter, moment) {
        Some((amount, until)) => (Some(usd(amount)), Some(until)),
        None => (None, None),
    };
    SpendFigures {
        today_usd: usd(gathered.today),
        range: range.view(),
        before_usd: gathered.before.map(|before| usd(before.cost)),
        forecast_usd,
        forecast_until,
        tightest: None,
        success_basis_points: range.success_basis_points(),
        saved_usd: usd(range.kept_saved),
        prompt_cache_saved_usd: usd(range.cache_saved),
        fallback_waste_usd: usd(range.wasted),
    }
}

/// Of the month, or of a range that reaches beyond today.
fn forecast_of(gathered: &Gathered, filter: &SpendFilter, moment: &Moment) -> Option<(i128, UnixMs)> {
    let today = moment.today();
    let tomorrow = moment.begin_of(today.tomorrow().ok()?);
    let reaches = matches!(filter.range, SpendRange::Between { .. })
        && gathered.span.last > tomorrow
        && gathered.span.first < tomorrow;
    let (so_far, end, last_day) = if reaches {
        let last = super::span::zoned(gathered.span.last - 1, moment.zone()).date();
        (gathered.range.cost, gathered.span.last, last)
    } else {
        let last = today.last_of_month();
        (gathered.month, moment.begin_of(last.tomorrow().ok()?), last)
    };
    let to_come = today.until(last_day).ok()?.get_days();
    let pace = Pace {
        days: &gathered.days,
        today: gathered.today,
        so_far,
        to_come: usize::try_from(to_come).unwrap_or(0),
    };
    Some((forecast(&pace)?, begin_ms(end)))
}
