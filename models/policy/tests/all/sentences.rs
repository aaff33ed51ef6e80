//! Texts to vectors as transformers gives them: see `golden/encoder.py`.

use std::path::PathBuf;

use nouns::Silent;
use policy::Sentences;

#[test]
fn texts_are_put_where_transformers_puts_them() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../networks/tests/encoder");
    let text = std::fs::read_to_string(folder.join("golden.json")).expect("numbers");
    let golden: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let texts: Vec<String> = serde_json::from_value(golden["texts"].clone()).expect("texts");
    let wanted: Vec<Vec<f32>> = serde_json::from_value(golden["embeddings"].clone()).expect("vectors");
    let device = networks::device(networks::DeviceKind::Cpu).expect("a processor");
    let found = Sentences::open(&folder, &device).expect("an encoder").embed(&texts, &Silent).expect("vectors");
    for ((text, found), wanted) in texts.iter().zip(&found).zip(&wanted) {
        let worst = found.iter().zip(wanted).map(|(f, w)| (f - w).abs()).fold(0.0, f32::max);
        assert!(found.len() == wanted.len() && worst < 1e-4, "{text:?}: {worst}");
    }
}
