//! How a run ended: what it measured, and whether anything was learned.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use events::Facts;
use measure::paired::{Difference, compare};
use nouns::{Key, Score};
use serde::Serialize;
use serde_json::Value;

use crate::gate::is_grade;
use crate::grade::graded_by;
use crate::options::Options;
use crate::recipe::Recipe;
use crate::state::RoundResult;

/// The end of a run, and the object that `run --json` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ending {
    /// The run folder.
    pub run: PathBuf,
    /// The recipe's name.
    pub recipe: String,
    /// The world or data set.
    pub on: String,
    /// Seconds of work, those of interrupted processes included.
    pub seconds: f64,
    /// Tokens generated and trained.
    pub tokens: u64,
    /// Every round, the base model's first.
    pub rounds: Vec<RoundSummary>,
    /// The scores of the model that is kept in the end, by name.
    pub metrics: BTreeMap<String, f64>,
    /// What graded the result: the world's right answers, or the checkers that were named.
    pub graded_by: String,
    /// Whether anything was learned: by that grade the kept model is better than the base on the
    /// held-out tasks, beyond chance.
    pub learned: bool,
    /// Whether the recipe learns at all; if not, a run in which nothing was learned is a success.
    pub learns: bool,
    /// Tokens generated and trained for every percentage point gained on the held-out tasks; none
    /// where nothing was learned.
    pub tokens_per_point: Option<f64>,
    /// What happened in plain words, a sentence each.
    pub why: Vec<String>,
    /// The round whose model is kept.
    pub best_round: u32,
}

/// One round in short.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RoundSummary {
    /// The round; 0 is the base model.
    pub round: u32,
    /// Scores by name, for example `accuracy on game24/test`.
    pub metrics: BTreeMap<String, f64>,
    /// What the stages counted: `attempts`, `right`, `solved`, `lessons`, `trained_tokens`, ...
    pub facts: Facts,
    /// Whether the gate kept the round's model; none where nothing was decided.
    pub promoted: Option<bool>,
    /// The gate's reason.
    pub gate: Option<String>,
    /// Seconds of work.
    pub seconds: f64,
    /// Tokens generated and trained.
    pub tokens: u64,
}

impl Ending {
    pub(crate) fn of(
        run: &Path,
        recipe: &Recipe,
        options: &Options,
        base: &RoundResult,
        rounds: &[RoundResult],
        best_round: u32,
    ) -> Ending {
        let best = rounds.iter().find(|round| round.round == best_round).unwrap_or(base);
        let last = if recipe.learn.is_some() { best } else { rounds.last().unwrap_or(base) };
        let key = Key::root(options.seed).of("ending");
        let gained = gained(&key, base, best);
        let learned = gained.as_ref().is_some_and(|difference| difference.low > 0.0);
        let all = || std::iter::once(base).chain(rounds);
        Ending {
            run: run.to_owned(),
            recipe: options.recipe.clone(),
            on: options.on.clone(),
            seconds: all().map(|round| round.seconds).sum(),
            tokens: all().map(|round| round.tokens).sum(),
            rounds: all().map(RoundSummary::of).collect(),
            metrics: by_name(&last.scores),
            graded_by: graded_by(recipe),
            learned,
            tokens_per_point: gained.as_ref().filter(|_| learned).map(|difference| {
                let spent =
                    rounds.iter().filter(|round| round.round <= best_round).map(|round| round.tokens).sum::<u64>();
                spent as f64 / (100.0 * difference.mean)
            }),
            learns: recipe.learn.is_some(),
            why: conclusions(recipe, &key, base, best, rounds, gained.as_ref(), learned),
            best_round,
        }
    }
}

impl RoundSummary {
    fn of(round: &RoundResult) -> RoundSummary {
        RoundSummary {
            round: round.round,
            metrics: by_name(&round.scores),
            facts: round.facts.clone(),
            promoted: round.decision.as_ref().map(|decision| decision.promoted),
            gate: round.decision.as_ref().map(|decision| decision.why.clone()),
            seconds: round.seconds,
            tokens: round.tokens,
        }
    }
}

fn by_name(scores: &[Score]) -> BTreeMap<String, f64> {
    scores.iter().filter_map(|score| Some((score.name(), score.value?))).collect()
}

/// The greedy answers' grades on the tasks of a split.
fn graded<'a>(round: &'a RoundResult, split: &str) -> Option<&'a Score> {
    round.scores.iter().find(|score| is_grade(score) && score.split() == split)
}

/// What the mean of those grades is called.
fn metric(round: &RoundResult) -> &str {
    round.scores.iter().find(|score| is_grade(score)).map_or("accuracy", |score| &score.metric)
}

/// How much better the kept model is than the base: on the reported tasks, by which no gate has
/// chosen; where nothing can be compared there, on the gate's tasks. Tasks that must not be
/// forgotten do not count here.
fn gained(key: &Key, base: &RoundResult, best: &RoundResult) -> Option<Difference> {
    if best.round == base.round {
        return None;
    }
    ["test", "valid"].iter().find_map(|split| compare(key, graded(base, split)?, graded(best, split)?))
}

/// What happened, in plain words: first whether anything was learned, then why not or at what cost.
fn conclusions(
    recipe: &Recipe,
    key: &Key,
    base: &RoundResult,
    best: &RoundResult,
    rounds: &[RoundResult],
    gained: Option<&Difference>,
    learned: bool,
) -> Vec<String> {
    if recipe.learn.is_none() {
        return vec!["this method only answers: nothing was trained".into()];
    }
    let mut said = vec![verdict(best, gained, learned)];
    if !recipe.grade.is_empty() {
        said.push(format!("graded by {}, not by right answers", graded_by(recipe)));
    }
    if !learned {
        said.extend(no_signal(rounds));
        said.extend(no_gradient(rounds));
        said.extend(refused(rounds));
    }
    said.extend(sharpened(key, base, best));
    said.extend(collapsed(rounds));
    said
}

fn verdict(best: &RoundResult, gained: Option<&Difference>, learned: bool) -> String {
    let said = if learned { format!("learned: round {} is kept", best.round) } else { "no certain gain".into() };
    let Some(found) = gained else {
        return match best.round {
            0 => "nothing was learned: the base model is kept".into(),
            round => format!(
                "unknown whether anything was learned: round {round} is kept, but could not be compared with the base model"
            ),
        };
    };
    let scale = if metric(best) == "accuracy" { 100.0 } else { 1.0 };
    let [mean, low, high] = [found.mean, found.low, found.high].map(|figure| scale * figure);
    let metric = metric(best);
    let items = found.items;
    match metric {
        "accuracy" => format!(
            "{said}: accuracy on {items} held-out tasks changed by {mean:+.1} points from the base model's (95 % interval {low:+.1} to {high:+.1})"
        ),
        _ => format!(
            "{said}: the mean {metric} on {items} held-out tasks changed by {mean:+.3} from the base model's (95 % interval {low:+.3} to {high:+.3})"
        ),
    }
}

fn count(round: &RoundResult, fact: &str) -> u64 {
    round.facts.get(fact).and_then(Value::as_u64).unwrap_or(0)
}

/// Rounds whose attempts taught nothing because they were all alike.
fn no_signal(rounds: &[RoundResult]) -> Vec<String> {
    let attempts: u64 = rounds.iter().map(|round| count(round, "attempts")).sum();
    let all = |fact: &str| attempts > 0 && rounds.iter().map(|round| count(round, fact)).sum::<u64>() == attempts;
    let mut said = Vec::new();
    if all("right") {
        said.push("no signal: every attempt was right; the tasks are too easy".into());
    }
    if all("wrong") {
        said.push(
            "no signal: every attempt was wrong; the tasks are too hard, or the answers are not in the expected form"
                .into(),
        );
    }
    if all("unsettled") {
        said.push("no signal: no attempt could be judged".into());
    }
    if !rounds.is_empty() && rounds.iter().all(|round| count(round, "lessons") == 0) {
        said.push("no lesson was chosen in any round".into());
    }
    said
}

fn no_gradient(rounds: &[RoundResult]) -> Option<String> {
    let mut steps = rounds.iter().filter_map(|round| round.update.as_ref()).flat_map(|update| &update.steps).peekable();
    steps.peek()?;
    steps.all(|step| step.grad_norm == 0.0).then(|| "zero gradient: no step changed the weights".into())
}

fn refused(rounds: &[RoundResult]) -> Option<String> {
    let decisions: Vec<_> = rounds.iter().filter_map(|round| round.decision.as_ref()).collect();
    let refused = decisions.iter().filter(|decision| !decision.promoted).count();
    let last = decisions.iter().rev().find(|decision| !decision.promoted)?;
    Some(format!("the gate refused {refused} of {} rounds; the last time: {}", decisions.len(), last.why))
}

/// pass@1 up while pass@k is flat: the model became surer of what it could do, and can do nothing
/// new.
fn sharpened(key: &Key, base: &RoundResult, best: &RoundResult) -> Option<String> {
    let find =
        |round: &RoundResult, wanted: &dyn Fn(&str) -> bool| round.scores.iter().find(|s| wanted(&s.metric)).cloned();
    let once = |metric: &str| metric == "pass@1";
    let often = |metric: &str| metric.starts_with("pass@") && metric != "pass@1";
    let one = compare(key, &find(base, &once)?, &find(best, &once)?)?;
    let many = compare(key, &find(base, &often)?, &find(best, &often)?)?;
    (one.low > 0.0 && many.low <= 0.0).then(|| {
        format!(
            "sharpening: pass@1 rose by {:.1} points while {} did not ({:+.1}): the model is surer, not abler",
            100.0 * one.mean,
            find(best, &often).map_or_else(String::new, |score| score.metric),
            100.0 * many.mean
        )
    })
}

/// Attempts at a task that say ever more the same.
fn collapsed(rounds: &[RoundResult]) -> Option<String> {
    let share = |round: &RoundResult| {
        let attempts = count(round, "attempts");
        (attempts > 0).then(|| count(round, "distinct_attempts") as f64 / attempts as f64)
    };
    let (first, last) = (share(rounds.first()?)?, share(rounds.last()?)?);
    /// Below this share of different attempts further sampling finds little; ours.
    const NARROW: f64 = 0.1;
    (last < NARROW && last < 0.5 * first).then(|| {
        format!(
            "diversity fell: {:.0} % of a task's attempts differed in the first round, {:.0} % in the last",
            100.0 * first,
            100.0 * last
        )
    })
}
