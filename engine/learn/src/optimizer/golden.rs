//! The rules beside PyTorch's optimizers: `golden/optimizers.py` made the numbers.

use networks::DeviceKind;
use serde::Deserialize;

use super::{How, Rule, Step, WeightState, adafactor, adamw, muon, sgd};

#[derive(Deserialize)]
struct Golden {
    matrix: Vec<f32>,
    vector: Vec<f32>,
    rates: Vec<f64>,
    /// `[steps][weights][numbers]`
    gradients: Vec<Vec<Vec<f32>>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    rule: Rule,
    /// `[steps][weights][numbers]`
    after: Vec<Vec<Vec<f32>>>,
}

#[test]
fn every_rule_takes_the_steps_of_pytorch() {
    let golden: Golden = serde_json::from_str(include_str!("golden.json")).expect("cases");
    let device = networks::device(DeviceKind::Cpu).expect("a processor");
    for case in &golden.cases {
        let mut weights = [golden.matrix.clone(), golden.vector.clone()];
        let mut states = [WeightState::default(), WeightState::default()];
        for (number, after) in case.after.iter().enumerate() {
            for (place, wanted) in after.iter().enumerate() {
                let how = How {
                    rule: case.rule,
                    learning_rate: golden.rates[number],
                    betas: (0.9, 0.98),
                    weight_decay: if case.rule == Rule::Sgd { 0.0 } else { 0.1 },
                    scale: 1.0,
                    number: number as u32 + 1,
                };
                let step = Step { gradient: &golden.gradients[number][place], how };
                let (values, state) = (&mut weights[place], &mut states[place]);
                let shape: &[usize] = if place == 0 { &[6, 4] } else { &[5] };
                match case.rule {
                    Rule::Adamw => adamw::step(values, &step, state),
                    Rule::Sgd => sgd::step(values, &step, state),
                    Rule::Adafactor => adafactor::step(values, shape, &step, state),
                    Rule::Muon => muon::step(values, [6, 4], &step, state, &device),
                }
                // PyTorch orthogonalises in bf16: steps of about 0.01 agree to a few per cent.
                let near = if case.rule == Rule::Muon { 2e-3 } else { 2e-6 };
                let worst = values.iter().zip(wanted).map(|(f, w)| (f - w).abs()).fold(0.0, f32::max);
                assert!(worst < near, "{:?}, step {number}, weight {place}: {worst}", case.rule);
            }
        }
    }
}
