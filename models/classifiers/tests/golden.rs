//! Folders, probabilities and training beside PyTorch's, by `golden/classifier.py`.

use std::path::Path;

use classifiers::{Classifier, Labelled, Training, train};
use nouns::Key;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/golden.json")).expect("the numbers are JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn folder(name: &str) -> Classifier {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    Classifier::from_folder(&path).expect("a folder that PyTorch's weights were saved in")
}

fn examples(golden: &Value) -> Vec<Labelled> {
    let rows = golden["rows"].as_array().expect("rows").iter();
    let pairs = numbers(&golden["classes"]).into_iter().zip(numbers(&golden["weights"]));
    rows.zip(pairs)
        .map(|(row, (class, weight))| Labelled { features: numbers(row), class: class as usize, weight })
        .collect()
}

fn near(found: f64, wanted: f64, within: f64, what: &str) {
    assert!((found - wanted).abs() <= within * wanted.abs().max(1.0), "{what}: {found} and not {wanted}");
}

#[test]
fn probabilities_are_those_of_pytorch() {
    let golden = golden();
    for name in ["linear", "hidden"] {
        let model = folder(name);
        for (row, wanted) in examples(&golden).iter().zip(golden[name]["before"].as_array().expect("rows")) {
            let found = model.probabilities(&row.features).expect("they fit");
            for (found, wanted) in found.iter().zip(numbers(wanted)) {
                near(*found, wanted, 1e-12, name);
            }
        }
    }
}

/// A whole batch a step, so that the order of the examples does not matter.
#[test]
fn ten_steps_are_those_of_pytorch() {
    let golden = golden();
    let (rows, number) = (examples(&golden), |name: &str| golden[name].as_f64().expect("a number"));
    for name in ["linear", "hidden"] {
        let wanted = &golden[name];
        let how = Training { epochs: 10, batch: rows.len(), lr: number("lr"), weight_decay: number("weight_decay") };
        let (learned, steps) = train(&folder(name), &rows, &how, &Key::root(0)).expect("learned");
        let pairs = numbers(&wanted["losses"]).into_iter().zip(numbers(&wanted["norms"]));
        for (step, (loss, norm)) in steps.iter().zip(pairs) {
            // Weights are rounded to f32 after every step, PyTorch's are not.
            near(step.loss, loss, 1e-6, "loss");
            near(step.grad_norm, norm, 1e-6, "gradient norm");
        }
        for (layer, found) in ["classifier", "hidden"].iter().zip(learned.layers.iter().rev()) {
            for (kind, found) in [("weight", &found.weight), ("bias", &found.bias)] {
                for (found, wanted) in found.iter().zip(numbers(&wanted["after"][format!("{layer}.{kind}")])) {
                    near(f64::from(*found), wanted, 1e-6, layer);
                }
            }
        }
    }
}
