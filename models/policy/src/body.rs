//! How a step of the engine is shared among the processor's threads.

use kernels::slices::PageShape;
use networks::{Config, Decoder, Head, Processor, Sharing};

use crate::sequence::{Paged, Row, Sequence};

/// The model as the engine runs it, its weights laid out for the processor.
pub(crate) struct Body {
    processor: Processor,
}

impl Body {
    pub(crate) fn new(decoder: &Decoder) -> Body {
        Body { processor: Processor::new(decoder) }
    }

    pub(crate) fn config(&self) -> &Config {
        self.processor.config()
    }

    pub(crate) fn head(&self) -> &Head {
        self.processor.head()
    }

    /// How a step of this many rows is computed fastest: into how many parts its sequences are cut,
    /// and how many threads each part gets. Changes no bit.
    pub(crate) fn parts(&self, rows: usize, sequences: usize) -> (usize, Sharing) {
        /// Bytes of matrices that stay in a core's own cache.
        const NEAR: usize = 1 << 20;
        let threads = rayon::current_num_threads();
        let bytes = self.processor.bytes();
        // Each thread reads all matrices for its own rows; the farther they are, the more rows are needed to make up for it.
        let enough = (bytes / NEAR).clamp(2, 16);
        match () {
            () if threads > 1 && sequences >= threads && rows >= threads * enough => (threads, Sharing::Alone),
            () if threads > 1 && bytes > NEAR => (1, Sharing::Together),
            () => (1, Sharing::Alone),
        }
    }

    /// The last hidden state of every row: `[rows, width]`.
    pub(crate) fn hidden(
        &self,
        shape: &PageShape,
        sequences: &mut [Sequence],
        rows: &[Row],
        ids: &[u32],
        sharing: Sharing,
    ) -> Vec<f32> {
        let positions: Vec<u32> = rows.iter().map(|row| row.position as u32).collect();
        let mut paged = Paged { shape, config: self.config(), sequences, rows, sharing };
        self.processor.hidden(ids, &positions, &mut paged, sharing)
    }
}
