//! AdamW and the gradient norm.

use crate::numbers::{Rng, assert_close};
use kernels::slices::{AdamW, adamw_step, sum_of_squares};

#[test]
fn adamw_is_pytorchs() {
    let mut rng = Rng(21);
    let n = 40_003;
    let mut param = rng.floats(n);
    let (mut m, mut v) = (vec![0.0; n], vec![0.0; n]);
    let mut plain: Vec<(f64, f64, f64)> = param.iter().map(|&p| (f64::from(p), 0.0, 0.0)).collect();
    let (lr, beta1, beta2, eps, wd, scale) = (1e-2_f32, 0.9_f32, 0.999_f32, 1e-8_f32, 0.1_f32, 0.5_f32);
    for step in 1..=3_u64 {
        let grad = rng.floats(n);
        let settings = AdamW { lr, beta1, beta2, eps, weight_decay: wd, step, grad_scale: scale };
        adamw_step(&mut param, &grad, &mut m, &mut v, &settings);
        let [lr, b1, b2, eps, wd, scale] = [lr, beta1, beta2, eps, wd, scale].map(f64::from);
        for ((p, m, v), g) in plain.iter_mut().zip(&grad) {
            let g = f64::from(*g) * scale;
            *p *= 1.0 - lr * wd;
            *m = b1 * *m + (1.0 - b1) * g;
            *v = b2 * *v + (1.0 - b2) * g * g;
            let root = (*v / (1.0 - b2.powi(step as i32))).sqrt() + eps;
            *p -= lr * (*m / (1.0 - b1.powi(step as i32))) / root;
        }
    }
    assert_close("param", &param, &plain.iter().map(|x| x.0).collect::<Vec<_>>(), 1e-5);
    assert_close("v", &v, &plain.iter().map(|x| x.2).collect::<Vec<_>>(), 1e-5);
}

#[test]
fn squares_are_summed() {
    let mut rng = Rng(22);
    for n in [0, 1, 17, 8192, 100_001] {
        let x = rng.floats(n);
        let expected: f64 = x.iter().map(|&x| f64::from(x).powi(2)).sum();
        let got = sum_of_squares(&x);
        assert!((got - expected).abs() <= 1e-5 * expected.max(1.0), "{got} for {expected}");
    }
}
