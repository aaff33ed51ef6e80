//! The fused tensor operations against the composed ones: values and gradients.

use crate::numbers::{Rng, assert_close, wide};
use crate::values::{layouts, segments};
use burn::backend::{Autodiff, Flex};
use burn::tensor::{Device, Tensor};
use kernels::{Activation, Heads, Precision, RopeTable, Scores, composed, from_vec, with_slice};
use std::sync::Arc;

type Graph = Autodiff<Flex>;
type Composed = fn(&[Tensor<2>]) -> Tensor<2>;

fn values<const D: usize>(t: Tensor<D>) -> Vec<f32> {
    t.into_data().try_to_vec().unwrap()
}

fn primitive<const D: usize>(t: &Tensor<D>) -> burn::backend::tensor::FloatTensor<Graph> {
    t.clone().try_into_primitive::<Graph>().unwrap()
}

fn tensor<const D: usize>(t: burn::backend::tensor::FloatTensor<Graph>) -> Tensor<D> {
    Tensor::from_primitive::<Graph>(t)
}

/// Output and gradients, in one list, of `f` over random inputs of these shapes, for the loss
/// `sum(f² / 2)`.
fn run(shapes: &[[usize; 2]], f: &dyn Fn(&[Tensor<2>]) -> Tensor<2>) -> Vec<Vec<f32>> {
    let mut rng = Rng(41);
    let device = Device::flex().autodiff();
    let make = |&[r, c]: &[usize; 2]| from_vec(rng.floats(r * c), [r, c], &device).require_grad();
    let inputs: Vec<Tensor<2>> = shapes.iter().map(make).collect();
    let out = f(&inputs);
    let grads = (out.clone() * out.clone()).sum().mul_scalar(0.5).backward();
    let mut all = vec![values(out)];
    all.extend(inputs.iter().map(|x| values(x.grad(&grads).unwrap())));
    all
}

fn agree(what: &str, shapes: &[[usize; 2]], fused: &dyn Fn(&[Tensor<2>]) -> Tensor<2>, composed: Composed) {
    let (fused, composed) = (run(shapes, fused), run(shapes, &composed));
    for (i, (f, c)) in fused.iter().zip(&composed).enumerate() {
        assert_close(&format!("{what}, {i}"), f, &wide(c), 3e-5);
    }
}

const HEADS: Heads = Heads { heads: 4, kv_heads: 2, head_dim: 6 };
const LENGTHS: [usize; 3] = [5, 1, 20];

fn positions() -> Arc<[u32]> {
    LENGTHS.iter().flat_map(|&l| 0..l as u32).collect()
}

fn table() -> Arc<RopeTable> {
    Arc::new(RopeTable::new(6, 1e4, 32))
}

fn targets() -> Arc<[u32]> {
    Rng(5).ids(26, 11).into()
}

#[test]
fn linear() {
    agree("linear", &[[26, 17], [17, 9]], &|x| kernels::linear(x[0].clone(), x[1].clone(), Precision::F32), |x| {
        tensor(composed::linear::<Graph>(primitive(&x[0]), primitive(&x[1])))
    });
    let transposed = |x: &[Tensor<2>]| kernels::linear(x[0].clone(), x[1].clone().transpose(), Precision::F32);
    agree("a transposed weight", &[[26, 17], [9, 17]], &transposed, |x| {
        tensor(composed::linear::<Graph>(primitive(&x[0]), primitive(&x[1].clone().transpose())))
    });
}

#[test]
fn rms_norm() {
    agree(
        "rms_norm",
        &[[26, 17], [1, 17]],
        &|x| kernels::rms_norm(x[0].clone(), x[1].clone().reshape([17]), 1e-5),
        |x| {
            let gain: Tensor<1> = x[1].clone().reshape([17]);
            tensor(composed::rms_norm::<Graph>(primitive(&x[0]), primitive(&gain), 1e-5))
        },
    );
}

#[test]
fn layer_norm() {
    let vector = |x: &Tensor<2>| x.clone().reshape([17]);
    let fused = |x: &[Tensor<2>]| kernels::layer_norm(x[0].clone(), vector(&x[1]), vector(&x[2]), 1e-5);
    agree("layer_norm", &[[26, 17], [1, 17], [1, 17]], &fused, |x| {
        let [gain, bias]: [Tensor<1>; 2] = [1, 2].map(|i| x[i].clone().reshape([17]));
        tensor(composed::layer_norm::<Graph>(primitive(&x[0]), primitive(&gain), primitive(&bias), 1e-5))
    });
}

#[test]
fn add_bias() {
    let fused = |x: &[Tensor<2>]| kernels::add_bias(x[0].clone(), x[1].clone().reshape([17]));
    agree("bias", &[[26, 17], [1, 17]], &fused, |x| {
        let bias: Tensor<1> = x[1].clone().reshape([17]);
        tensor(composed::add_bias::<Graph>(primitive(&x[0]), primitive(&bias)))
    });
}

#[test]
fn rope_of_a_part() {
    fn part() -> Arc<RopeTable> {
        Arc::new(RopeTable::from_frequencies(6, &[1.0, 0.1], 1.3, 32))
    }
    agree("partial rope", &[[26, 24]], &|x| kernels::rope(x[0].clone(), part(), positions()), |x| {
        tensor(composed::rope::<Graph>(primitive(&x[0]), part(), positions()))
    });
}

#[test]
fn rope() {
    agree("rope", &[[26, 24]], &|x| kernels::rope(x[0].clone(), table(), positions()), |x| {
        tensor(composed::rope::<Graph>(primitive(&x[0]), table(), positions()))
    });
    // An input that only the operation holds is turned in place.
    agree("rope in place", &[[26, 24]], &|x| kernels::rope(x[0].clone() * 2.0, table(), positions()), |x| {
        tensor(composed::rope::<Graph>(primitive(&(x[0].clone() * 2.0)), table(), positions()))
    });
}

#[test]
fn gated() {
    agree("geglu", &[[26, 7], [26, 7]], &|x| kernels::gated(Activation::GeluTanh, x[0].clone(), x[1].clone()), |x| {
        tensor(composed::gated::<Graph>(Activation::GeluTanh, primitive(&x[0]), primitive(&x[1])))
    });
    agree("swiglu", &[[26, 7], [26, 7]], &|x| kernels::gated(Activation::Silu, x[0].clone(), x[1].clone()), |x| {
        tensor(composed::gated::<Graph>(Activation::Silu, primitive(&x[0]), primitive(&x[1])))
    });
    // its gradients take the place of its operands, unless somebody else still needs these
    let used_again = |x: &[Tensor<2>]| {
        let (gate, up) = (x[0].clone().mul_scalar(2.0), x[1].clone().mul_scalar(3.0));
        kernels::gated(Activation::Silu, gate.clone(), up.clone()) + gate.clone() * up.clone() + gate * up
    };
    agree("swiglu of what is used again", &[[26, 7], [26, 7]], &used_again, |x| {
        let (gate, up) = (x[0].clone().mul_scalar(2.0), x[1].clone().mul_scalar(3.0));
        let out = composed::gated::<Graph>(Activation::Silu, primitive(&gate), primitive(&up));
        tensor::<2>(out) + gate.clone() * up.clone() + gate * up
    });
}

#[test]
fn attention() {
    let fused = |x: &[Tensor<2>]| {
        kernels::attention(x[0].clone(), x[1].clone(), x[2].clone(), HEADS, segments(&LENGTHS).into())
    };
    agree("attention", &[[26, 24], [26, 12], [26, 12]], &fused, |x| {
        let [q, k, v] = [0, 1, 2].map(|i| primitive(&x[i]));
        tensor(composed::attention::<Graph>(q, k, v, HEADS.into(), segments(&LENGTHS).into()))
    });
}

const PARTICULAR: Scores =
    Scores { heads: HEADS, scale: 0.5, window: Some(4), softcap: Some(0.8), precision: Precision::F32 };

#[test]
fn attention_with_a_window_and_a_cap() {
    let fused = |x: &[Tensor<2>]| {
        kernels::attention(x[0].clone(), x[1].clone(), x[2].clone(), PARTICULAR, segments(&LENGTHS).into())
    };
    agree("attention", &[[26, 24], [26, 12], [26, 12]], &fused, |x| {
        let [q, k, v] = [0, 1, 2].map(|i| primitive(&x[i]));
        tensor(composed::attention::<Graph>(q, k, v, PARTICULAR, segments(&LENGTHS).into()))
    });
}

#[test]
fn attention_behind_a_shared_prefix() {
    fn sharing() -> std::sync::Arc<[kernels::Segment]> {
        let [_, sharing] = layouts(&LENGTHS);
        sharing.into()
    }
    let fused = |x: &[Tensor<2>]| kernels::attention(x[0].clone(), x[1].clone(), x[2].clone(), PARTICULAR, sharing());
    agree("attention", &[[26, 24], [26, 12], [26, 12]], &fused, |x| {
        let [q, k, v] = [0, 1, 2].map(|i| primitive(&x[i]));
        tensor(composed::attention::<Graph>(q, k, v, PARTICULAR, sharing()))
    });
}

#[test]
fn capped_log_probs() {
    let fused = |x: &[Tensor<2>]| {
        kernels::token_log_probs(x[0].clone(), x[1].clone(), targets(), true, Some(0.7), Precision::F32)
            .reshape([26, 1])
    };
    agree("capped log p", &[[26, 7], [11, 7]], &fused, |x| {
        let (hidden, table) = (primitive(&x[0]), primitive(&x[1]));
        let out: Tensor<1> = tensor(composed::token_log_probs::<Graph>(hidden, table, targets(), true, Some(0.7)));
        out.reshape([26, 1])
    });
}

#[test]
fn embedding() {
    agree("embedding", &[[11, 5]], &|x| kernels::embedding(x[0].clone(), targets()), |x| {
        tensor(composed::embedding::<Graph>(primitive(&x[0]), targets()))
    });
}

#[test]
fn token_log_probs() {
    let fused = |x: &[Tensor<2>]| {
        kernels::token_log_probs(x[0].clone(), x[1].clone(), targets(), false, None, Precision::F32).reshape([26, 1])
    };
    agree("log p", &[[26, 7], [7, 11]], &fused, |x| {
        let out: Tensor<1> =
            tensor(composed::token_log_probs::<Graph>(primitive(&x[0]), primitive(&x[1]), targets(), false, None));
        out.reshape([26, 1])
    });
    let tied = |x: &[Tensor<2>]| {
        kernels::token_log_probs(x[0].clone(), x[1].clone(), targets(), true, None, Precision::F32).reshape([26, 1])
    };
    agree("tied log p", &[[26, 7], [11, 7]], &tied, |x| {
        let out: Tensor<1> =
            tensor(composed::token_log_probs::<Graph>(primitive(&x[0]), primitive(&x[1]), targets(), true, None));
        out.reshape([26, 1])
    });
}

#[test]
fn without_a_graph_and_without_rows() {
    let device = Device::flex();
    let x = from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2], &device);
    assert_eq!(values(kernels::linear(x.clone(), x.clone(), Precision::F32)), [7.0, 10.0, 15.0, 22.0]);
    let empty = from_vec(vec![], [0, 2], &device);
    assert_eq!(values(kernels::linear(empty.clone(), x.clone(), Precision::F32)), [0.0; 0]);
    assert_eq!(values(kernels::token_log_probs(empty, x, [].into(), false, None, Precision::F32)), [0.0; 0]);
}

#[test]
fn slices_of_tensors_are_not_copies() {
    let data = vec![1.0, 2.0];
    let at = data.as_ptr();
    let x = from_vec(data, [1, 2], &Device::flex());
    assert_eq!(with_slice(&x, |s| (s.as_ptr(), s.to_vec())), Some((at, vec![1.0, 2.0])));
    let tracked = Tensor::<2>::from_inner(x.clone()).require_grad();
    assert_eq!(with_slice(&tracked, <[f32]>::len), Some(2));
    let wide = from_vec(vec![1.0; 6], [2, 3], &Device::flex()).transpose();
    assert_eq!(with_slice(&wide, <[f32]>::len), None, "not contiguous");
}
