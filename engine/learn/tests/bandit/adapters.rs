//! Adapters that learn: the losses and gradients of peft and torch on the checkpoints of
//! `golden/lora.py`, and that nothing but the adapter changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use learn::{BatchSettings, Imitate, LearnPart, LoraSettings, OptimizerSettings, Order, Rule, Shape, Student};
use networks::{Decoder, DeviceKind, Weight, device};
use nouns::{Key, Learn, Lesson, Silent, Stage, Stream, Update};
use safetensors::SafeTensors;
use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/networks/tests")
}

struct Case {
    name: String,
    golden: Value,
    student: Student,
}

fn cases() -> Vec<Case> {
    let cpu = device(DeviceKind::Cpu).expect("a processor");
    let entries = std::fs::read_dir(fixtures().join("adapters")).expect("fixtures");
    let case = |folder: PathBuf| {
        let text = std::fs::read_to_string(folder.join("golden.json")).expect("numbers");
        let golden: Value = serde_json::from_str(&text).expect("JSON");
        let base = fixtures().join("families").join(golden["base"].as_str().expect("a name"));
        let decoder =
            networks::from_folder(&base, &cpu).expect("a model").with_adapter(&folder, &cpu).expect("an adapter");
        Case { name: folder.display().to_string(), golden, student: Student::new(decoder, cpu.clone()) }
    };
    let cases: Vec<Case> = entries.map(|entry| case(entry.expect("an entry").path())).collect();
    assert!(cases.len() >= 5);
    cases
}

fn lessons(golden: &Value) -> Vec<Lesson> {
    let sequence = |ids: &Value| {
        let ids: Vec<u32> = ids.as_array().expect("ids").iter().map(|id| id.as_u64().expect("an id") as u32).collect();
        Lesson::Stream(Stream::new("t", &ids[..1], &ids[1..], 1.0))
    };
    golden["input_ids"].as_array().expect("sequences").iter().map(sequence).collect()
}

/// One batch of every lesson, again and again.
fn plain() -> Imitate {
    Imitate {
        batch: BatchSettings { size: 2, order: Order::Given, ..BatchSettings::default() },
        optimizer: OptimizerSettings {
            schedule: Shape::Constant,
            warmup: 0.0,
            clip: 1e9,
            ..Imitate::default().optimizer
        },
        ..Imitate::default()
    }
}

fn learn(part: Imitate, student: Student, lessons: &[Lesson]) -> (Student, Update) {
    let stage = Stage { round: 1, key: Key::root(2), progress: &Silent };
    let mut learner = LearnPart::Imitate(part).build(student);
    let update = learner.learn(&stage, lessons).expect("an update");
    (learner.into_student(), update)
}

/// The adapter as its files have it: `[rows, columns]` of every tensor, the parts of a fused one
/// together.
fn tensors(decoder: &Decoder) -> BTreeMap<String, Vec<f32>> {
    let mut all: BTreeMap<String, Vec<f32>> = BTreeMap::new();
    decoder.visit_trained(&mut |name, weight| {
        let Weight::Matrix(matrix) = weight else { panic!("{name} is no matrix") };
        let ([rows, columns], values) = (matrix.dims(), networks::values(matrix));
        let turned = (0..rows * columns).map(|at| values[at % rows * columns + at / rows]);
        all.entry(name).or_default().extend(turned);
    });
    all
}

#[test]
fn losses_of_training_are_those_of_peft_and_torch() {
    for Case { name, golden, student } in cases() {
        let wanted: Vec<f64> = golden["losses"].as_array().expect("losses").iter().filter_map(Value::as_f64).collect();
        let part = Imitate {
            epochs: wanted.len() as f64,
            optimizer: OptimizerSettings { lr: Some(0.01), beta2: 0.999, weight_decay: 0.01, ..plain().optimizer },
            ..plain()
        };
        let base = networks::digest(&student.base.clone().merged());
        let (student, update) = learn(part, student, &lessons(&golden));
        for (step, wanted) in update.steps.iter().zip(&wanted) {
            assert!((step.loss - wanted).abs() < 1e-5, "{name}, step {}: {} is not {wanted}", step.step, step.loss);
        }
        assert_eq!(update.steps.len(), wanted.len());
        assert_eq!(networks::digest(&student.base.merged()), base);
    }
}

/// A step of plain descent at rate 1 is the gradient.
#[test]
fn gradients_are_those_of_torch() {
    for Case { name, golden, student } in cases() {
        let before = tensors(&student.decoder);
        let part = Imitate {
            epochs: 1.0,
            optimizer: OptimizerSettings {
                lr: Some(1.0),
                beta1: 0.0,
                weight_decay: 0.0,
                rule: Rule::Sgd,
                ..plain().optimizer
            },
            ..plain()
        };
        let after = tensors(&learn(part, student, &lessons(&golden)).0.decoder);
        let bytes = std::fs::read(Path::new(&name).join("gradients.safetensors")).expect("gradients");
        let file = SafeTensors::deserialize(&bytes).expect("tensors");
        assert_eq!(file.len(), before.len(), "{name}");
        for (tensor, view) in file.iter() {
            let wanted = view.data().as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four));
            let found = before[tensor].iter().zip(&after[tensor]).map(|(before, after)| before - after);
            let worst = found.zip(wanted).map(|(found, wanted)| (found - wanted).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-5, "{name}, {tensor}: {worst}");
        }
    }
}

fn fresh(dropout: f64) -> (Imitate, Student, Vec<Lesson>) {
    let case = cases().into_iter().find(|case| case.name.ends_with("phi3")).expect("a fused family");
    let part = Imitate {
        epochs: 3.0,
        lora: LoraSettings { rank: 3, dropout, ..plain().lora },
        optimizer: OptimizerSettings { lr: Some(0.02), ..plain().optimizer },
        ..plain()
    };
    let plain = case.student.decoder.merged();
    (part, Student::new(plain, case.student.device), lessons(&case.golden))
}

#[test]
fn only_the_adapter_learns_and_merging_keeps_what_it_learned() {
    let (part, student, lessons) = fresh(0.0);
    let base = student.decoder.clone();
    let (student, update) = learn(part, student, &lessons);
    assert!(update.steps[2].loss < update.steps[0].loss, "{:?}", update.steps);
    let (mut frozen, mut found) = (Vec::new(), Vec::new());
    let see = |weight: Weight<'_>| match weight {
        Weight::Vector(vector) => networks::values(vector),
        Weight::Matrix(matrix) | Weight::Table(matrix) => networks::values(matrix),
    };
    base.visit(&mut |_, weight| frozen.push(see(weight)));
    student.decoder.visit(&mut |_, weight| found.push(see(weight)));
    assert!(frozen == found, "the base model's weights are what they were");
    assert!(tensors(&student.decoder).values().flatten().any(|value| *value != 0.0));
    assert_ne!(networks::digest(&student.decoder.clone().merged()), networks::digest(&base));
}

#[test]
fn what_is_learned_for_one_input_is_gone_with_its_adapter() {
    let (part, student, lessons) = fresh(0.0);
    let before = networks::digest(&student.decoder);
    let adapted = |own: &[Lesson]| networks::digest(&learn(part.clone(), student.clone(), own).0.decoder);
    let (one, other) = (adapted(&lessons[..1]), adapted(&lessons[1..2]));
    assert!(one != other && one != before, "each input makes a model of its own");
    assert_eq!(adapted(&lessons[..1]), one, "which knows nothing of the inputs before it");
    assert_eq!(networks::digest(&student.decoder), before, "and the model is what it was");
}

#[test]
fn dropout_is_the_same_on_any_number_of_threads_and_in_any_cut_of_the_batch() {
    let losses = |threads: usize, micro_batch_tokens: usize, dropout: f64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let (part, student, lessons) = fresh(dropout);
        let part = Imitate { batch: BatchSettings { micro_tokens: micro_batch_tokens, ..part.batch }, ..part };
        pool.install(|| learn(part, student, &lessons).1.steps.iter().map(|step| step.loss).collect::<Vec<_>>())
    };
    let whole = losses(1, 8192, 0.5);
    assert_eq!(whole, losses(2, 8192, 0.5));
    let cut = losses(1, 10, 0.5);
    assert!(whole.iter().zip(&cut).all(|(one, other)| (one - other).abs() < 1e-5), "{whole:?} {cut:?}");
    let dry = losses(1, 8192, 0.0);
    assert_eq!(whole[0], dry[0], "B is zero before the first step");
    assert!((whole[2] - dry[2]).abs() > 1e-4, "{whole:?} {dry:?}");
}

#[test]
fn settings_that_make_no_adapter_are_refused() {
    let refused = |change: fn(Imitate) -> Imitate| {
        let (part, student, lessons) = fresh(0.0);
        let stage = Stage { round: 1, key: Key::root(2), progress: &Silent };
        LearnPart::Imitate(change(part)).build(student).learn(&stage, &lessons).expect_err("a fault").to_string()
    };
    assert!(
        refused(|part| Imitate { lora: LoraSettings { dropout: 1.0, ..part.lora }, ..part })
            .starts_with("lora.dropout is 1")
    );
    assert!(
        refused(|part| Imitate { lora: LoraSettings { alpha: -1.0, ..part.lora }, ..part })
            .starts_with("lora.alpha is -1")
    );
    assert!(
        refused(|part| Imitate { lora: LoraSettings { targets: "q_proj".into(), ..part.lora }, ..part })
            .contains("`q_proj`")
    );
    let case = cases().remove(0);
    let stage = Stage { round: 1, key: Key::root(2), progress: &Silent };
    let again = Imitate { lora: LoraSettings { rank: 4, ..plain().lora }, ..plain() };
    let fault = LearnPart::Imitate(again).build(case.student).learn(&stage, &lessons(&case.golden));
    assert!(fault.expect_err("it has one").to_string().contains("an adapter already"));
}
