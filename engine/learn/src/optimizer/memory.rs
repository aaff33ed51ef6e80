//! What an optimizer remembers, as a file: so that a training goes on to the bit where another left it.

use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::fault::LearnFault;

/// What is remembered of one weight; lists that a rule does not need are empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Memory {
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
}

/// What an optimizer remembers of every weight, in the decoder's order, and how many steps it has taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memories {
    pub(super) steps: u32,
    pub(super) of: Vec<Memory>,
}

/// The name of the number of steps among the file's facts.
const STEPS: &str = "steps";

impl Memories {
    /// A safetensors file: `NUMBER.first` and `NUMBER.second` of every weight.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        let mut tensors: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (number, Memory { first, second }) in self.of.iter().enumerate() {
            tensors.insert(format!("{number}.first"), bytes(first));
            tensors.insert(format!("{number}.second"), bytes(second));
        }
        let view = |(name, bytes)| {
            let bytes: &Vec<u8> = bytes;
            (name, TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes).expect("four bytes a number"))
        };
        let facts = [(STEPS.to_owned(), self.steps.to_string())].into();
        safetensors::serialize(tensors.iter().map(view), Some(facts)).expect("names that differ")
    }

    /// Reads that file back.
    pub fn from_bytes(bytes: &[u8]) -> Result<Memories, LearnFault> {
        let bad = |why: String| LearnFault::Memories { why };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|why| bad(why.to_string()))?;
        let steps = header.metadata().as_ref().and_then(|facts| facts.get(STEPS)?.parse().ok());
        let steps = steps.ok_or_else(|| bad("it does not say how many steps were taken".into()))?;
        let file = SafeTensors::deserialize(bytes).map_err(|why| bad(why.to_string()))?;
        let numbers = |name: String| {
            let tensor = file.tensor(&name).map_err(|why| bad(why.to_string()))?;
            match tensor.dtype() {
                Dtype::F32 => {
                    Ok(tensor.data().as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect())
                }
                other => Err(bad(format!("`{name}` is stored as {other:?}"))),
            }
        };
        let memory = |number: usize| {
            Ok(Memory { first: numbers(format!("{number}.first"))?, second: numbers(format!("{number}.second"))? })
        };
        Ok(Memories { steps, of: (0..file.len() / 2).map(memory).collect::<Result<_, LearnFault>>()? })
    }

    /// Whether these are memories of weights of these sizes; those of weights that never moved are empty.
    pub(crate) fn fit(&self, sizes: &[usize]) -> bool {
        let fits = |(memory, size): (&Memory, &usize)| memory.first.len() <= *size && memory.second.len() <= *size;
        self.of.is_empty() || self.of.len() == sizes.len() && self.of.iter().zip(sizes).all(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_comes_back_to_the_bit() {
        let memory = |n: usize| Memory { first: vec![1.0 / 3.0; n], second: vec![f32::MIN_POSITIVE; 2 * n] };
        let memories = Memories { steps: 7, of: (0..12).map(memory).collect() };
        assert_eq!(Memories::from_bytes(&memories.to_bytes()).expect("its own"), memories);
        assert!(Memories::from_bytes(&memories.to_bytes()[..40]).is_err());
        assert!(!memories.fit(&[1]) && Memories::default().fit(&[1]));
    }
}
