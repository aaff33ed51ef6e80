//! Answers with labelled steps that a process reward model learns from before any attempts.

use faults::Outcome;
use learn::Value;
use nouns::{Exact, Key, Lesson, Oracle, Task, Valued, World, exact_values};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tokens::Tokens;

recipe::part! {
    /// Teaches a process reward model on answers with labelled steps before the first round. The
    /// world draws them and labels them by its exact values, so this is knowledge from labels. A
    /// data file has none; the model then knows what its `begin` teaches it.
    pub struct Labelled = "labelled", version 1 {
        /// What they answer.
        pub to: To = To::Tasks, "ours";
        /// How many there are.
        pub count: u64 = 20_000, "ours";
        /// What the labels say.
        pub labels: Labels = Labels::Quality, "Zhang et al. 2024, arXiv 2406.03816";
        /// The share of them that are written in another way than the world's usual one: for a
        /// policy that writes its answers so.
        pub other_ways: f64 = 0.0, "ours: none", 0.0..=1.0;
        /// How they are taught; what is measured there is what the model's own `learn` measures.
        pub learn: Value = Value::default(), "as `value`";
    }
}

/// What labelled answers answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// Problems of the examples that a model made from nothing is taught with, each its own.
    Language,
    /// Training tasks, all as often.
    Tasks,
}

/// What a label of a step says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Labels {
    /// The quality value: how much of the way to a right answer is done, less what was done wrong.
    Quality,
    /// 1 if everything up to there is true and can still become right, else 0.
    Promise,
}

impl Labels {
    fn of(self, exact: &Exact) -> f32 {
        match self {
            Labels::Quality => exact.value as f32,
            Labels::Promise => f32::from(u8::from(exact.good)),
        }
    }
}

/// Where labelled answers come from.
pub(crate) struct Source<'a> {
    pub(crate) world: &'a dyn World,
    pub(crate) oracle: &'a dyn Oracle,
    pub(crate) tokens: &'a Tokens,
    /// Training tasks.
    pub(crate) tasks: &'a [Task],
    pub(crate) held_out: &'a (dyn Fn(&str) -> bool + Sync),
}

impl Source<'_> {
    /// Whether the world has any.
    pub(crate) fn flows(&self) -> bool {
        let Some((task, language)) = self.tasks.first().zip(self.world.language()) else { return false };
        language.drawn_answer(&Key::root(0), task, false).is_some() && self.oracle.promise(task, "").is_some()
    }

    /// Labelled answers; to no problem that is held out.
    pub(crate) fn lessons(&self, part: &Labelled, key: &Key) -> Outcome<Vec<Lesson>> {
        let lesson = |number: u64| {
            let key = key.at(number);
            let task = match part.to {
                To::Language => self.of_language(&key)?,
                To::Tasks => self.tasks.get(number as usize % self.tasks.len().max(1))?.clone(),
            };
            self.lesson(format!("labelled/{number}"), &key, &task, part)
        };
        (0..part.count).into_par_iter().filter_map(lesson).collect()
    }

    /// The problem of an example; one whose prompt says more than a task's does, a hint for one,
    /// has none.
    fn of_language(&self, key: &Key) -> Option<Task> {
        let example = self.world.language()?.example(key, self.held_out)?;
        self.world.read(&example.prompt.first()?.content.as_text()).ok()
    }

    fn lesson(&self, name: String, key: &Key, task: &Task, part: &Labelled) -> Option<Outcome<Lesson>> {
        let other_way = part.other_ways > 0.0 && key.of("other way").random().uniform() < part.other_ways;
        let answer =
            self.tokens.encode_answer(&self.world.language()?.drawn_answer(&key.of("answer"), task, other_way)?);
        let decode = |tokens: &[u32]| self.tokens.decode(tokens);
        let exact = exact_values(self.world, self.oracle, &decode, task, (&answer, true))?;
        let known: Vec<(usize, f32)> = exact.iter().map(|exact| (exact.length - 1, part.labels.of(exact))).collect();
        let context = self.tokens.encode_context(&task.prompt);
        Some(context.map(|context| Lesson::Valued(Valued::new(name, &context, &answer, &known))))
    }
}

/// The stage in which a model learns from its set of labelled answers at this place.
pub(crate) fn labelled_stage(name: &str, place: usize) -> String {
    format!("labelled-{name}-{}", place + 1)
}

#[cfg(test)]
mod tests {
    use nouns::Split;

    use super::*;

    /// What a set of labelled answers to problems of `chain` comes to: text and labels of each.
    fn drawn(part: &Labelled, held_out: &(dyn Fn(&str) -> bool + Sync)) -> Vec<(String, Vec<f32>)> {
        let world = sources::find("chain", &sources::Options::default()).expect("a world");
        let tokens = Tokens::of_vocabulary(&world.language().expect("words").vocabulary()).expect("a tokenizer");
        let (oracle, tasks) = (world.oracle(), world.tasks(Split::Train).expect("tasks"));
        let source =
            Source { world: world.as_ref(), oracle: oracle.as_ref(), tokens: &tokens, tasks: &tasks[..2], held_out };
        assert!(source.flows());
        let lessons = source.lessons(part, &Key::root(4)).expect("lessons");
        let told = |lesson: &Lesson| {
            let Lesson::Valued(Valued { stream, targets }) = lesson else { unreachable!("valued answers alone") };
            let known = targets.iter().zip(&stream.weights).filter(|(_, weight)| **weight > 0.0);
            (tokens.decode(&stream.tokens), known.map(|(target, _)| *target).collect())
        };
        lessons.iter().map(told).collect()
    }

    #[test]
    fn labels_fall_where_an_answer_goes_astray() {
        let part = Labelled { count: 60, labels: Labels::Promise, ..Labelled::default() };
        let (promise, quality) =
            (drawn(&part, &|_| false), drawn(&Labelled { labels: Labels::Quality, ..part }, &|_| false));
        assert_eq!(promise.len(), 60);
        for ((text, sound), (same, worth)) in promise.iter().zip(&quality) {
            assert_eq!((text, sound.len()), (same, worth.len()), "the labels alone differ");
            assert_eq!(sound.len(), text.matches(" = ").count(), "{text}: a label for each step and for the answer");
            assert!(sound.is_sorted_by(|one, next| one >= next), "{text}: {sound:?}");
            // Of a right answer each step is an equal share of the way.
            let steps = worth.len() as f32;
            let share = |place: usize| (place + 1) as f32 / steps;
            let right = sound.last() == Some(&1.0);
            let shares = worth.iter().enumerate().all(|(place, value)| (value - share(place)).abs() < 1e-6);
            assert_eq!(shares, right, "{text}: {worth:?}");
        }
    }

    #[test]
    fn they_answer_tasks_in_turn_or_problems_of_the_language_that_are_not_held_out() {
        let problems =
            |part: &Labelled, held_out: &(dyn Fn(&str) -> bool + Sync)| -> std::collections::BTreeSet<String> {
                let problem = |(text, _): (String, Vec<f32>)| text.split(" mod ").next().unwrap_or_default().to_owned();
                drawn(part, held_out).into_iter().map(problem).collect()
            };
        let of_tasks = Labelled { count: 8, ..Labelled::default() };
        assert_eq!(problems(&of_tasks, &|_| false).len(), 2);
        let of_language = Labelled { to: To::Language, count: 200, ..Labelled::default() };
        let all = problems(&of_language, &|_| false);
        assert!(all.len() > 100, "one in seven examples has a hint, and so is no task: {}", all.len());
        let odd = |id: &str| id.len() % 2 == 1;
        assert!(problems(&of_language, &odd).iter().all(|id| !odd(id)));
    }
}
