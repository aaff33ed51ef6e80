//! Curves and sparklines.

use events::{curve, sparkline};
use proptest::prelude::*;

fn points(values: &[f64]) -> Vec<(String, f64)> {
    values.iter().enumerate().map(|(round, value)| (round.to_string(), *value)).collect()
}

#[test]
fn an_accuracy_curve() {
    let rising = points(&[0.0, 0.084, 0.31, 0.542, 0.61, 0.687, 0.684, 0.72]);
    insta::assert_snapshot!(curve(&rising, 60, 10, true), @r"
    80 % ┤                                            ⢀⣀⣀ 72.0 %
         │                          ⢀⣀⡠⠤⠤⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠁
    60 % ┤                  ⢀⡠⠤⠒⠒⠊⠉⠉⠁
    40 % ┤                ⡠⠒⠁
         │             ⡠⠔⠉
    20 % ┤          ⡠⠔⠉
         │       ⡠⠔⠉
     0 % ┤⣀⠤⠤⠒⠒⠉⠉
         └───────────────────────────────────────────────
          0     1      2     3      4      5     6      7
    ");
    insta::assert_snapshot!(curve(&rising, 60, 10, false), @r"
    80 % |
         |                            ******************* 72.0 %
    60 % |                   *********
    40 % |                ***
         |             ***
    20 % |         ****
         |     ****
     0 % |*****
         +-----------------------------------------------
          0     1      2     3      4     5      6      7
    ");
}

#[test]
fn other_numbers_find_their_scale() {
    insta::assert_snapshot!(curve(&points(&[2.31, 1.1, 0.7, 0.61, 0.58]), 44, 8, true), @r"
    3 ┤⡀
    2 ┤⠈⠉⠒⠢⠤⣀⡀
    1 ┤      ⠈⠉⠒⠢⠤⠤⠤⠤⣀⣀⣀⣀
    0 ┤                  ⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉ 0.6
      └─────────────────────────────────────
       0        1        2        3        4
    ");
    insta::assert_snapshot!(curve(&points(&[-150.0, 20.0, 120.0]), 44, 8, true), @r"
     150 ┤                           ⣀⣀⣀⡠⠤⠤⠔ 120
      50 ┤               ⣀⡠⠤⠤⠤⠒⠒⠒⠊⠉⠉⠉
     -50 ┤       ⣀⣀⠤⠤⠒⠒⠉⠉
    -150 ┤⣀⠤⠤⠒⠒⠉⠉
         └──────────────────────────────────
          0               1                2
    ");
}

#[test]
fn gaps_single_points_and_nothing() {
    insta::assert_snapshot!(curve(&points(&[0.2, 0.4, f64::NAN, 0.6, 0.9]), 44, 8, true), @r"
    100 % ┤                           ⢀⣀⠤ 90.0 %
          │                      ⢀⡠⠤⠒⠊⠁
     50 % ┤       ⡀              ⠁
          │⣀⡠⠤⠔⠒⠉⠉
      0 % ┤
          └──────────────────────────────
           0      1      2       3      4
    ");
    insta::assert_snapshot!(curve(&points(&[0.5]), 24, 6, true), @r"
    50 % ┤⠁ 50.0 %
         │
         │
     0 % ┤
         └───────────
          0
    ");
    assert_eq!(curve(&[], 40, 8, true), "");
    assert_eq!(curve(&points(&[f64::NAN]), 40, 8, true), "");
}

#[test]
fn sparklines() {
    assert_eq!(sparkline(&[0.0, 0.1, 0.35, 0.6, 0.8, 0.9, 1.0], true), "▁▂▃▅▇▇█");
    assert_eq!(sparkline(&[1.0, f64::NAN, 2.0], true), "▁ █");
    assert_eq!(sparkline(&[0.0, 0.5, 1.0], false), "_=#");
    assert_eq!(sparkline(&[0.3, 0.3], true), "▄▄");
    assert_eq!(sparkline(&[], true), "");
}

proptest! {
    #[test]
    fn no_numbers_and_no_size_are_too_odd(
        values in prop::collection::vec(prop_oneof![Just(f64::NAN), Just(f64::MAX), Just(f64::MIN), Just(1e-320), 0.0..1.0, any::<f64>()], 0..40),
        width in 0..200usize,
        height in 0..40usize,
        unicode: bool,
    ) {
        let drawing = curve(&points(&values), width, height, unicode);
        prop_assert!(drawing.lines().count() <= height.max(4));
        let widest = drawing.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        prop_assert!(widest <= width.max(34), "{widest} > {width}\n{drawing}");
        prop_assert_eq!(sparkline(&values, unicode).chars().count(), values.len());
    }
}
