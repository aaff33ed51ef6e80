//! The families of decoders, by name. What each is lies in a file of [`crate::decoders::families`].

/// What follows a family's stem in `architectures`.
pub(crate) const SEQUENCE: &str = "ForSequenceClassification";
pub(crate) const TOKEN: &str = "ForTokenClassification";

/// A family of decoders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Llama 2 and 3, SmolLM 2, and what calls itself one.
    Llama,
    /// Mistral: a sliding window.
    Mistral,
    /// Qwen 2 and 2.5: biases of queries, keys and values.
    Qwen2,
    /// Qwen 3: norms of queries and keys.
    Qwen3,
    /// SmolLM 3: layers without positions.
    SmolLm3,
    /// Gemma: norms without their 1, scaled embeddings.
    Gemma,
    /// Gemma 2: norms around, soft caps, every other layer a window.
    Gemma2,
    /// Gemma 3, text: norms of queries and keys, local layers with rotary positions of their own.
    Gemma3,
    /// Phi 3 and 4-mini: fused projections, LongRoPE.
    Phi3,
    /// OLMo 2: norms after.
    Olmo2,
    /// GPT-2: learned positions, LayerNorm.
    Gpt2,
}

impl Family {
    pub(crate) const ALL: [Family; 11] = [
        Family::Llama,
        Family::Mistral,
        Family::Qwen2,
        Family::Qwen3,
        Family::SmolLm3,
        Family::Gemma,
        Family::Gemma2,
        Family::Gemma3,
        Family::Phi3,
        Family::Olmo2,
        Family::Gpt2,
    ];

    /// The name in `architectures` of `config.json`.
    pub fn architecture(self) -> &'static str {
        match self {
            Family::Llama => "LlamaForCausalLM",
            Family::Mistral => "MistralForCausalLM",
            Family::Qwen2 => "Qwen2ForCausalLM",
            Family::Qwen3 => "Qwen3ForCausalLM",
            Family::SmolLm3 => "SmolLM3ForCausalLM",
            Family::Gemma => "GemmaForCausalLM",
            Family::Gemma2 => "Gemma2ForCausalLM",
            Family::Gemma3 => "Gemma3ForCausalLM",
            Family::Phi3 => "Phi3ForCausalLM",
            Family::Olmo2 => "Olmo2ForCausalLM",
            Family::Gpt2 => "GPT2LMHeadModel",
        }
    }

    /// Every supported name in `architectures`.
    pub fn supported() -> Vec<&'static str> {
        Family::ALL.iter().map(|family| family.architecture()).collect()
    }

    /// What the names of its architectures begin with.
    pub(crate) fn stem(self) -> &'static str {
        match self {
            Family::Gemma3 => "Gemma3Text",
            Family::Gpt2 => "GPT2",
            other => other.architecture().strip_suffix("ForCausalLM").unwrap_or(other.architecture()),
        }
    }

    /// Whether this is one of the family's architectures.
    pub(crate) fn is_called(self, name: &str) -> bool {
        name == self.architecture() || [SEQUENCE, TOKEN].iter().any(|end| name == format!("{}{end}", self.stem()))
    }
}
