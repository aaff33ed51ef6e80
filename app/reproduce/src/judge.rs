//! From runs to verdicts.

use std::collections::BTreeMap;

use measure::paired::{interval, interval_of_few};
use nouns::{Digest, Key, Score};

use crate::asked::Reproduce;
use crate::data::located;
use crate::plan::{Claim, Figure, Plan, Premise};
use crate::ran::{Ran, Runs};
use crate::record::{ArmRecord, BaseModel, ClaimRecord, PremiseRecord, Record, Verdict};

pub(super) fn judge(asked: &Reproduce, plan: &Plan, seeds: Vec<u64>, runs: Runs) -> Record {
    let premises: Vec<PremiseRecord> = plan.premises.iter().map(|premise| found(premise, &runs)).collect();
    let absent = premises.iter().any(|premise| !premise.holds);
    let compared = |claims: &[Claim]| claims.iter().map(|claim| compare(claim, &runs, absent)).collect();
    let (mut claims, controls): (Vec<ClaimRecord>, Vec<ClaimRecord>) =
        (compared(&plan.claims), compared(&plan.controls));
    // Where a control comes out, what the claims show is not what they say.
    if controls.iter().any(|control| control.verdict == Verdict::Held) {
        claims.iter_mut().filter(|c| c.verdict == Verdict::Held).for_each(|claim| claim.verdict = Verdict::DidNotHold);
    }
    let seconds = runs.values().flatten().map(|ran| ran.seed.seconds).sum();
    let arm = |(name, runs): (String, Vec<Ran>)| {
        let recipe = plan.arms.get(&name).map_or(String::new(), |arm| arm.recipe.clone());
        let made_by = runs.first().map(|ran| ran.made_by.clone());
        (name, ArmRecord { recipe, made_by, seeds: runs.into_iter().map(|ran| ran.seed).collect() })
    };
    let first = runs.values().flatten().next();
    let digest = first.and_then(|ran| ran.base.clone());
    let model = plan.model.clone().map(|name| BaseModel { name, digest });
    Record {
        name: asked.name.to_owned(),
        paper: plan.paper.clone(),
        on: plan.on.clone(),
        model,
        data: located(&plan.on, asked.data)
            .ok()
            .flatten()
            .and_then(|file| std::fs::read(file).ok())
            .map(|bytes| Digest::of(&bytes).to_string()),
        quick: asked.quick,
        machine: asked.machine.clone(),
        device: plan.device,
        seeds,
        jobs: asked.jobs.max(1),
        seconds,
        arms: runs.into_iter().map(arm).collect(),
        premises,
        claims,
        controls,
    }
}

/// The score of a figure in one run.
fn score<'a>(figure: &Figure, ran: &'a Ran) -> Option<&'a Score> {
    let round = figure.round.unwrap_or(ran.last);
    ran.scores.get(&round)?.iter().find(|score| score.name() == figure.metric)
}

fn found(premise: &Premise, runs: &Runs) -> PremiseRecord {
    let values = |figure: &Figure| -> Vec<Option<f64>> {
        runs.get(&figure.arm).into_iter().flatten().map(|ran| score(figure, ran)?.value).collect()
    };
    let less = |(one, other): (Option<f64>, Option<f64>)| Some(one? - other?);
    let values: Vec<Option<f64>> = match &premise.than {
        Some(than) => values(&premise.figure).into_iter().zip(values(than)).map(less).collect(),
        None => values(&premise.figure),
    };
    let holds = mean(&values.iter().copied().flatten().collect::<Vec<_>>())
        .is_some_and(|mean| values.iter().all(Option::is_some) && (premise.above..=premise.below).contains(&mean));
    PremiseRecord { says: premise.says.clone(), values, range: (premise.above, premise.below), holds }
}

/// Items are paired within each seed; an item counts by the mean of its seeds, and the bootstrap is
/// over items. Of figures that are one number for each seed, the seeds are the items, and the
/// interval is Student's.
fn compare(claim: &Claim, runs: &Runs, absent: bool) -> ClaimRecord {
    let of_arm = |arm: &str| runs.get(arm).map_or(&[][..], Vec::as_slice);
    let ones = of_arm(&claim.better.arm);
    let (mut by_item, mut by_seed): (BTreeMap<String, Vec<f64>>, Vec<f64>) = Default::default();
    let (mut better, mut than, mut whole) = (Vec::new(), Vec::new(), false);
    for (place, ran) in ones.iter().enumerate() {
        let other = claim.than.as_ref().map(|figure| score(figure, of_arm(&figure.arm).get(place)?));
        let (Some(one), None | Some(Some(_))) = (score(&claim.better, ran), other) else { continue };
        let other = other.flatten();
        whole |= is_whole(one);
        let differences = differences(one, other, ran.seed.seed);
        by_seed.extend(mean(&differences.iter().map(|&(_, d)| d).collect::<Vec<_>>()));
        differences.into_iter().for_each(|(item, difference)| by_item.entry(item).or_default().push(difference));
        better.extend(one.value);
        than.extend(other.and_then(|other| other.value));
    }
    let items: Vec<f64> = by_item.values().filter_map(|seeds| mean(seeds)).collect();
    let bootstrap = || interval(&Key::root(0).of("reproduction").of(&claim.says), &items);
    let bounds = if whole { interval_of_few(&items) } else { bootstrap() };
    let verdict = match bounds {
        None => Verdict::PremiseAbsent,
        Some(_) if absent => Verdict::PremiseAbsent,
        Some((low, _)) if low > claim.by => Verdict::Held,
        Some(_) => Verdict::DidNotHold,
    };
    ClaimRecord {
        says: claim.says.clone(),
        paper: claim.paper.clone(),
        paper_by: claim.paper_by,
        plain: !is_share(&claim.better.metric),
        better: mean(&better),
        than: mean(&than),
        difference: mean(&items),
        interval: bounds,
        by_seed,
        by: claim.by,
        items: items.len(),
        verdict,
    }
}

/// By how much one figure exceeds another, or nothing, item by item.
fn differences(one: &Score, other: Option<&Score>, seed: u64) -> Vec<(String, f64)> {
    if is_whole(one) {
        let difference = one.value.map(|value| value - other.and_then(|other| other.value).unwrap_or(0.0));
        return difference.into_iter().map(|difference| (format!("seed {seed}"), difference)).collect();
    }
    let known = |score: &Score| -> BTreeMap<String, f64> {
        let pairs = score.items.iter().zip(&score.per_item);
        pairs.filter_map(|(item, value)| Some((item.clone(), (*value)?))).collect()
    };
    let others = other.map(known);
    let less = |(item, value): (String, f64)| {
        let other = others.as_ref().map_or(Some(0.0), |others| others.get(&item).copied())?;
        Some((item, value - other))
    };
    known(one).into_iter().filter_map(less).collect()
}

/// Whether a figure is one number for each seed.
fn is_whole(score: &Score) -> bool {
    score.items.len() < 2
}

/// Whether a metric is a share of tasks or answers, which people read in per cent.
fn is_share(metric: &str) -> bool {
    const SHARES: [&str; 7] = ["accuracy", "answers", "pass@", "majority@", "likeliest@", "ranked@", "first error"];
    SHARES.iter().any(|share| metric.starts_with(share))
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::SeedRecord;

    fn ran(values: &[f64]) -> Ran {
        let items = values.iter().enumerate().map(|(n, &v)| (n.to_string(), Some(v))).collect();
        let score = Score::new("accuracy", "toy/test", items);
        Ran {
            made_by: String::new(),
            base: None,
            seed: SeedRecord::default(),
            scores: BTreeMap::from([(1, vec![score])]),
            last: 1,
        }
    }

    fn figure(arm: &str) -> Figure {
        Figure { arm: arm.into(), metric: "accuracy on toy/test".into(), round: None }
    }

    fn claim(by: f64) -> Claim {
        Claim {
            says: "a > b".into(),
            paper: String::new(),
            paper_by: None,
            better: figure("a"),
            than: Some(figure("b")),
            by,
        }
    }

    /// Two seeds; arm `a` gets every item that `b` gets, and half as many more.
    fn runs() -> Runs {
        let (all, half) = ([1.0; 40], [1.0, 0.0].repeat(20));
        Runs::from([("a".into(), vec![ran(&all), ran(&all)]), ("b".into(), vec![ran(&half), ran(&half)])])
    }

    #[test]
    fn a_claim_holds_where_the_whole_interval_lies_above_what_it_has_to_exceed() {
        let verdict = |by, absent| compare(&claim(by), &runs(), absent).verdict;
        assert_eq!(verdict(0.0, false), Verdict::Held);
        assert_eq!(verdict(0.5, false), Verdict::DidNotHold);
        assert_eq!(verdict(0.0, true), Verdict::PremiseAbsent);
        let found = compare(&claim(0.0), &runs(), false);
        assert_eq!((found.difference, found.items, found.by_seed), (Some(0.5), 40, vec![0.5, 0.5]));
        assert_eq!((found.better, found.than), (Some(1.0), Some(0.5)));
    }

    #[test]
    fn a_figure_without_items_counts_by_its_seeds_and_may_have_to_exceed_a_number() {
        let whole = |value: f64| {
            let score = Score::new("label spearman", "toy/train", vec![("all".into(), Some(value))]);
            Ran {
                base: None,
                made_by: String::new(),
                seed: SeedRecord::default(),
                scores: BTreeMap::from([(1, vec![score])]),
                last: 1,
            }
        };
        let seeds = [0.7, 0.8, 0.9].map(whole);
        let seeds = seeds.into_iter().zip(0..).map(|(ran, seed)| Ran { seed: SeedRecord { seed, ..ran.seed }, ..ran });
        let runs = Runs::from([("a".into(), seeds.collect())]);
        let better = Figure { metric: "label spearman on toy/train".into(), ..figure("a") };
        let exceeds = |by| compare(&Claim { better: better.clone(), than: None, ..claim(by) }, &runs, false);
        let found = exceeds(0.5);
        assert_eq!((found.verdict, found.items, found.than, found.plain), (Verdict::Held, 3, None, true));
        assert!((found.difference.expect("measured") - 0.8).abs() < 1e-12);
        let (low, high) = found.interval.expect("three seeds");
        assert!((low - 0.5516).abs() < 1e-3 && (high - 1.0484).abs() < 1e-3, "{low} {high}: Student's");
        assert_eq!(exceeds(0.6).verdict, Verdict::DidNotHold);
    }

    #[test]
    fn what_was_not_measured_is_no_failure_of_the_claim() {
        let missing = Claim { better: Figure { metric: "nothing".into(), ..figure("a") }, ..claim(0.0) };
        assert_eq!(compare(&missing, &runs(), false).verdict, Verdict::PremiseAbsent);
        let premise = |than, above, below| Premise { says: String::new(), figure: figure("b"), than, above, below };
        assert!(found(&premise(None, 0.4, 0.6), &runs()).holds);
        assert!(!found(&premise(None, 0.6, 1.0), &runs()).holds);
        assert_eq!(found(&premise(Some(figure("a")), -0.1, 0.1), &runs()).values, [Some(-0.5); 2]);
    }
}
