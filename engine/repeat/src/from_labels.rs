//! How a classifier begins that is made from nothing.

use learn::Classify;

recipe::part! {
    /// Makes a classifier, where tasks are feature vectors and no `--model` is given. It begins by
    /// learning the labels of a few tasks, which stay among its lessons in every round; the other
    /// tasks have no labels for it.
    pub struct FromLabels = "classifier", version 1 {
        /// Width of the hidden layer; 0 is a linear model.
        pub hidden: usize = 64, "ours";
        /// Tasks whose labels it is given, drawn with the run's seed.
        pub labelled: usize = 50, "ours";
        /// How it learns these: to the end, or a gain by longer training would be mistaken for a
        /// gain by its own labels.
        pub learn: Classify = Classify { epochs: 500, ..Classify::default() }, "ours";
    }
}
