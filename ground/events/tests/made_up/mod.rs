//! A made-up run: what the display, the record and the golden files are tried on.

use events::{Event, Facts, SOLVED, TASKS, Time, Word};
use nouns::{Load, Step};

/// A run of four rounds after a base model, each event with its moment. `ticks` says how often a
/// stage tells its progress.
pub(crate) fn run(ticks: u64) -> Vec<(Time, Event)> {
    let mut tape = Tape { now: 1_764_000_000_000_000, ticks, events: Vec::new() };
    tape.opening();
    tape.base();
    for (round, solved, accuracy) in [(1, 312, 0.31), (2, 518, 0.542), (3, 688, 0.687), (4, 731, 0.684)] {
        tape.round(round, solved, accuracy);
    }
    tape.tell(0.0, ended());
    tape.events
}

struct Tape {
    now: u64,
    ticks: u64,
    events: Vec<(Time, Event)>,
}

impl Tape {
    fn tell(&mut self, seconds: f64, event: Event) {
        self.now += (seconds * 1e6) as u64;
        self.events.push((Time(self.now), event));
    }

    fn opening(&mut self) {
        let run = "2026-11-24-expert-iteration-game24-7f3a".to_owned();
        let (recipe, world) = ("expert-iteration".to_owned(), "game24".to_owned());
        let (model, device) = ("0.96 M parameters from nothing".to_owned(), "cpu".to_owned());
        self.tell(0.0, Event::RunStarted { run, recipe, world, model, device, seed: 7, rounds: 4 });
        self.tell(0.1, Event::HeldOut { dropped: 100, by: "hard.txt".to_owned() });
        let what = "2 attempts could not be judged: the checker ran out of time".to_owned();
        self.tell(0.1, Event::Warned { what });
    }

    fn base(&mut self) {
        self.tell(0.0, Event::RoundStarted { round: 0, of: 4 });
        self.tell(0.1, Event::ExampleShown { round: 0, words: example() });
        self.stage(0, "learn", 40.0, Facts::new());
        self.scored(0, 0.084);
    }

    fn round(&mut self, round: u32, solved: u64, accuracy: f64) {
        self.tell(0.0, Event::RoundStarted { round, of: 4 });
        if round == 2 {
            self.tell(0.0, Event::StageReused { round, stage: "ask".to_owned() });
        }
        self.stage(round, "attempt", 45.0, [("traces".to_owned(), 74_368.into())].into());
        let facts = [(SOLVED.to_owned(), solved.into()), (TASKS.to_owned(), 1162.into())];
        self.stage(round, "check", 2.0, facts.into());
        self.stage(round, "learn", 30.0, [("lessons".to_owned(), (solved * 4).into())].into());
        self.scored(round, accuracy);
        let promoted = round < 4;
        let why = if promoted {
            "better on 61 of 100 items, worse on 9"
        } else {
            "no improvement: worse on 12 of 100 items, better on 9"
        };
        let kept_round = if promoted { round } else { 3 };
        self.tell(0.1, Event::GateDecided { round, promoted, kept_round, why: why.to_owned() });
    }

    fn stage(&mut self, round: u32, stage: &str, seconds: f64, facts: Facts) {
        self.tell(0.0, Event::StageStarted { round, stage: stage.to_owned() });
        for tick in 0..=self.ticks {
            let (done, total) = (tick * 4096, self.ticks * 4096);
            let loss = (stage == "learn").then(|| 1.2 / (1.0 + tick as f64 / 10.0) / f64::from(round + 1));
            let (stage, tokens_per_second) = (stage.to_owned(), 27_100.0);
            let load = (stage == "attempt").then_some(Load { sequences: 96, cache_bytes: 12 << 20 });
            let progress =
                Event::StageProgress { round, stage, done, total, tokens: done * 40, loss, tokens_per_second, load };
            self.tell(seconds / (self.ticks + 1) as f64, progress);
        }
        if stage == "learn" {
            let step = Step {
                step: 1,
                loss: 0.5 / f64::from(round + 1),
                grad_norm: 1.5,
                learning_rate: 3e-4,
                tokens: 4096,
                ..Step::default()
            };
            self.tell(0.0, Event::Step { round, step });
        }
        self.tell(0.0, Event::StageFinished { round, stage: stage.to_owned(), facts, seconds });
    }

    fn scored(&mut self, round: u32, accuracy: f64) {
        for (metric, value) in [("accuracy", accuracy), ("pass@16", (accuracy * 1.3).min(1.0))] {
            let (low, high) = (Some(value - 0.05), Some(value + 0.05));
            let (metric, on) = (metric.to_owned(), "game24/valid".to_owned());
            self.tell(1.0, Event::Scored { round, metric, on, value: Some(value), low, high, n: 100 });
        }
    }
}

fn example() -> Vec<Word> {
    let word = |taught| move |text: &str| Word { text: text.to_owned(), taught };
    let asked = "4 7 8 8 :".split(' ').map(word(false));
    asked.chain("8 - 4 = 4 ( left : 4 7 8 ) 8 - 7 = 1 <end>".split(' ').map(word(true))).collect()
}

fn ended() -> Event {
    let why = vec![
        "accuracy on game24/valid rose from 8.4 % to 68.7 % (better on 62 items, worse on 2).".to_owned(),
        "Round 4 was no improvement, so round 3 was kept.".to_owned(),
    ];
    Event::Ended { learned: true, why, best_round: 3, seconds: 358.0 }
}
