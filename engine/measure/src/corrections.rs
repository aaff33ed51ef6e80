use faults::Outcome;
use nouns::{Check, Critics, Cue, Measure, Policy, Request, Score, Stage, Task, Trace, Verdict, World};

use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures what answering again mends and spoils, turn by turn. The model answers, then again
    /// after its own answer, and so on; only the latest answer is shown. `turn@k` is the worth of
    /// the k-th answer, `gained@n` what the last has over the first, `mended@n` the share of tasks
    /// that were wrong at first and are right at last, `spoiled@n` the opposite, and `edited@n` how
    /// much of the first answer was changed: edits of words over the longer one's length.
    pub struct Corrections = "corrections", version 1 {
        /// Answers in all.
        pub turns: u32 = 2, "Kumar et al. 2024, arXiv 2409.12917, section 3: two", 1..=100_000;
        /// Softmax temperature, of every turn alike: a drawn answer after a greedy one would
        /// compare two ways of drawing.
        pub temperature: f32 = 0.0, "Kumar et al. 2024, arXiv 2409.12917, section 6: greedy", 0.0..=1000.0;
        /// What is said after an answer; empty takes the world's words.
        pub instruction: String = String::new(), "ours: the world's";
    }
}

impl MeasureSettings for Corrections {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }
}

impl Measure for Corrections {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        checker: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let said = if self.instruction.is_empty() { world.wording().cue(Cue::Retry) } else { &self.instruction };
        let mut turns = vec![draw(stage, policy, world, tasks, 1, self.temperature)?];
        for turn in 1..self.turns.max(1) {
            let next = self.again(stage, policy, (tasks, &turns[turn as usize - 1]), said, turn)?;
            turns.push(next);
        }
        let verdicts =
            turns.iter().map(|traces| checker.check(stage, tasks, traces)).collect::<Outcome<Vec<Vec<Verdict>>>>()?;
        let worth: Vec<Vec<Option<f64>>> =
            verdicts.iter().map(|verdicts| verdicts.iter().map(Verdict::reward).collect()).collect();
        let score = |name: String, values: Vec<Option<f64>>| {
            Score::new(name, on, tasks.iter().map(|task| task.id.clone()).zip(values).collect())
        };
        let mut scores: Vec<Score> =
            worth.iter().enumerate().map(|(turn, worth)| score(format!("turn@{}", turn + 1), worth.clone())).collect();
        if let [(first, worth_first), .., (last, worth_last)] = &turns.iter().zip(&worth).collect::<Vec<_>>()[..] {
            let both = |of: fn(f64, f64) -> f64| {
                let pairs = worth_first.iter().zip(worth_last.iter());
                pairs.map(|(first, last)| Some(of((*first)?, (*last)?))).collect::<Vec<_>>()
            };
            let edited = first.iter().zip(last.iter()).map(|(one, other)| Some(edited(&one.text(), &other.text())));
            let count = turns.len();
            scores.extend([
                score(format!("gained@{count}"), both(|first, last| last - first)),
                score(format!("mended@{count}"), both(|first, last| f64::from(u8::from(first < 1.0 && last >= 1.0)))),
                score(format!("spoiled@{count}"), both(|first, last| f64::from(u8::from(first >= 1.0 && last < 1.0)))),
                score(format!("edited@{count}"), edited.collect()),
            ]);
        }
        Ok(scores)
    }
}

impl Corrections {
    /// The next answer to every task, after the one before.
    fn again(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        (tasks, before): (&[Task], &[Trace]),
        said: &str,
        turn: u32,
    ) -> Outcome<Vec<Trace>> {
        let latest = |(task, before): (&Task, &Trace)| Trace { generated_under: task.prompt.clone(), ..before.clone() };
        let latest: Vec<Trace> = tasks.iter().zip(before).map(latest).collect();
        let request = |before: &Trace| {
            let context = policy.encode(&before.followed_by(said))?;
            let key = stage.key.of("measure").of("again").of(&before.task).at(u64::from(turn));
            Ok(Request { context, sampling: before.sampling.clone(), key })
        };
        let requests = latest.iter().map(request).collect::<Outcome<Vec<Request>>>()?;
        let completions = policy.sample(&requests, stage.progress)?;
        let answered = |(before, done): (Trace, nouns::Completion)| Trace {
            answer: policy.decode(&done.tokens),
            tokens: done.tokens,
            log_probs: done.log_probs,
            finish: done.finish,
            cost: done.cost,
            turn,
            ..before
        };
        Ok(latest.into_iter().zip(completions).map(answered).collect())
    }
}

/// Edits of words that make one text of another (Levenshtein), over the length of the longer one.
fn edited(one: &str, other: &str) -> f64 {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (words(one), words(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, word) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], above + 1);
        for (place, theirs) in other.iter().enumerate() {
            let swapped = diagonal + usize::from(word != theirs);
            diagonal = row[place + 1];
            row[place + 1] = swapped.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[other.len()] as f64 / one.len().max(other.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_in_words() {
        assert_eq!(edited("a b c", "a b c"), 0.0);
        assert_eq!(edited("a b c", "a x c d"), 2.0 / 4.0);
        assert_eq!(edited("", "a"), 1.0);
        assert_eq!(edited("", ""), 0.0);
    }
}
