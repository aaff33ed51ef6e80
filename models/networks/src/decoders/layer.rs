use crate::algebra::Algebra;
use crate::weights::{Builder, Weight, WeightMut};
use crate::{Config, Linear, Norm, NormsAt, QueryKeyNorm};

/// One layer: attention, then a feed-forward network, each beside the residual stream and with a
/// norm before it, after it, or both.
#[derive(Clone, Debug)]
pub struct Layer<L = Linear, N = Norm> {
    /// Before attention. `[width]`
    pub attention_norm: Option<N>,
    /// `[width, heads * head_dim]`
    pub query: L,
    /// `[width, key_value_heads * head_dim]`
    pub key: L,
    /// `[width, key_value_heads * head_dim]`
    pub value: L,
    /// `[heads * head_dim, width]`
    pub output: L,
    /// Of queries and of keys, before they are rotated.
    pub query_key_norms: Option<[N; 2]>,
    /// After attention. `[width]`
    pub attention_post_norm: Option<N>,
    /// Before the feed-forward network. `[width]`
    pub feed_forward_norm: Option<N>,
    /// `[width, inner]`
    pub gate: Option<L>,
    /// `[width, inner]`
    pub up: L,
    /// `[inner, width]`
    pub down: L,
    /// After the feed-forward network. `[width]`
    pub feed_forward_post_norm: Option<N>,
}

/// The linear maps of a layer, by the names that Hugging Face gives them in Llama and its kind, in
/// the order of [`Layer::linears`].
pub(crate) const LINEARS: [&str; 7] = [
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
];

/// Names of the norms before and after attention, and before and after the feed-forward network.
/// The same name stands for different places in different families, and this is what Hugging Face
/// calls them.
fn norm_names(at: NormsAt) -> [Option<&'static str>; 4] {
    match at {
        NormsAt::Before => [Some("input_layernorm"), None, Some("post_attention_layernorm"), None],
        NormsAt::After => [None, Some("post_attention_layernorm"), None, Some("post_feedforward_layernorm")],
        NormsAt::Around => [
            Some("input_layernorm"),
            Some("post_attention_layernorm"),
            Some("pre_feedforward_layernorm"),
            Some("post_feedforward_layernorm"),
        ],
    }
}

impl<L, N> Layer<L, N> {
    pub(crate) fn forward<A: Algebra<Map = L, Norm = N>>(
        &self,
        config: &Config,
        number: usize,
        stream: A::Rows,
        algebra: &mut A,
    ) -> A::Rows {
        let positions = config.layer(number).positions;
        let x = normed(algebra, &self.attention_norm, &stream);
        let [mut query, mut key, value] = algebra.linears([&self.query, &self.key, &self.value], &x);
        if let Some([of_query, of_key]) = &self.query_key_norms {
            (query, key) = (algebra.norm(of_query, &query), algebra.norm(of_key, &key));
        }
        let (query, key) = (algebra.rotate(positions, query), algebra.rotate(positions, key));
        let attended = algebra.attend(number, query, key, value);
        let attended = algebra.linear(&self.output, &attended);
        let attended = post_normed(algebra, &self.attention_post_norm, attended);
        let stream = algebra.add(stream, attended);
        let x = normed(algebra, &self.feed_forward_norm, &stream);
        let inner = self.inner(config, &x, algebra);
        let out = algebra.linear(&self.down, &inner);
        let out = post_normed(algebra, &self.feed_forward_post_norm, out);
        algebra.add(stream, out)
    }

    /// The hidden layer of the feed-forward network. `[rows, inner]`
    fn inner<A: Algebra<Map = L, Norm = N>>(&self, config: &Config, x: &A::Rows, algebra: &mut A) -> A::Rows {
        let activation = config.switches.activation;
        match &self.gate {
            Some(gate) => {
                let [gate, up] = algebra.linears([gate, &self.up], x);
                algebra.gated(activation, gate, up)
            }
            None => {
                let up = algebra.linear(&self.up, x);
                algebra.activated(activation, up)
            }
        }
    }

    /// The same layer of other maps and norms.
    pub(crate) fn changed<M, O>(&self, map: &dyn Fn(&L) -> M, norm: &dyn Fn(&N) -> O) -> Layer<M, O> {
        Layer {
            attention_norm: self.attention_norm.as_ref().map(norm),
            query: map(&self.query),
            key: map(&self.key),
            value: map(&self.value),
            output: map(&self.output),
            query_key_norms: self.query_key_norms.as_ref().map(|norms| norms.each_ref().map(norm)),
            attention_post_norm: self.attention_post_norm.as_ref().map(norm),
            feed_forward_norm: self.feed_forward_norm.as_ref().map(norm),
            gate: self.gate.as_ref().map(map),
            up: map(&self.up),
            down: map(&self.down),
            feed_forward_post_norm: self.feed_forward_post_norm.as_ref().map(norm),
        }
    }
}

fn normed<A: Algebra>(algebra: &mut A, norm: &Option<A::Norm>, x: &A::Rows) -> A::Rows {
    match norm {
        Some(norm) => algebra.norm(norm, x),
        None => algebra.copy(x),
    }
}

fn post_normed<A: Algebra>(algebra: &mut A, norm: &Option<A::Norm>, x: A::Rows) -> A::Rows {
    match norm {
        Some(norm) => algebra.norm(norm, &x),
        None => x,
    }
}

impl Layer {
    /// Its linear maps, in the order of [`LINEARS`].
    pub(crate) fn linears(&self) -> [Option<&Linear>; 7] {
        let [query, key, value, output] = [&self.query, &self.key, &self.value, &self.output].map(Some);
        [query, key, value, output, self.gate.as_ref(), Some(&self.up), Some(&self.down)]
    }

    /// The same, to be changed.
    pub(crate) fn linears_mut(&mut self) -> [Option<&mut Linear>; 7] {
        let [query, key, value, output] = [&mut self.query, &mut self.key, &mut self.value, &mut self.output].map(Some);
        [query, key, value, output, self.gate.as_mut(), Some(&mut self.up), Some(&mut self.down)]
    }

    pub(crate) fn build<E>(builder: &mut Builder<'_, E>, config: &Config, n: usize) -> Result<Layer, E> {
        let (width, inner, switches) = (config.hidden_size, config.intermediate_size, &config.switches);
        let (queries, keys) = (config.heads().width(), config.heads().kv_width());
        // GPT-2's: so that every layer keeps the variance of the residual stream
        let residual = 1.0 / ((2 * config.num_hidden_layers) as f64).sqrt();
        let name = |part: &str| format!("model.layers.{n}.{part}");
        let names = norm_names(switches.norms_at);
        let norm = |builder: &mut Builder<'_, E>, place: usize| {
            names[place].map(|part| Norm::build(builder, &name(part), width, config)).transpose()
        };
        let linear = |builder: &mut Builder<'_, E>, part: &str, word: &str, shape, scale, bias| {
            Linear::build(builder, &name(part), format!("{n}.{word}"), shape, scale, bias)
        };
        let biased = switches.qkv_bias;
        Ok(Layer {
            attention_norm: norm(builder, 0)?,
            query: linear(builder, "self_attn.q_proj", "query", [width, queries], 1.0, biased)?,
            key: linear(builder, "self_attn.k_proj", "key", [width, keys], 1.0, biased)?,
            value: linear(builder, "self_attn.v_proj", "value", [width, keys], 1.0, biased)?,
            output: linear(builder, "self_attn.o_proj", "output", [queries, width], residual, switches.output_bias)?,
            query_key_norms: match switches.query_key_norm {
                QueryKeyNorm::Absent => None,
                kind => {
                    let whole = kind == QueryKeyNorm::Whole;
                    let [of_query, of_key] = if whole { [queries, keys] } else { [config.head_dim; 2] };
                    Some([
                        Norm::build(builder, &name("self_attn.q_norm"), of_query, config)?,
                        Norm::build(builder, &name("self_attn.k_norm"), of_key, config)?,
                    ])
                }
            },
            attention_post_norm: norm(builder, 1)?,
            feed_forward_norm: norm(builder, 2)?,
            gate: match switches.gated {
                true => Some(linear(builder, "mlp.gate_proj", "gate", [width, inner], 1.0, switches.mlp_bias)?),
                false => None,
            },
            up: linear(builder, "mlp.up_proj", "up", [width, inner], 1.0, switches.mlp_bias)?,
            down: linear(builder, "mlp.down_proj", "down", [inner, width], residual, switches.mlp_bias)?,
            feed_forward_post_norm: norm(builder, 3)?,
        })
    }

    pub(crate) fn visit<'a>(&'a self, at: NormsAt, n: usize, see: &mut dyn FnMut(String, Weight<'a>)) {
        let name = |part: &str| format!("model.layers.{n}.{part}");
        let names = norm_names(at);
        let norm = |place: usize, norm: &'a Option<Norm>, see: &mut dyn FnMut(String, Weight<'a>)| {
            if let (Some(part), Some(norm)) = (names[place], norm) {
                norm.visit(&name(part), see);
            }
        };
        norm(0, &self.attention_norm, see);
        self.query.visit(&name("self_attn.q_proj"), see);
        self.key.visit(&name("self_attn.k_proj"), see);
        self.value.visit(&name("self_attn.v_proj"), see);
        self.output.visit(&name("self_attn.o_proj"), see);
        if let Some([of_query, of_key]) = &self.query_key_norms {
            of_query.visit(&name("self_attn.q_norm"), see);
            of_key.visit(&name("self_attn.k_norm"), see);
        }
        norm(1, &self.attention_post_norm, see);
        norm(2, &self.feed_forward_norm, see);
        if let Some(gate) = &self.gate {
            gate.visit(&name("mlp.gate_proj"), see);
        }
        self.up.visit(&name("mlp.up_proj"), see);
        self.down.visit(&name("mlp.down_proj"), see);
        norm(3, &self.feed_forward_post_norm, see);
    }

    pub(crate) fn map(&mut self, change: &mut dyn FnMut(WeightMut<'_>)) {
        let norm = |norm: &mut Option<Norm>, change: &mut dyn FnMut(WeightMut<'_>)| {
            if let Some(norm) = norm {
                norm.map(change);
            }
        };
        norm(&mut self.attention_norm, change);
        for linear in [&mut self.query, &mut self.key, &mut self.value, &mut self.output] {
            linear.map(change);
        }
        self.query_key_norms.iter_mut().flatten().for_each(|norm| norm.map(change));
        norm(&mut self.attention_post_norm, change);
        norm(&mut self.feed_forward_norm, change);
        if let Some(gate) = &mut self.gate {
            gate.map(change);
        }
        self.up.map(change);
        self.down.map(change);
        norm(&mut self.feed_forward_post_norm, change);
    }
}
