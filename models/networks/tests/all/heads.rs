//! Folders whose configuration and weights do not agree about the head: it is the token table, or a
//! matrix of its own.

use std::collections::BTreeMap;

use networks::{Decoder, ModelFault};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::fixtures::{cpu, folder, log_probs};

const TABLE: &str = "model.embed_tokens.weight";
const HEAD: &str = "lm_head.weight";

/// A tied model's tensors, changed.
fn read(change: impl FnOnce(&mut BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>)) -> Result<Decoder, ModelFault> {
    let path = folder("qwen2");
    let bytes = std::fs::read(path.join("model.safetensors")).expect("weights");
    let file = SafeTensors::deserialize(&bytes).expect("weights");
    let tensors = file.tensors();
    let owned =
        |(name, view): (String, TensorView)| (name, (view.dtype(), view.shape().to_vec(), view.data().to_vec()));
    let mut tensors: BTreeMap<_, _> = tensors.into_iter().map(owned).collect();
    change(&mut tensors);
    let views = tensors.iter().map(|(name, (dtype, shape, data))| {
        (name.as_str(), TensorView::new(*dtype, shape.clone(), data).expect("a tensor"))
    });
    let bytes = safetensors::serialize(views, None).expect("bytes");
    networks::from_safetensors(networks::read_config(&path).expect("a configuration"), &bytes, &path, &cpu())
}

fn likelihoods(decoder: &Decoder) -> Vec<Vec<f32>> {
    log_probs(decoder, &[vec![1, 5, 9, 3, 7]])
}

#[test]
fn a_head_that_is_stored_beside_a_tied_table_counts_if_it_is_another() {
    let plain = read(|_| {}).expect("tied");
    assert!(plain.config.tie_word_embeddings && plain.head.is_none());
    let same = read(|tensors| drop(tensors.insert(HEAD.into(), tensors[TABLE].clone()))).expect("the same matrix");
    assert!(same.config.tie_word_embeddings && same.head.is_none());
    assert_eq!(likelihoods(&same), likelihoods(&plain));
    let other = read(|tensors| {
        let (dtype, shape, data) = tensors[TABLE].clone();
        assert_eq!(dtype, Dtype::BF16);
        // doubling a bf16 number is exact
        let doubled = data.as_chunks::<2>().0.iter().flat_map(|two| {
            let number = f32::from_bits(u32::from(u16::from_le_bytes(*two)) << 16);
            (((2.0 * number).to_bits() >> 16) as u16).to_le_bytes()
        });
        tensors.insert(HEAD.into(), (dtype, shape, doubled.collect()));
    });
    let other = other.expect("another matrix");
    assert!(!other.config.tie_word_embeddings && other.head.is_some());
    assert_ne!(likelihoods(&other), likelihoods(&plain));
    // What is saved says so, and is read back as it is.
    let files: BTreeMap<String, Vec<u8>> =
        networks::to_files(&other, networks::NumberFormat::F32).expect("files").into_iter().collect();
    let saved = tempfile::tempdir().expect("a folder");
    files.iter().for_each(|(name, bytes)| std::fs::write(saved.path().join(name), bytes).expect("written"));
    let again = networks::from_folder(saved.path(), &cpu()).expect("read back");
    assert_eq!((likelihoods(&again), networks::digest(&again)), (likelihoods(&other), networks::digest(&other)));
}

#[test]
fn a_head_alone_is_the_table_too() {
    let plain = read(|_| {}).expect("tied");
    let alone = read(|tensors| {
        let table = tensors.remove(TABLE).expect("the table");
        tensors.insert(HEAD.into(), table);
    });
    assert_eq!(likelihoods(&alone.expect("one tensor")), likelihoods(&plain));
    let none = read(|tensors| drop(tensors.remove(TABLE))).expect_err("neither");
    assert!(none.to_string().contains(TABLE), "{none}");
}

#[test]
fn a_head_of_another_shape_is_refused() {
    let fault = read(|tensors| {
        let (dtype, shape, data) = tensors[TABLE].clone();
        let longer = [data.clone(), data[..2 * shape[1]].to_vec()].concat();
        tensors.insert(HEAD.into(), (dtype, vec![shape[0] + 1, shape[1]], longer));
    });
    assert!(matches!(fault.expect_err("refused"), ModelFault::Shape { name, .. } if name == HEAD));
}
