//! What every family promises: what is saved is what was loaded, under the family's names, in words
//! that both dialects read.

use std::collections::BTreeMap;
use std::path::Path;

use networks::{Config, Decoder, NumberFormat, Weight, WeightMut};
use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::fixtures::{cpu, decoder, folder, folders, ids, log_probs};

/// A folder's tensors: name to shape and bytes.
fn tensors(folder: &Path) -> BTreeMap<String, (Vec<usize>, Vec<u8>)> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|kind| kind == "safetensors") {
            let bytes = std::fs::read(&path).expect("a file");
            let file = SafeTensors::deserialize(&bytes).expect("tensors");
            all.extend(file.iter().map(|(name, t)| (name.to_owned(), (t.shape().to_vec(), t.data().to_vec()))));
        }
    }
    all
}

fn stored_as(folder: &Path) -> NumberFormat {
    let config: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("config.json")).expect("a file")).expect("JSON");
    match config["dtype"].as_str().or(config["torch_dtype"].as_str()) {
        Some("bfloat16") => NumberFormat::Bf16,
        Some("float16") => NumberFormat::F16,
        _ => NumberFormat::F32,
    }
}

fn saved(decoder: &Decoder, format: NumberFormat) -> BTreeMap<String, Vec<u8>> {
    networks::to_files(decoder, format).expect("files").into_iter().collect()
}

/// A folder of ours, read again.
fn reread(files: &BTreeMap<String, Vec<u8>>) -> Decoder {
    let config = Config::from_json(&String::from_utf8_lossy(&files["config.json"])).expect("a configuration");
    networks::from_safetensors(config, &files["model.safetensors"], Path::new("saved"), &cpu()).expect("a model")
}

#[test]
fn saving_in_the_format_of_the_file_gives_its_tensors_byte_for_byte() {
    for folder in folders() {
        let decoder = networks::from_folder(&folder, &cpu()).expect("a model");
        let files = saved(&decoder, stored_as(&folder));
        let ours = SafeTensors::deserialize(&files["model.safetensors"]).expect("tensors");
        let ours = ours.iter().map(|(name, t)| (name.to_owned(), (t.shape().to_vec(), t.data().to_vec()))).collect();
        assert!(tensors(&folder) == ours, "{}", folder.display());
    }
}

#[test]
fn what_is_saved_is_read_again_as_the_same_model() {
    for folder in folders() {
        let first = networks::from_folder(&folder, &cpu()).expect("a model");
        let again = reread(&saved(&first, NumberFormat::F32));
        assert_eq!(networks::digest(&first), networks::digest(&again), "{}", folder.display());
        let shape = |config: &Config| Config { source: serde_json::Map::new(), ..config.clone() };
        assert_eq!(shape(&first.config), shape(&again.config), "{}", folder.display());
        let once_more = reread(&saved(&again, NumberFormat::F32));
        assert_eq!(once_more.config, again.config, "{}", folder.display());
        assert_eq!(log_probs(&first, &[vec![1, 5, 9, 12]]), log_probs(&again, &[vec![1, 5, 9, 12]]));
    }
}

#[test]
fn sixteen_bits_are_the_nearest() {
    let first = decoder(&folder("gpt2-untied"));
    for (format, near) in [(NumberFormat::Bf16, 4e-3), (NumberFormat::F16, 5e-4)] {
        let again = reread(&saved(&first, format));
        let mut values = Vec::new();
        first.visit(&mut |_, weight| values.push(of(&weight)));
        let mut values = values.into_iter();
        again.visit(&mut |name, weight| {
            for (a, b) in values.next().expect("as many weights").iter().zip(of(&weight)) {
                assert!((a - b).abs() <= near * a.abs() + 6e-8, "{name}: {a} became {b}");
            }
        });
    }
}

fn of(weight: &Weight<'_>) -> Vec<f32> {
    match weight {
        Weight::Vector(vector) => networks::values(vector),
        Weight::Matrix(matrix) | Weight::Table(matrix) => networks::values(matrix),
    }
}

/// Both dialects say the same: what stands in one only is read the same from a file that has lost
/// it.
#[test]
fn either_dialect_of_what_is_saved_says_the_same() {
    let version_5 = ["dtype", "rope_parameters", "layer_types"];
    let version_4 = ["torch_dtype", "rope_theta", "rope_scaling", "rope_local_base_freq", "partial_rotary_factor"];
    for folder in folders() {
        let first = networks::read_config(&folder).expect("a configuration");
        for lost in [&version_5[..2], &version_4[..]] {
            let mut json = first.to_json(NumberFormat::F32);
            lost.iter().for_each(|key| _ = json.as_object_mut().expect("an object").remove(*key));
            let again = Config::from_json(&json.to_string()).expect("a configuration");
            let shape = |config: &Config| Config { source: serde_json::Map::new(), ..config.clone() };
            assert_eq!(shape(&first), shape(&again), "{} without {lost:?}", folder.display());
        }
    }
}

#[test]
fn fields_that_nobody_knows_go_out_as_they_came_in() {
    let text = std::fs::read_to_string(folder("qwen3").join("config.json")).expect("a file");
    let mut json: Value = serde_json::from_str(&text).expect("JSON");
    json["a_field_of_tomorrow"] = json!({ "deep": [1, 2.5, null] });
    let config = Config::from_json(&json.to_string()).expect("a configuration");
    assert_eq!(config.to_json(NumberFormat::Bf16)["a_field_of_tomorrow"], json["a_field_of_tomorrow"]);
}

#[test]
fn parameters_are_counted_without_making_them() {
    for folder in folders() {
        let decoder = networks::from_folder(&folder, &cpu()).expect("a model");
        let mut found = 0;
        decoder.visit(&mut |_, weight| found += of(&weight).len() as u64);
        assert_eq!(decoder.config.parameters(), found, "{}", folder.display());
    }
}

#[test]
fn weights_are_replaced_in_the_order_in_which_they_are_shown() {
    for folder in folders() {
        let mut decoder = networks::from_folder(&folder, &cpu()).expect("a model");
        let (mut shown, mut replaced) = (Vec::new(), Vec::new());
        decoder.visit(&mut |_, weight| shown.push(of(&weight)));
        decoder.map(&mut |weight| {
            replaced.push(match weight {
                WeightMut::Vector(vector) => networks::values(vector),
                WeightMut::Matrix(matrix) => networks::values(matrix),
            });
        });
        assert!(shown == replaced, "{}", folder.display());
    }
}

/// Files of GPT-2 on the hub are of the model without its head: no name begins with `transformer.`,
/// and buffers lie among the weights.
#[test]
fn a_file_without_its_prefix_and_with_old_buffers_is_read() {
    let place = folder("gpt2");
    let bytes = std::fs::read(place.join("model.safetensors")).expect("a file");
    let file = SafeTensors::deserialize(&bytes).expect("tensors");
    let views = file.iter().map(|(name, view)| (name.replace("transformer.", ""), view));
    let mask = safetensors::tensor::TensorView::new(safetensors::Dtype::U8, vec![1], &[0]).expect("a view");
    let views = views.chain([("h.0.attn.bias".to_owned(), mask)]);
    let bare = safetensors::serialize(views.collect::<Vec<_>>(), None).expect("bytes");
    let config = networks::read_config(&place).expect("a configuration");
    let again = networks::from_safetensors(config, &bare, &place, &cpu()).expect("a model");
    assert_eq!(networks::digest(&again), networks::digest(&decoder(&place)));
}

/// Rows see the same whatever is packed beside them: windows and caps are within a sequence.
#[test]
fn sequences_do_not_see_one_another() {
    for folder in folders() {
        let decoder = decoder(&folder);
        let golden = crate::fixtures::recorded(&folder);
        let sequences: Vec<Vec<u32>> = golden["input_ids"].as_array().expect("sequences").iter().map(ids).collect();
        let together = log_probs(&decoder, &sequences);
        for (sequence, together) in sequences.into_iter().zip(together) {
            assert_eq!(log_probs(&decoder, &[sequence]), [together], "{}", folder.display());
        }
    }
}
