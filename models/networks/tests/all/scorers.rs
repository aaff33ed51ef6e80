//! Models that score: the numbers of transformers, and what is written is read again.

use std::path::{Path, PathBuf};

use networks::{Decoder, NumberFormat, Packed, ScoreHead, ScoreKind};

use crate::fixtures::{close, cpu, folders, ids, numbers, recorded};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scorers").join(name)
}

fn scores(decoder: &Decoder, sequence: &[u32]) -> Vec<f32> {
    let packed = Packed::of(std::iter::once(sequence.to_vec()));
    networks::values(&decoder.scores(packed.hidden(decoder)).expect("a score head"))
}

/// The decoder as it is read back from the bytes that it is written as.
fn written(decoder: &Decoder) -> Decoder {
    let files = networks::to_files(decoder, NumberFormat::F32).expect("files");
    let named = |name: &str| &files.iter().find(|(file, _)| file == name).expect("a file").1;
    let config = std::str::from_utf8(named("config.json")).expect("text");
    let config = networks::Config::from_json(config).expect("a configuration");
    networks::from_safetensors(config, named("model.safetensors"), Path::new("written"), &cpu()).expect("a model")
}

#[test]
fn scores_are_those_of_transformers_also_after_writing() {
    for (name, kind, outputs) in [("reward", ScoreKind::Sequence, 1), ("process", ScoreKind::Token, 2)] {
        let (decoder, golden) =
            (networks::from_folder(&folder(name), &cpu()).expect("a model"), recorded(&folder(name)));
        let head = decoder.config.scores.expect("a score head");
        assert_eq!((head.kind, head.outputs, decoder.head.is_none()), (kind, outputs, true));
        for decoder in [written(&decoder), decoder] {
            for (row, sequence) in golden["input_ids"].as_array().expect("sequences").iter().enumerate() {
                let wanted = golden["scores"][row].as_array().expect("rows").iter().flat_map(numbers);
                let found = scores(&decoder, &ids(sequence));
                close(&found, &wanted.collect::<Vec<_>>(), name);
                if name == "reward" {
                    close(&found[found.len() - 1..], &numbers(&golden["pooled"][row]), "at the last token");
                }
            }
        }
    }
}

#[test]
fn a_policy_of_any_family_gains_a_head_and_keeps_its_own() {
    for folder in folders() {
        let plain = networks::from_folder(&folder, &cpu()).expect("a model");
        let what = folder.display().to_string();
        let policy = written(&plain.clone().with_scores(ScoreHead::VALUE, &cpu()).expect("a head"));
        assert_eq!(policy.config.scores, Some(ScoreHead::VALUE), "{what}");
        assert_eq!(policy.head.is_some(), plain.head.is_some(), "{what}");
        let architecture = |decoder: &Decoder| decoder.config.to_json(NumberFormat::F32)["architectures"].clone();
        assert_eq!(architecture(&policy), architecture(&plain), "{what}: it is still a policy");
        let scorer = plain.with_scores(ScoreHead::REWARD, &cpu()).expect("a head");
        assert!(scorer.head.is_none(), "{what}: it speaks no more");
        let again = written(&scorer);
        assert_eq!(networks::digest(&again), networks::digest(&scorer), "{what}");
        assert_eq!(scores(&again, &[3, 4]), [0.0, 0.0], "{what}: it says nothing yet");
    }
}

#[test]
fn a_head_of_another_size_is_refused() {
    let decoder = networks::from_folder(&folder("process"), &cpu()).expect("a model");
    let refused = decoder.clone().with_scores(ScoreHead::per_token(3), &cpu()).expect_err("three of two");
    assert_eq!(refused.to_string(), "the model's head gives 2 scores where 3 are wanted");
    assert_eq!(
        networks::digest(&decoder.clone().with_scores(ScoreHead::per_token(2), &cpu()).expect("its own")),
        networks::digest(&decoder)
    );
}
