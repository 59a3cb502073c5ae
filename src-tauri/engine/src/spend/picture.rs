//! From what was gathered to what the window shows: the stack, the ranking, the hours, the models, the figures.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use roundtable_domain::UnixMs;
use roundtable_store::HourSums;

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
            gathered.before.map(|(_, before)| before.weight(measure)),
            gathered.conversations,
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
    // How long calls took is not kept by conversation: there is no line to draw.
    if measure == SpendMeasure::Latency && gathered.conversations.is_some() {
        return Vec::new();
    }
    let shown = ordered.iter().filter(|(_, group)| !group.columns.is_empty());
    let own: Vec<_> = shown.take(MOST_SERIES).collect();
    let mut series: Vec<SpendSeries> = own
        .iter()
        .map(|(name, group)| SpendSeries {
            of: names.of(filter.by, name),
            values: values(gathered.columns.len(), measure, |column| group.columns.get(&column).copied()),
            sums: group.range.view(),
            average_ms: group.range.average_ms(),
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
        let beyond = |column| rest(column).unwrap_or_default();
        let columns = (0..).take(gathered.columns.len());
        let whole = columns.map(beyond).fold(Total::default(), |mut whole, part| {
            whole.merge(&part);
            whole
        });
        series.push(SpendSeries {
            of: names.of(filter.by, OTHERS),
            values,
            sums: whole.view(),
            average_ms: whole.average_ms(),
        });
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
        let calls_are_known = gathered.conversations.is_none();
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
        // What conversations came to before is not read.
        before: (filter.by != SpendBy::Conversation).then(|| group.before.weight(measure)),
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
    let most = ordered.iter().max_by_key(|(_, group)| within(group));
    let most = most.filter(|(_, group)| within(group) * 2 > amount);
    let begin = usize::try_from(column).ok().and_then(|at| gathered.columns.get(at))?;
    Some(Highest {
        at: begin_ms(*begin),
        amount,
        of: most.map(|(name, _)| names.of(filter.by, name)),
        columns: gathered.columns.len(),
    })
}

fn hours(gathered: &Gathered) -> Vec<SpendHour> {
    let mut week: BTreeMap<u8, HourSums> = BTreeMap::new();
    for hour in &gathered.hours {
        let sums = week.entry(hour.hour).or_default();
        sums.cost += hour.cost;
        sums.requests += hour.requests;
        sums.unpriced += hour.unpriced;
    }
    let hours = week.into_iter().filter(|(_, sums)| sums.cost != 0 || sums.requests > 0);
    hours
        .map(|(hour, sums)| SpendHour {
            weekday: hour / 24 + 1,
            hour: hour % 24,
            usd: usd(sums.cost),
            requests: count(sums.requests),
            unpriced: count(sums.unpriced),
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
        today: gathered.today.view(),
        range: range.view(),
        corrections: count(range.entries - range.requests),
        before_usd: gathered.before.map(|(_, before)| usd(before.cost)),
        before_from: gathered.before.map(|(span, _)| span.from()),
        before_until: gathered.before.map(|(span, _)| span.until()),
        forecast_usd,
        forecast_until,
        tightest: None,
        success_basis_points: range.success_basis_points(),
        saved_usd: usd(range.kept_saved),
        prompt_cache_saved_usd: usd(range.cache_saved),
        fallback_waste_usd: usd(range.wasted),
    }
}

/// Of the week or the year that is looked at, of a range that reaches beyond today, else of the month.
fn forecast_of(gathered: &Gathered, filter: &SpendFilter, moment: &Moment) -> Option<(i128, UnixMs)> {
    let today = moment.today();
    let tomorrow = moment.begin_of(today.tomorrow().ok()?);
    let named = matches!(filter.range, SpendRange::Between { .. } | SpendRange::Dates { .. });
    let reaches = named && gathered.span.last > tomorrow && gathered.span.first < tomorrow;
    let (so_far, last_day) = match filter.range {
        SpendRange::Week => (gathered.range.cost, super::span::sunday_of(today)),
        SpendRange::Year => (gathered.range.cost, today.last_of_year()),
        _ if reaches => {
            (gathered.range.cost, super::span::zoned(gathered.span.last - 1, moment.zone()).date())
        }
        _ => (gathered.month, today.last_of_month()),
    };
    let end = if reaches { gathered.span.last } else { moment.begin_of(last_day.tomorrow().ok()?) };
    let to_come = today.until(last_day).ok()?.get_days();
    let pace = Pace {
        days: &gathered.days,
        today: gathered.today.cost,
        so_far,
        to_come: usize::try_from(to_come).unwrap_or(0),
    };
    Some((forecast(&pace)?, begin_ms(end)))
}
