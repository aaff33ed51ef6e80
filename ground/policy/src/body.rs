//! The model as the engine asks it: laid out for the processor, or as tensors of another device.

use burn::tensor::Device;
use kernels::slices::PageShape;
use models::{Config, Decoder, Head, Processor, Sharing};

use crate::flight::{Flight, Paged, PagedTensors, Row};

/// Whatever computes hidden states.
pub(crate) enum Body {
    /// This machine's processor.
    Here(Box<Processor>),
    /// Another device.
    There { decoder: Box<Decoder>, device: Device, head: Head },
}

impl Body {
    pub(crate) fn new(decoder: &Decoder, device: &Device) -> Body {
        match kernels::with_slice(&decoder.embedding, |_| ()) {
            Some(()) => Body::Here(Box::new(Processor::new(decoder))),
            None => {
                let head = Head::new(decoder);
                Body::There { decoder: Box::new(decoder.clone()), device: device.clone(), head }
            }
        }
    }

    pub(crate) fn config(&self) -> &Config {
        match self {
            Body::Here(processor) => processor.config(),
            Body::There { decoder, .. } => &decoder.config,
        }
    }

    pub(crate) fn head(&self) -> &Head {
        match self {
            Body::Here(processor) => processor.head(),
            Body::There { head, .. } => head,
        }
    }

    /// How a step of so many rows is best computed: in how many parts of flights, and how many threads for each. Changes no bit.
    pub(crate) fn parts(&self, rows: usize, flights: usize) -> (usize, Sharing) {
        /// Bytes of matrices that stay in a core's own cache.
        const NEAR: usize = 1 << 20;
        let threads = rayon::current_num_threads();
        let Body::Here(processor) = self else { return (1, Sharing::Together) };
        let bytes = processor.bytes();
        // Each thread reads all matrices for its own rows; the farther they are, the more rows are needed to make up for it.
        let enough = (bytes / NEAR).clamp(2, 16);
        match () {
            () if threads > 1 && flights >= threads && rows >= threads * enough => (threads, Sharing::Alone),
            () if threads > 1 && bytes > NEAR => (1, Sharing::Together),
            () => (1, Sharing::Alone),
        }
    }

    /// The last hidden state of every row: `[rows, width]`.
    pub(crate) fn hidden(
        &self,
        shape: &PageShape,
        flights: &mut [Flight],
        rows: &[Row],
        ids: &[u32],
        sharing: Sharing,
    ) -> Vec<f32> {
        let positions: Vec<u32> = rows.iter().map(|row| row.position as u32).collect();
        let mut paged = Paged { shape, config: self.config(), flights, rows, sharing };
        match self {
            Body::Here(processor) => processor.hidden(ids, &positions, &mut paged, sharing),
            Body::There { decoder, device, .. } => {
                models::values(&decoder.hidden(ids.into(), positions.into(), &mut PagedTensors { paged, device }))
            }
        }
    }
}
