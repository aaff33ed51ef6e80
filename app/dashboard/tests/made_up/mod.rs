//! A made-up run with a hostile model in it.

use dashboard::{
    Chart, Ending, Gate, HeldOut, Picture, Point, Report, RoundCost, Sample, SampleTurn, SearchTree, Series, TreeNode,
    Unit, Word,
};

pub(crate) const HOSTILE: &str = "</script><script>alert('owned')</script><img src=x onerror=\"alert(1)\"> & <!--";

pub(crate) fn run() -> Report {
    Report {
        name: "2026-11-24-expert-iteration-game24-7f3a".into(),
        recipe: "expert-iteration".into(),
        world: "game24".into(),
        model: "from nothing".into(),
        ending: Some(Ending {
            learned: true,
            why: vec!["accuracy on game24/test rose from 8.4 % to 68.7 %.".into(), "Round 4 was refused.".into()],
            best_round: 3,
            seconds: 358.0,
        }),
        held_out: vec![HeldOut { dropped: 100, by: "hard.txt".into() }],
        warnings: vec!["2 attempts could not be judged".into()],
        example: example(),
        charts: charts(),
        gates: gates(),
        rounds: (0..=4).map(round).collect(),
        pictures: [("0a1b2c3d".to_owned(), "data:image/png;base64,iVBORw0KGgo=".to_owned())].into(),
        samples: (0..5).flat_map(|round| (0..12).map(move |index| sample(round, index))).collect(),
        attempts: 74_368,
        tree: Some(tree()),
        recipe_toml: "# Expert iteration: attempt, keep what is right, imitate it.\npaper = \"Anthony et al. 2017\"\n\n[repeat]\nrounds = 4\n".into(),
        environment: vec![("device".into(), "cpu".into()), ("seed".into(), "7".into())],
    }
}

fn example() -> Vec<Word> {
    let words = |text: &'static str, taught| text.split(' ').map(move |text| Word { text: text.into(), taught });
    words("4 7 8 8 :", false).chain(words("8 - 4 = 4 ( left : 4 7 8 ) 8 - 7 = 1 <end>", true)).collect()
}

fn charts() -> Vec<Chart> {
    let rising = [0.084, 0.31, 0.542, 0.687, 0.684];
    let point = |factor: f64| {
        move |(x, y): (usize, &f64)| {
            let y = (y * factor).min(1.0);
            Point { x: x as f64, y, interval: Some(((y - 0.06).max(0.0), (y + 0.06).min(1.0))) }
        }
    };
    let series = |name: &str, factor| Series {
        name: name.into(),
        points: rising.iter().enumerate().map(point(factor)).collect(),
    };
    let loss =
        (0..240).map(|step| Point { x: f64::from(step), y: 2.0 / (1.0 + f64::from(step % 60) / 9.0), interval: None });
    let chart =
        |title: &str, across, unit, series| Chart { title: title.into(), across, unit, series, marks: Vec::new() };
    vec![
        chart(
            "game24/test",
            "round",
            Unit::Share,
            vec![series("accuracy", 1.0), series("pass@16", 1.35), series("majority@16", 1.15)],
        ),
        Chart {
            marks: (0..4).map(|round| (f64::from(round * 60), round.to_string())).collect(),
            ..chart("Loss", "step", Unit::Number, vec![Series { name: "loss".into(), points: loss.collect() }])
        },
    ]
}

fn gates() -> Vec<Gate> {
    let gate =
        |round, promoted, why: &str| Gate { round, promoted, kept: if promoted { round } else { 3 }, why: why.into() };
    vec![
        gate(1, true, "+22.6 points on 100 held-out tasks"),
        gate(4, false, "no improvement: kept round 3, because the new model is worse"),
    ]
}

fn round(round: u32) -> RoundCost {
    let stages = ["asked", "attempted", "checked", "chosen", "learned", "measured", "gate"];
    let stages = if round == 0 { &stages[4..6] } else { &stages[..] };
    let stages = stages.iter().enumerate().map(|(n, stage)| ((*stage).to_owned(), 1.5 + n as f64 * 6.0)).collect();
    RoundCost { round, stages, generated: u64::from(round) * 1_234_567, trained: 345_678 }
}

fn sample(round: u32, index: usize) -> Sample {
    let (verdict, why) =
        [("right", ""), ("wrong", "8 - 7 is not 2"), ("unsettled", "the checker ran out of time")][index % 3];
    let response = if index == 1 { HOSTILE } else { "8 - 4 = 4 (left: 4 7 8)\n8 - 7 = 1 (left: 1 4)\n4 * 1 = 4" };
    Sample {
        round,
        task: "4 7 8 8".into(),
        prompt: "4 7 8 8 :".into(),
        response: response.into(),
        verdict: verdict.into(),
        why: why.into(),
        log_likelihood: if index == 2 { f64::NEG_INFINITY } else { -3.25 },
        tokens: 31,
        turns: if index == 2 { turns() } else { Vec::new() },
        pictures: match index {
            2 => vec![Picture { name: "0a1b2c3d".into(), caption: format!("2×2, {HOSTILE}") }],
            _ => Vec::new(),
        },
    }
}

/// An attempt in an environment, with hostile words.
fn turns() -> Vec<SampleTurn> {
    let turn = |action: &str, observation: &str, reward| SampleTurn {
        action: action.into(),
        observation: observation.into(),
        reward,
    };
    vec![turn("call 8 - 4", HOSTILE, Some(0.0)), turn("answer 4", "", None)]
}

/// A search of two levels, one node of it hostile.
fn tree() -> SearchTree {
    let node = |parent: Option<usize>, text: &str, mean: f64, route: bool| TreeNode {
        parent,
        text: text.into(),
        value: parent.map(|_| mean),
        mean,
        visits: 2,
        ended: parent == Some(1),
        rollout: false,
        route,
    };
    SearchTree {
        round: 1,
        task: "4 7 8 8".into(),
        verdict: "right".into(),
        trees: 64,
        nodes: vec![
            node(None, "", 0.0, true),
            node(Some(0), "8 / 8 = 1 left 1 4 7 ;", 0.8, true),
            node(Some(0), HOSTILE, 0.1, false),
            node(Some(1), "7 - 1 = 6 left 4 6 ; 4 * 6 = 24", 0.7, true),
            node(Some(1), "1 * 4 = 4 left 4 7 ; 4 + 7 = 11", 0.2, false),
        ],
    }
}
