use crate::Config;

/// Where a weight of ours lies in a family's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The tensor.
    pub(crate) name: String,
    /// How the tensor of a matrix lies.
    pub(crate) layout: Layout,
    /// Where a weight begins among the outputs of a fused tensor, and how many outputs that has.
    pub(crate) part: Option<FusedSlice>,
}

/// How a matrix lies in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `[out, in]`, as of `torch.nn.Linear`.
    OutIn,
    /// `[in, out]`, as of GPT-2's `Conv1D`.
    InOut,
}

/// A run of the outputs of a fused tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FusedSlice {
    pub(crate) start: usize,
    pub(crate) total: usize,
}

impl Place {
    /// A tensor of the same name, for that weight alone.
    pub(super) fn same(_: &Config, name: &str) -> Place {
        Place { name: name.into(), layout: Layout::OutIn, part: None }
    }

    pub(super) fn renamed(self, name: String) -> Place {
        Place { name, ..self }
    }

    /// Queries, keys and values one after the other in one tensor.
    pub(super) fn fused_attention(self, config: &Config, which: usize) -> Place {
        let (queries, keys) = (config.heads().width(), config.heads().kv_width());
        let start = [0, queries, queries + keys][which];
        Place { part: Some(FusedSlice { start, total: queries + 2 * keys }), ..self }
    }
}
