//! What a comparison of two answers says: right, wrong or unsettled, each with a reason from a
//! fixed list.

use nouns::{Unsettled, Verdict};

use crate::mark::Mark;

/// Whether an answer is the reference's, and on what ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is.
    Right(Agreement),
    /// It is not.
    Wrong(Difference),
    /// It cannot be told.
    Unsettled(Doubt),
}

macro_rules! reasons {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// The reason's code in JSON.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }
    };
}

reasons! {
    /// Why an answer is right.
    Agreement {
        /// Letter for letter the same, noise aside.
        Identical = "identical",
        /// The same number.
        SameValue = "same-value",
        /// The same function of the same variables.
        SameExpression = "same-expression",
        /// The reference is a decimal of two or more places, and this rounds to it.
        Rounded = "rounded",
        /// The same quantity in other units.
        UnitConverted = "unit-converted",
        /// One of them leaves out the unit.
        UnitOmitted = "unit-omitted",
        /// The same words.
        SameText = "same-text",
        /// The same choice.
        SameChoice = "same-choice",
        /// The same elements, in whatever order.
        SameSet = "same-set",
        /// The same elements in the same order.
        SameTuple = "same-tuple",
        /// The same matrix.
        SameMatrix = "same-matrix",
        /// The same set of real numbers.
        SameRegion = "same-region",
        /// Equations or inequalities with the same solutions, by scaling.
        SameEquation = "same-equation",
        /// The same time of day.
        SameTime = "same-time",
        /// The same digits; one of them leaves out the base.
        BaseOmitted = "base-omitted",
    }
}

reasons! {
    /// Why an answer is wrong.
    Difference {
        /// There is none.
        NoAnswer = "no-answer",
        /// Another number.
        Value = "different-value",
        /// Another function.
        Expression = "different-expression",
        /// Another kind of thing: a tuple where a number is asked for.
        Kind = "different-kind",
        /// More or fewer elements.
        Length = "different-length",
        /// An element differs.
        Element = "different-element",
        /// Another unit, or one that cannot be converted.
        Unit = "different-unit",
        /// Other words.
        Text = "different-text",
        /// Another choice.
        Choice = "different-choice",
        /// Another set of real numbers: an end, or whether it belongs to it.
        Region = "different-region",
        /// Another equation or inequality.
        Equation = "different-equation",
        /// Another time of day.
        Time = "different-time",
        /// The answer cannot be read: a brace that is not closed, an operator without operands.
        Malformed = "malformed",
    }
}

reasons! {
    /// Why it cannot be told.
    Doubt {
        /// The reference is empty.
        NoReference = "no-reference",
        /// The reference cannot be read as what it should be.
        ReferenceUnreadable = "reference-unreadable",
        /// Something that is not computed here: a sum, an integral, a limit.
        Unsupported = "unsupported",
        /// It would take more work than a comparison may.
        OutOfWork = "out-of-work",
        /// Longer than an answer may be.
        TooLong = "too-long",
        /// Nested deeper than an answer may be.
        TooDeep = "too-deep",
        /// It has no value: a division by zero.
        Undefined = "undefined",
    }
}

/// A judgement, and what of the answer it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The judgement.
    pub judgement: Judgement,
    /// What said where the answer is; `None` if none was found.
    pub mark: Option<Mark>,
}

impl Judged {
    pub(crate) fn read(mark: Mark, judgement: Judgement) -> Judged {
        Judged { judgement, mark: Some(mark) }
    }

    pub(crate) fn unread(judgement: Judgement) -> Judged {
        Judged { judgement, mark: None }
    }

    /// Whether the answer is right; `None` if that cannot be told.
    pub fn correct(self) -> Option<bool> {
        self.judgement.correct()
    }

    /// The code of the reason.
    pub fn reason(self) -> &'static str {
        self.judgement.reason()
    }
}

impl Judgement {
    /// Whether it is right; `None` if that cannot be told.
    pub fn correct(self) -> Option<bool> {
        match self {
            Judgement::Right(_) => Some(true),
            Judgement::Wrong(_) => Some(false),
            Judgement::Unsettled(_) => None,
        }
    }

    /// The code of the reason.
    pub fn reason(self) -> &'static str {
        match self {
            Judgement::Right(why) => why.word(),
            Judgement::Wrong(why) => why.word(),
            Judgement::Unsettled(why) => why.word(),
        }
    }
}

/// A verdict of the loop. What cannot be told stays unsettled: it is neither taught nor counted as
/// wrong.
impl From<Judgement> for Verdict {
    fn from(judgement: Judgement) -> Verdict {
        match judgement {
            Judgement::Right(_) => Verdict::Right,
            Judgement::Wrong(why) => Verdict::Wrong(why.word().to_owned()),
            Judgement::Unsettled(Doubt::NoReference) => Verdict::Unsettled(Unsettled::NoReference),
            Judgement::Unsettled(why @ (Doubt::OutOfWork | Doubt::TooLong | Doubt::TooDeep)) => {
                Verdict::Unsettled(Unsettled::OutOfBounds(why.word().to_owned()))
            }
            Judgement::Unsettled(why) => Verdict::Unsettled(Unsettled::CheckerFailed(why.word().to_owned())),
        }
    }
}
