//! What the report shows, as plain data: whoever has a run fills it in.

use std::collections::BTreeMap;

use serde::Serialize;

/// Everything about one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The run folder's name.
    pub name: String,
    /// The recipe's name.
    pub recipe: String,
    /// The world or data set.
    pub world: String,
    /// The model it began with.
    pub model: String,
    /// How the run ended; none while it goes on or was interrupted.
    pub ending: Option<Ending>,
    /// What was kept out of training.
    pub held_out: Vec<HeldOut>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// One example as the learner saw it.
    pub example: Vec<Word>,
    /// The curves.
    pub charts: Vec<Chart>,
    /// What the gate decided, round by round.
    pub gates: Vec<Gate>,
    /// What each round cost.
    pub rounds: Vec<RoundCost>,
    /// Some attempts with their verdicts.
    pub samples: Vec<Sample>,
    /// The pictures that samples name, as data URIs; of one that is not here the caption is shown
    /// alone.
    pub pictures: BTreeMap<String, String>,
    /// How many attempts there were in all, of which the samples are a few.
    pub attempts: u64,
    /// One of the trees that searches grew.
    pub tree: Option<SearchTree>,
    /// The recipe, every override in it.
    pub recipe_toml: String,
    /// Machine and program, by name.
    pub environment: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ending {
    /// Whether anything was learned.
    pub learned: bool,
    /// The conclusion, a sentence each.
    pub why: Vec<String>,
    /// The round whose model is the result.
    pub best_round: u32,
    /// How long it took.
    pub seconds: f64,
}

/// Tasks kept out of training.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOut {
    /// How many.
    pub dropped: u64,
    /// Which hold-out has them.
    pub by: String,
}

/// A word of an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// Its text.
    pub text: String,
    /// Whether it is taught.
    pub taught: bool,
}

/// How the numbers of a chart are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// From 0 to 1, as percentages.
    Share,
    /// A measured number.
    Number,
    /// A count.
    Count,
}

/// Curves over one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What the horizontal axis counts: `round`, `step`.
    pub across: &'static str,
    /// How its numbers are written.
    pub unit: Unit,
    /// The curves; the first is the one that matters most, and is drawn with its interval.
    pub series: Vec<Series>,
    /// Places on the horizontal axis with a name of their own.
    pub marks: Vec<(f64, String)>,
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<Point>,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Where.
    pub x: f64,
    /// How much.
    pub y: f64,
    /// The 95 % interval, if there is one.
    pub interval: Option<(f64, f64)>,
}

/// A decision of the gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// The round.
    pub round: u32,
    /// Whether its model was kept.
    pub promoted: bool,
    /// The round whose model went on.
    pub kept: u32,
    /// Why.
    pub why: String,
}

/// What a round cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoundCost {
    /// The round; 0 made the base model.
    pub round: u32,
    /// Seconds by stage, in the order they ran.
    pub stages: Vec<(String, f64)>,
    /// Tokens that were generated.
    pub generated: u64,
    /// Tokens that carried a gradient.
    pub trained: u64,
}

impl RoundCost {
    /// Seconds of all stages.
    pub fn seconds(&self) -> f64 {
        self.stages.iter().map(|(_, seconds)| seconds).sum()
    }
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sample {
    /// The round it was made in.
    pub round: u32,
    /// The task.
    pub task: String,
    /// What the model was shown.
    pub prompt: String,
    /// What it answered.
    pub response: String,
    /// `right`, `wrong`, `graded` or `unsettled`.
    pub verdict: String,
    /// Why.
    pub why: String,
    /// How likely the model found its answer: the sum of its log-probabilities.
    pub log_likelihood: f64,
    /// Tokens of the answer.
    pub tokens: usize,
    /// The pictures that were shown, and those of the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
    /// Actions and observations, turn by turn, where it is an episode.
    pub turns: Vec<SampleTurn>,
}

/// A picture of a sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Picture {
    /// Which of [`Report::pictures`] it is.
    pub name: String,
    /// What it is, in words.
    pub caption: String,
}

/// One turn of an episode.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampleTurn {
    /// What the model did.
    pub action: String,
    /// What it saw then.
    pub observation: String,
    /// What the environment gave for it.
    pub reward: Option<f64>,
}

/// A tree that a search grew.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchTree {
    /// The round it was grown in.
    pub round: u32,
    /// The task.
    pub task: String,
    /// What the answer at the end of its route was judged to be.
    pub verdict: String,
    /// How many trees there are in all, of which it is one.
    pub trees: u64,
    /// Its nodes, parents before children; the first is the root.
    pub nodes: Vec<TreeNode>,
}

/// One step of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeNode {
    /// The place of the node it continues; none for the root.
    pub parent: Option<usize>,
    /// Its text.
    pub text: String,
    /// What the evaluator said of it.
    pub value: Option<f64>,
    /// What the search held it to be worth in the end.
    pub mean: f64,
    /// How often the search came by.
    pub visits: u32,
    /// Whether the answer ends here.
    pub ended: bool,
    /// Whether it was only a look-ahead (rollout).
    pub rollout: bool,
    /// Whether it lies on the route to the answer.
    pub route: bool,
}
