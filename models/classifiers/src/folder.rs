//! The folder of a classifier.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::classifier::{Classifier, Layer, Shape};
use crate::fault::ClassifierFault;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
/// What a `config.json` calls this kind of model.
const KIND: &str = "feature-classifier";
/// The names of the layers, from the outputs' backwards.
const LAYERS: [&str; 2] = ["classifier", "hidden"];

#[derive(Serialize, Deserialize)]
struct Config {
    model_type: String,
    num_features: usize,
    hidden_size: usize,
    id2label: BTreeMap<usize, String>,
}

impl Classifier {
    /// The files of its folder, by name.
    pub fn to_files(&self) -> Vec<(String, Vec<u8>)> {
        let config = Config {
            model_type: KIND.into(),
            num_features: self.shape.features,
            hidden_size: self.shape.hidden,
            id2label: self.shape.labels.iter().cloned().enumerate().collect(),
        };
        let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = vec![
            ("features.mean".into(), vec![self.mean.len()], bytes(&self.mean)),
            ("features.deviation".into(), vec![self.deviation.len()], bytes(&self.deviation)),
        ];
        for (name, layer) in LAYERS.iter().zip(self.layers.iter().rev()) {
            let (out, all) = (layer.bias.len(), layer.weight.len());
            tensors.push((format!("{name}.weight"), vec![out, all / out.max(1)], bytes(&layer.weight)));
            tensors.push((format!("{name}.bias"), vec![out], bytes(&layer.bias)));
        }
        let views = tensors.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes).expect("shapes are those of their bytes");
            (name.as_str(), view)
        });
        let format = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        let weights = safetensors::serialize(views, Some(format)).expect("tensors in memory can be written");
        let config = serde_json::to_vec_pretty(&config).expect("numbers and texts can be written");
        vec![(CONFIG.into(), config), (WEIGHTS.into(), weights)]
    }

    /// Whether a folder's `config.json` says that it holds a classifier.
    pub fn is_in(folder: &Path) -> bool {
        read_config(&folder.join(CONFIG)).is_ok()
    }

    /// Reads a folder.
    pub fn from_folder(folder: &Path) -> Result<Classifier, ClassifierFault> {
        let config = read_config(&folder.join(CONFIG))?;
        let path = folder.join(WEIGHTS);
        let bytes =
            std::fs::read(&path).map_err(|source| ClassifierFault::Unreadable { path: path.clone(), source })?;
        let malformed = |why: String| ClassifierFault::Malformed { path: path.clone(), why };
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| malformed(error.to_string()))?;
        let shape = Shape {
            features: config.num_features,
            hidden: config.hidden_size,
            labels: config.id2label.into_values().collect(),
        };
        let numbers = |name: &str, wanted: &[usize]| -> Result<Vec<f32>, ClassifierFault> {
            let tensor = tensors.tensor(name).map_err(|error| malformed(error.to_string()))?;
            if tensor.dtype() != Dtype::F32 || tensor.shape() != wanted {
                let (dtype, shape) = (tensor.dtype(), tensor.shape());
                return Err(malformed(format!("`{name}` is {dtype:?} {shape:?}, not F32 {wanted:?}")));
            }
            let numbers =
                tensor.data().chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
            let numbers: Vec<f32> = numbers.collect();
            match numbers.iter().all(|number| number.is_finite()) {
                true => Ok(numbers),
                false => Err(malformed(format!("`{name}` has values that are no finite numbers"))),
            }
        };
        let sizes = shape.sizes();
        let mut layers = Vec::new();
        for (name, pair) in LAYERS.iter().zip(sizes.windows(2).rev()) {
            let weight = numbers(&format!("{name}.weight"), &[pair[1], pair[0]])?;
            layers.insert(0, Layer { weight, bias: numbers(&format!("{name}.bias"), &[pair[1]])? });
        }
        let mean = numbers("features.mean", &[shape.features])?;
        let deviation = numbers("features.deviation", &[shape.features])?;
        if deviation.iter().any(|&deviation| deviation <= 0.0) {
            return Err(malformed("`features.deviation` has values that are not above 0".into()));
        }
        Ok(Classifier { shape, mean, deviation, layers })
    }
}

fn read_config(path: &Path) -> Result<Config, ClassifierFault> {
    let text = std::fs::read(path).map_err(|source| ClassifierFault::Unreadable { path: path.to_owned(), source })?;
    let malformed = |why: String| ClassifierFault::Malformed { path: PathBuf::from(path), why };
    let config: Config = serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
    if config.model_type != KIND {
        return Err(malformed(format!("its `model_type` is `{}`, not `{KIND}`", config.model_type)));
    }
    let numbered = config.id2label.keys().copied().eq(0..config.id2label.len());
    match numbered && config.num_features > 0 && config.id2label.len() > 1 {
        true => Ok(config),
        false => Err(malformed("it needs features, and two labels or more, numbered from 0".into())),
    }
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use nouns::Key;

    use super::*;

    fn saved(hidden: usize) -> (tempfile::TempDir, Classifier) {
        let shape = Shape { features: 3, hidden, labels: vec!["no".into(), "yes".into()] };
        let rows = [[1.0, 2.0, 3.0], [2.0, 0.0, 3.0]];
        let model = Classifier::random(shape, rows.iter().map(|row| &row[..]), &Key::root(4));
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in model.to_files() {
            std::fs::write(folder.path().join(name), bytes).expect("written");
        }
        (folder, model)
    }

    #[test]
    fn a_folder_gives_back_what_was_written() {
        for hidden in [0, 5] {
            let (folder, model) = saved(hidden);
            assert_eq!(Classifier::from_folder(folder.path()).expect("read"), model);
        }
    }

    #[test]
    fn what_is_no_classifier_is_refused_with_the_reason() {
        let (folder, _) = saved(5);
        let config = folder.path().join(CONFIG);
        let good = std::fs::read_to_string(&config).expect("text");
        for (from, to, said) in [
            ("\"hidden_size\": 5", "\"hidden_size\": 4", "`classifier.weight` is F32 [2, 5], not F32 [2, 4]"),
            (KIND, "llama", "its `model_type` is `llama`"),
            ("\"1\": \"yes\"", "\"7\": \"yes\"", "numbered from 0"),
        ] {
            std::fs::write(&config, good.replace(from, to)).expect("written");
            let refused = Classifier::from_folder(folder.path()).expect_err(said);
            assert!(refused.to_string().contains(said), "{refused}");
        }
    }
}
