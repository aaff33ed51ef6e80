//! Optimizer state, and its file: so that a training goes on to the bit where another left it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::fault::LearnFault;

/// The state of one weight: first and second moments; lists that a rule does not need are empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct WeightState {
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
}

/// The same, where the weight lies.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one for each weight, which is larger by far")]
pub(super) enum Kept {
    /// In this process's memory.
    Here(WeightState),
    /// On another device, in one row each: the first moment and the second.
    There([Tensor<1>; 2]),
}

impl Default for Kept {
    fn default() -> Kept {
        Kept::Here(WeightState::default())
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Kept) -> bool {
        self.read() == other.read()
    }
}

impl Kept {
    /// The state.
    fn read(&self) -> Cow<'_, WeightState> {
        match self {
            Kept::Here(state) => Cow::Borrowed(state),
            Kept::There([first, second]) => {
                Cow::Owned(WeightState { first: networks::values(first), second: networks::values(second) })
            }
        }
    }

    /// The same in this process's memory, from now on.
    pub(super) fn here(&mut self) -> &mut WeightState {
        if let Kept::There(_) = self {
            *self = Kept::Here(self.read().into_owned());
        }
        match self {
            Kept::Here(state) => state,
            Kept::There(_) => unreachable!("it was brought here"),
        }
    }

    /// Both moments on a device, of a weight of `len` numbers: zeros before the first step.
    pub(super) fn there(&self, len: usize, device: &Device) -> [Tensor<1>; 2] {
        let moment = |numbers: &Vec<f32>| match numbers.is_empty() {
            true => Tensor::zeros([len], device),
            false => kernels::from_vec(numbers.clone(), [len], device),
        };
        match self {
            Kept::There(moments) => moments.clone(),
            Kept::Here(WeightState { first, second }) => [first, second].map(moment),
        }
    }

    /// How many numbers the longer list has.
    fn len(&self) -> usize {
        match self {
            Kept::Here(WeightState { first, second }) => first.len().max(second.len()),
            Kept::There([first, _]) => first.dims()[0],
        }
    }
}

/// Optimizer state: the moments of every weight, in the decoder's order, and the steps taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptimizerState {
    pub(super) steps: u32,
    pub(super) of: Vec<Kept>,
}

/// The name of the number of steps among the file's facts.
const STEPS: &str = "steps";

impl OptimizerState {
    /// A safetensors file: `NUMBER.first` and `NUMBER.second` of every weight.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        let mut tensors: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (number, kept) in self.of.iter().enumerate() {
            let state = kept.read();
            tensors.insert(format!("{number}.first"), bytes(&state.first));
            tensors.insert(format!("{number}.second"), bytes(&state.second));
        }
        let view = |(name, bytes)| {
            let bytes: &Vec<u8> = bytes;
            (name, TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes).expect("four bytes a number"))
        };
        let facts = [(STEPS.to_owned(), self.steps.to_string())].into();
        safetensors::serialize(tensors.iter().map(view), Some(facts)).expect("names that differ")
    }

    /// Reads that file back.
    pub fn from_bytes(bytes: &[u8]) -> Result<OptimizerState, LearnFault> {
        let bad = |why: String| LearnFault::OptimizerState { why };
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
        let state = |number: usize| {
            let (first, second) = (numbers(format!("{number}.first"))?, numbers(format!("{number}.second"))?);
            Ok(Kept::Here(WeightState { first, second }))
        };
        Ok(OptimizerState { steps, of: (0..file.len() / 2).map(state).collect::<Result<_, LearnFault>>()? })
    }

    /// Whether this is the state of weights of these sizes; those of weights that never moved are
    /// empty.
    pub(crate) fn fit(&self, sizes: &[usize]) -> bool {
        let fits = |(kept, size): (&Kept, &usize)| kept.len() <= *size;
        self.of.is_empty() || self.of.len() == sizes.len() && self.of.iter().zip(sizes).all(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_comes_back_to_the_bit() {
        let state =
            |n: usize| Kept::Here(WeightState { first: vec![1.0 / 3.0; n], second: vec![f32::MIN_POSITIVE; 2 * n] });
        let state = OptimizerState { steps: 7, of: (0..12).map(state).collect() };
        assert_eq!(OptimizerState::from_bytes(&state.to_bytes()).expect("its own"), state);
        assert!(OptimizerState::from_bytes(&state.to_bytes()[..40]).is_err());
        assert!(!state.fit(&[1]) && OptimizerState::default().fit(&[1]));
    }
}
