//! Handwritten backward passes for the CPU backend. Each keeps what its gradient needs and nothing
//! else; the tensors kept share their elements with the graph's.

use super::composed;
use super::flex::{self, Array, all_f32, ordered, shape2};
use super::fused::Fused;
use crate::slices::{self, Activation, Precision, RopeTable, Scores, Segment};
use burn::backend::Flex;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind, OpsPrep};
use burn::backend::tensor::FloatTensor;
use std::sync::Arc;

type Tracked = FloatTensor<Autodiff<Flex>>;

/// Each operation, with what it needs besides tensors.
#[derive(Debug)]
struct Linear {
    precision: Precision,
}
#[derive(Debug)]
struct RmsNorm {
    eps: f32,
}
#[derive(Debug)]
struct Rope {
    table: Arc<RopeTable>,
    positions: Arc<[u32]>,
}
#[derive(Debug)]
struct AddBias;
#[derive(Debug)]
struct LayerNorm {
    eps: f32,
}
#[derive(Debug)]
struct Gated {
    activation: Activation,
}
#[derive(Debug)]
struct Attention {
    scores: Scores,
    segments: Arc<[Segment]>,
}
#[derive(Debug)]
struct Embedding {
    ids: Arc<[u32]>,
    shape: [usize; 2],
}
#[derive(Debug)]
struct TokenLogProbs {
    targets: Arc<[u32]>,
    tied: bool,
    cap: Option<f32>,
    precision: Precision,
}

/// Hands a gradient to a parent, if it wants one; otherwise the gradient is not computed.
macro_rules! register {
    ($grads:ident, $parent:expr, $gradient:expr) => {
        if let Some(node) = &$parent {
            $grads.register::<Flex>(node.id, $gradient);
        }
    };
}

/// Every backward pass: take the output's gradient, compute the parents'.
macro_rules! backward {
    ($op:ident, $parents:literal, $state:ty, |$me:ident, $saved:ident, $dy:ident, $grads:ident, $to:ident| $body:expr) => {
        impl Backward<Flex, $parents> for $op {
            type State = $state;

            fn backward(self, ops: Ops<$state, $parents>, $grads: &mut Gradients, _: &mut Checkpointer) {
                let $me = self;
                let $dy = ordered($grads.consume::<Flex>(&ops.node));
                let ($to, $saved) = (ops.parents, ops.state);
                $body
            }
        }
    };
}

backward!(Linear, 2, [Array; 2], |me, saved, dy, grads, to| {
    let [x, w] = &saved;
    register!(grads, to[0], flex::linear_dx(&dy, w, me.precision));
    register!(grads, to[1], flex::linear_dw(x, &dy, me.precision));
});

backward!(RmsNorm, 2, [Array; 2], |me, saved, dy, grads, to| {
    let (dx, d_gain) = flex::rms_norm_backward(&saved[0], &saved[1], me.eps, &dy);
    register!(grads, to[0], dx);
    register!(grads, to[1], d_gain);
});

backward!(Rope, 1, (), |me, _saved, dy, grads, to| {
    register!(grads, to[0], flex::changed(dy, |dy| slices::rope_backward(dy, &me.table, &me.positions)));
});

backward!(AddBias, 2, (), |_me, _saved, dy, grads, to| {
    register!(grads, to[1], flex::bias_backward(&dy));
    register!(grads, to[0], dy);
});

backward!(LayerNorm, 3, [Array; 2], |me, saved, dy, grads, to| {
    let [dx, d_gain, d_bias] = flex::layer_norm_backward(&saved[0], &saved[1], me.eps, &dy);
    register!(grads, to[0], dx);
    register!(grads, to[1], d_gain);
    register!(grads, to[2], d_bias);
});

backward!(Gated, 2, [Array; 2], |me, saved, dy, grads, to| {
    let [d_gate, d_up] = flex::gated_backward(me.activation, saved, &dy);
    register!(grads, to[0], d_gate);
    register!(grads, to[1], d_up);
});

backward!(Attention, 3, [Array; 5], |me, saved, dy, grads, to| {
    let [dq, dk, dv] = flex::attention_backward(&saved, &dy, me.scores, &me.segments);
    register!(grads, to[0], dq);
    register!(grads, to[1], dk);
    register!(grads, to[2], dv);
});

backward!(Embedding, 1, (), |me, _saved, dy, grads, to| {
    register!(grads, to[0], flex::embedding_backward(&dy, &me.ids, me.shape));
});

backward!(TokenLogProbs, 2, [Array; 3], |me, saved, dy, grads, to| {
    let [d_hidden, d_head] = flex::token_log_probs_backward(&saved, &me.targets, &dy, me.tied, me.cap, me.precision);
    register!(grads, to[0], d_hidden);
    register!(grads, to[1], d_head);
});

/// Records the operation if any parent wants a gradient; `state` is only asked for then.
fn record<C: CheckpointStrategy, O, S, const N: usize>(
    op: O,
    nodes: [NodeGuard; N],
    output: Array,
    state: impl FnOnce(&Array) -> S,
) -> Tracked
where
    S: Clone + Send + std::fmt::Debug + 'static,
    O: Backward<Flex, N, State = S>,
{
    let prepared: OpsPrep<O, Flex, S, C, N> = op.prepare::<C>(nodes);
    match prepared.compute_bound().stateful() {
        OpsKind::Tracked(prepared) => {
            let state = state(&output);
            prepared.finish(state, output)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    }
}

fn parts(t: Tracked) -> (Array, NodeGuard) {
    let (value, node) = t.into_parts();
    (ordered(value), node)
}

impl<C: CheckpointStrategy> Fused for Autodiff<Flex, C> {
    fn linear(x: Tracked, w: Tracked, precision: Precision) -> Tracked {
        if !all_f32(&[x.primitive(), w.primitive()]) {
            return composed::linear::<Self>(x, w);
        }
        let ((x, x_node), (w, w_node)) = (parts(x), parts(w));
        let out = flex::linear(&x, &w, precision);
        record::<C, _, _, 2>(Linear { precision }, [x_node, w_node], out, |_| [x, w])
    }

    fn add_bias(x: Tracked, bias: Tracked) -> Tracked {
        if !all_f32(&[x.primitive(), bias.primitive()]) {
            return composed::add_bias::<Self>(x, bias);
        }
        let ((x, x_node), (bias, bias_node)) = (parts(x), parts(bias));
        let out = flex::changed(x, |x| slices::add_bias(x, flex::elements(&bias)));
        record::<C, _, _, 2>(AddBias, [x_node, bias_node], out, |_| ())
    }

    fn layer_norm(x: Tracked, gain: Tracked, bias: Tracked, eps: f32) -> Tracked {
        if !all_f32(&[x.primitive(), gain.primitive(), bias.primitive()]) {
            return composed::layer_norm::<Self>(x, gain, bias, eps);
        }
        let ((x, x_node), (gain, gain_node), (bias, bias_node)) = (parts(x), parts(gain), parts(bias));
        let out = flex::layer_norm(&x, &gain, &bias, eps);
        record::<C, _, _, 3>(LayerNorm { eps }, [x_node, gain_node, bias_node], out, |_| [x, gain])
    }

    fn rms_norm(x: Tracked, gain: Tracked, eps: f32) -> Tracked {
        if !all_f32(&[x.primitive(), gain.primitive()]) {
            return composed::rms_norm::<Self>(x, gain, eps);
        }
        let ((x, x_node), (gain, gain_node)) = (parts(x), parts(gain));
        let out = flex::rms_norm(&x, &gain, eps);
        record::<C, _, _, 2>(RmsNorm { eps }, [x_node, gain_node], out, |_| [x, gain])
    }

    fn rope(x: Tracked, table: Arc<RopeTable>, positions: Arc<[u32]>) -> Tracked {
        if !all_f32(&[x.primitive()]) {
            return composed::rope::<Self>(x, table, positions);
        }
        let (x, node) = parts(x);
        let out = flex::changed(x, |x| slices::rope(x, &table, &positions));
        record::<C, _, _, 1>(Rope { table, positions }, [node], out, |_| ())
    }

    fn gated(activation: Activation, gate: Tracked, up: Tracked) -> Tracked {
        if !all_f32(&[gate.primitive(), up.primitive()]) {
            return composed::gated::<Self>(activation, gate, up);
        }
        let ((gate, gate_node), (up, up_node)) = (parts(gate), parts(up));
        let out = flex::gated(activation, &gate, &up);
        record::<C, _, _, 2>(Gated { activation }, [gate_node, up_node], out, |_| [gate, up])
    }

    fn attention(q: Tracked, k: Tracked, v: Tracked, scores: Scores, segments: Arc<[Segment]>) -> Tracked {
        if !all_f32(&[q.primitive(), k.primitive(), v.primitive()]) {
            return composed::attention::<Self>(q, k, v, scores, segments);
        }
        let ((q, q_node), (k, k_node), (v, v_node)) = (parts(q), parts(k), parts(v));
        let (out, lse) = flex::attention(&q, &k, &v, scores, &segments);
        let op = Attention { scores, segments };
        record::<C, _, _, 3>(op, [q_node, k_node, v_node], out, |out| [q, k, v, out.clone(), lse])
    }

    fn embedding(table: Tracked, ids: Arc<[u32]>) -> Tracked {
        if !all_f32(&[table.primitive()]) {
            return composed::embedding::<Self>(table, ids);
        }
        let (table, node) = parts(table);
        let out = flex::embedding(&table, &ids);
        let shape = shape2(&table);
        record::<C, _, _, 1>(Embedding { ids, shape }, [node], out, |_| ())
    }

    fn token_log_probs(
        hidden: Tracked,
        head: Tracked,
        targets: Arc<[u32]>,
        tied: bool,
        cap: Option<f32>,
        precision: Precision,
    ) -> Tracked {
        if !all_f32(&[hidden.primitive(), head.primitive()]) {
            return composed::token_log_probs::<Self>(hidden, head, targets, tied, cap);
        }
        let ((hidden, hidden_node), (head, head_node)) = (parts(hidden), parts(head));
        let (out, lse) = flex::token_log_probs(&hidden, &head, &targets, tied, cap, precision);
        let op = TokenLogProbs { targets, tied, cap, precision };
        record::<C, _, _, 2>(op, [hidden_node, head_node], out, |_| [hidden, head, lse])
    }
}
