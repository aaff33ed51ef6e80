//! What parts say of themselves: explanations and fingerprint slices.

use recipe::{explain_part, header, slice};

recipe::part! {
    /// Masked cross-entropy on the answer, with a documentation that is long enough
    /// to be wrapped onto a second line.
    ///
    /// A second paragraph.
    pub struct Imitate = "imitate", version 3 {
        /// The model that each round starts from.
        pub from: String = "base".to_owned(), "the paper, algorithm 1: \"we always train from the base\", which is long";
        /// Learning rate.
        pub lr: f32 = 1e-5, "ours", 0.0..=1.0;
        /// A list.
        pub k: Vec<u32> = vec![1, 16], "ours";
        /// An absent thing.
        pub limit: Option<u32> = None, "ours";
    }
}

recipe::part! {
    /// Keeps what is right.
    pub struct KeepRight = "keep_right", version 1 {}
}

#[test]
fn an_explanation_marks_what_the_recipe_changed() {
    let part = Imitate { lr: 3e-4, ..Imitate::default() };
    insta::assert_snapshot!(explain_part(&part), @r#"
    imitate                                                               ground/recipe/tests/explain.rs
        Masked cross-entropy on the answer, with a documentation that is long enough to be wrapped onto
        a second line.
        A second paragraph.

        from  = "base"   The model that each round starts from. (the paper, algorithm 1: "we always
                         train from the base", which is long)
      * lr    = 0.0003   Learning rate. (from 0 to 1; default 1e-5: ours)
        k     = [1, 16]  A list. (ours)
        limit = none     An absent thing. (ours)
    "#);
    insta::assert_snapshot!(explain_part(&KeepRight {}), @r"
    keep_right                                                            ground/recipe/tests/explain.rs
        Keeps what is right.
    ");
    let changed: Vec<_> = explain_part(&part).settings.into_iter().filter(|s| s.changed).map(|s| s.name).collect();
    assert_eq!(changed, ["lr"]);
}

#[test]
fn a_slice_holds_every_value_and_the_version_sorted() {
    insta::assert_snapshot!(slice(&[&Imitate::default(), &KeepRight {}]), @r#"[{"name":"imitate","settings":{"from":"base","k":[1,16],"limit":null,"lr":9.999999747378752e-6},"version":3},{"name":"keep_right","settings":{},"version":1}]"#);
    assert_ne!(slice(&[&Imitate { lr: 2e-5, ..Imitate::default() }]), slice(&[&Imitate::default()]));
}

#[test]
fn a_header_is_the_comment_at_the_top() {
    assert_eq!(header("# One.\n#\n#  Two.\npaper = 1 # no\n# no\n"), "One.\n\n Two.");
    assert_eq!(header("paper = 1\n# no"), "");
}
