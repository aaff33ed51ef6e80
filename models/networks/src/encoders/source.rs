//! The tensors of an encoder's folder.

use std::path::Path;

use burn::tensor::{Device, Tensor};

use super::norm::LayerNorm;
use crate::ModelFault;
use crate::files::Files;
use crate::load::straight;

/// What names begin with in files of a model with a head.
const PREFIX: &str = "bert.";
/// Tensors that are not of the encoder: a head of another use, and a buffer of old files.
const LEFT_OUT: [&str; 3] = ["pooler.", "cls.", "embeddings.position_ids"];

/// The tensors of a folder, by their names without a prefix.
pub(super) struct Source<'a> {
    files: Files<'static>,
    prefix: &'static str,
    device: &'a Device,
    used: Vec<String>,
}

impl<'a> Source<'a> {
    pub(super) fn open(folder: &Path, device: &'a Device) -> Result<Source<'a>, ModelFault> {
        let files = Files::open(folder)?;
        let prefix = if files.names().any(|name| name.starts_with(PREFIX)) { PREFIX } else { "" };
        Ok(Source { files, prefix, device, used: Vec::new() })
    }

    /// A tensor's numbers, in rows.
    fn read(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelFault> {
        let name = format!("{}{name}", self.prefix);
        let found = self.files.shape(&name)?;
        if found != shape {
            return Err(ModelFault::Shape { found: found.to_vec(), wanted: shape.to_vec(), name });
        }
        let width = shape.iter().skip(1).product();
        let numbers = straight(&mut self.files, &name, (0, shape[0]), width);
        self.used.push(name);
        numbers
    }

    pub(super) fn table(&mut self, name: &str, shape: [usize; 2]) -> Result<Tensor<2>, ModelFault> {
        let numbers = self.read(&format!("{name}.weight"), &shape)?;
        Ok(kernels::from_vec(numbers, shape, self.device))
    }

    /// A vector, such as a bias. `[width]`
    fn vector(&mut self, name: &str, width: usize) -> Result<Tensor<1>, ModelFault> {
        Ok(kernels::from_vec(self.read(name, &[width])?, [width], self.device))
    }

    pub(super) fn norm(&mut self, name: &str, width: usize, eps: f32) -> Result<LayerNorm, ModelFault> {
        let gain = self.vector(&format!("{name}.weight"), width)?;
        Ok(LayerNorm { gain, bias: self.vector(&format!("{name}.bias"), width)?, eps })
    }

    /// A map's weights, `[in, out]`, and its bias.
    pub(super) fn linear(
        &mut self,
        name: &str,
        [inputs, outputs]: [usize; 2],
    ) -> Result<(Tensor<2>, Tensor<1>), ModelFault> {
        let rows = self.read(&format!("{name}.weight"), &[outputs, inputs])?;
        let mut transposed = vec![0.0; rows.len()];
        kernels::slices::transpose(&rows, outputs, inputs, &mut transposed);
        let weight = kernels::from_vec(transposed, [inputs, outputs], self.device);
        Ok((weight, self.vector(&format!("{name}.bias"), outputs)?))
    }

    pub(super) fn refuse_unused(&self) -> Result<(), ModelFault> {
        let known = |name: &str| {
            let bare = name.strip_prefix(self.prefix).unwrap_or(name);
            self.used.iter().any(|used| used == name) || LEFT_OUT.iter().any(|start| bare.starts_with(start))
        };
        match self.files.names().find(|name| !known(name)) {
            Some(unknown) => Err(ModelFault::ExtraTensor(unknown.to_owned())),
            None => Ok(()),
        }
    }
}
