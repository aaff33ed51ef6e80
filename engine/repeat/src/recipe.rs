//! A whole method as data.

use std::collections::BTreeMap;

use ::recipe::Describe;
use ask::AskPart;
use attempt::AttemptPart;
use check::CheckPart;
use choose::ChoosePart;
use learn::LearnPart;
use measure::MeasurePart;
use nouns::GrowsBy;
use serde::{Deserialize, Serialize};

use crate::adapt::Adapt;
use crate::base::Base;
use crate::entry::Entry;
use crate::from_labels::FromLabels;
use crate::labelled::Labelled;
use crate::phase::Phase;
use crate::prompt::Prompt;
use crate::rounds::Rounds;

/// A recipe: one key per verb. A method's name with no other keys is the method; everything has the
/// paper's default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Where the method was published.
    pub paper: String,
    /// Other names that the method is found by, such as its paper's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The world or data set it runs on where the command line names none.
    #[serde(default = "default_world")]
    pub on: String,
    /// How the questions of a data file are put.
    #[serde(default, skip_serializing_if = "Prompt::is_silent")]
    pub prompt: Prompt,
    /// The model made from nothing where the command line names none.
    #[serde(default)]
    pub base: Base,
    /// The classifier made from nothing where tasks are feature vectors and the command line names
    /// no model.
    pub classifier: Option<FromLabels>,
    /// Where tasks come from.
    #[serde(default = "default_ask")]
    pub ask: AskPart,
    /// How the policy answers: in order, each given what the one before it made.
    pub attempt: Vec<AttemptPart>,
    /// What an answer is worth: right if every checker says so.
    pub check: Vec<CheckPart>,
    /// What grades the result, for the gate, the summary and accuracy: checkers as in `check`.
    /// Empty takes the world's right answers, which need not be the recipe's to learn from. A model
    /// that grades is the run's base model, so that the measure stays the same.
    #[serde(default)]
    pub grade: Vec<CheckPart>,
    /// Which attempts teach: in order, each given what the one before it left.
    #[serde(default)]
    pub choose: Vec<ChoosePart>,
    /// What changes the weights; a method without it only answers and measures.
    pub learn: Option<LearnPart>,
    /// What is measured after every round.
    #[serde(default = "default_measures")]
    pub measure: Vec<MeasurePart>,
    /// The run's models by name: those beside the policy (verifiers, reward models, value models,
    /// judges, teachers), and as `policy`, if it is not to be made from nothing, what that is.
    #[serde(default)]
    pub models: BTreeMap<String, Entry>,
    /// Other ways of answering with the same models, by the name that they have in the scores: each
    /// is measured on the tasks that are reported, and nothing is learned from it.
    #[serde(default)]
    pub ways: BTreeMap<String, Vec<AttemptPart>>,
    /// How the model adapts to a task before it answers, and back: measured on the tasks that are
    /// reported after the last round.
    pub adapt: Option<Adapt>,
    /// Stretches of rounds at the beginning in which some of these keys read otherwise.
    #[serde(default)]
    pub phase: Vec<Phase>,
    /// Rounds, memory and gate.
    #[serde(default)]
    pub repeat: Rounds,
}

fn default_world() -> String {
    "game24".into()
}

fn default_ask() -> AskPart {
    AskPart::Tasks(ask::Tasks::default())
}

fn default_measures() -> Vec<MeasurePart> {
    vec![MeasurePart::Accuracy(measure::Accuracy::default())]
}

impl Recipe {
    /// Whether any part needs right answers, so that the run grants it the world's oracle.
    pub fn needs_oracle(&self) -> bool {
        let of_models = self.models.values().flat_map(|entry| &entry.check);
        let of_phases = self.phase.iter().filter_map(|phase| phase.check.as_ref()).flatten();
        let checked = self.check.iter().chain(of_models).chain(of_phases).any(|part| part.needs_oracle());
        let asked = [Some(&self.ask)].into_iter().chain(self.phase.iter().map(|phase| phase.ask.as_ref()));
        let given = self.classifier.as_ref().is_some_and(|part| part.labelled > 0);
        let labelled = given || self.models.values().any(|entry| !entry.labelled.is_empty());
        checked
            || labelled
            || asked.flatten().any(|ask| ask.grows() == Some(GrowsBy::Quality))
            || self.attempts_need_oracle()
    }

    /// Whether attempts themselves read right answers: hints, and searches that are guided by the
    /// oracle.
    pub(crate) fn attempts_need_oracle(&self) -> bool {
        let of_phases = self.phase.iter().filter_map(|phase| phase.attempt.as_ref()).flatten();
        let of_models = self.models.values().flat_map(|entry| entry.begin.iter().chain(&entry.attempt));
        let own = self.attempt.iter().chain(self.ways.values().flatten());
        own.chain(of_models).chain(of_phases).any(|part| part.needs_oracle())
    }

    /// The recipe as it reads in a round, counted from 1.
    pub fn in_round(&self, round: u32) -> Recipe {
        let mut over = 0;
        let ends = self.phase.iter().map(|phase| {
            over += phase.rounds;
            over
        });
        let in_force = self.phase.iter().zip(ends).find(|(_, end)| round <= *end);
        in_force.map_or_else(|| Recipe { phase: Vec::new(), ..self.clone() }, |(phase, _)| self.in_phase(phase))
    }

    /// Every way in which it reads: in each phase, and when they are over.
    pub(crate) fn readings(&self) -> Vec<Recipe> {
        let own = Recipe { phase: Vec::new(), ..self.clone() };
        self.phase.iter().map(|phase| self.in_phase(phase)).chain([own]).collect()
    }

    /// The recipe as it reads in this phase.
    fn in_phase(&self, phase: &Phase) -> Recipe {
        let own = self.clone();
        Recipe {
            ask: phase.ask.clone().unwrap_or(own.ask),
            attempt: phase.attempt.clone().unwrap_or(own.attempt),
            check: phase.check.clone().unwrap_or(own.check),
            choose: phase.choose.clone().unwrap_or(own.choose),
            learn: phase.learn.clone().or(own.learn),
            phase: Vec::new(),
            ..own
        }
    }

    /// Every part with the verb it serves, in the order of the loop.
    pub fn parts(&self) -> Vec<(&'static str, &dyn Describe)> {
        let mut parts: Vec<(&'static str, &dyn Describe)> = match &self.classifier {
            Some(classifier) => vec![("classifier", classifier), ("ask", self.ask.describe())],
            None => vec![("base", &self.base), ("ask", self.ask.describe())],
        };
        if !self.prompt.is_silent() {
            parts.push(("prompt", &self.prompt));
        }
        parts.extend(self.attempt.iter().map(|part| ("attempt", part.describe())));
        parts.extend(self.check.iter().map(|part| ("check", part.describe())));
        parts.extend(self.grade.iter().map(|part| ("grade", part.describe())));
        parts.extend(self.choose.iter().map(|part| ("choose", part.describe())));
        parts.extend(self.learn.iter().map(|part| ("learn", part.describe())));
        parts.extend(self.models.values().map(|entry| ("models", entry as &dyn Describe)));
        parts.extend(self.measure.iter().map(|part| ("measure", part.describe())));
        parts.extend(self.ways.values().flatten().map(|part| ("ways", part.describe())));
        parts.extend(self.adapt.iter().map(|adapt| ("adapt", adapt as &dyn Describe)));
        parts.extend(self.phase.iter().map(|phase| ("phase", phase as &dyn Describe)));
        parts.push(("repeat", &self.repeat));
        parts
    }

    /// The tables of settings that all learners have, with their defaults.
    pub fn shared_tables() -> Vec<Box<dyn Describe>> {
        LearnPart::shared_tables()
    }

    /// Every part there is, with its defaults, by the verb it serves: what `list` shows.
    pub fn catalogue() -> Vec<(&'static str, Vec<Box<dyn Describe>>)> {
        vec![
            ("base", vec![Box::new(Base::default())]),
            ("classifier", vec![Box::new(FromLabels::default())]),
            ("prompt", vec![Box::new(Prompt::default())]),
            ("ask", AskPart::catalogue()),
            ("attempt", AttemptPart::catalogue()),
            ("check", CheckPart::catalogue()),
            ("choose", ChoosePart::catalogue()),
            ("learn", LearnPart::catalogue()),
            ("models", vec![Box::new(Entry::default()), Box::new(Labelled::default())]),
            ("measure", MeasurePart::catalogue()),
            ("adapt", vec![Box::new(Adapt::default())]),
            ("phase", vec![Box::new(Phase::default())]),
            ("repeat", vec![Box::new(Rounds::default())]),
        ]
    }
}
