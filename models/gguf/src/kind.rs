/// How the numbers of a tensor are stored: the types of ggml that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the format")]
pub enum Kind {
    F32,
    F16,
    Bf16,
    Q8_0,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
    Iq4Nl,
    Iq4Xs,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 15] = [
        Kind::F32,
        Kind::F16,
        Kind::Bf16,
        Kind::Q8_0,
        Kind::Q4_0,
        Kind::Q4_1,
        Kind::Q5_0,
        Kind::Q5_1,
        Kind::Q2K,
        Kind::Q3K,
        Kind::Q4K,
        Kind::Q5K,
        Kind::Q6K,
        Kind::Iq4Nl,
        Kind::Iq4Xs,
    ];

    /// Its number in files, its name, how many numbers a block has, and how many bytes that is.
    fn about(self) -> (u32, &'static str, usize, usize) {
        match self {
            Kind::F32 => (0, "F32", 1, 4),
            Kind::F16 => (1, "F16", 1, 2),
            Kind::Bf16 => (30, "BF16", 1, 2),
            Kind::Q8_0 => (8, "Q8_0", 32, 34),
            Kind::Q4_0 => (2, "Q4_0", 32, 18),
            Kind::Q4_1 => (3, "Q4_1", 32, 20),
            Kind::Q5_0 => (6, "Q5_0", 32, 22),
            Kind::Q5_1 => (7, "Q5_1", 32, 24),
            Kind::Q2K => (10, "Q2_K", 256, 84),
            Kind::Q3K => (11, "Q3_K", 256, 110),
            Kind::Q4K => (12, "Q4_K", 256, 144),
            Kind::Q5K => (13, "Q5_K", 256, 176),
            Kind::Q6K => (14, "Q6_K", 256, 210),
            Kind::Iq4Nl => (20, "IQ4_NL", 32, 18),
            Kind::Iq4Xs => (23, "IQ4_XS", 256, 136),
        }
    }

    /// The type of a number in files.
    pub(crate) fn numbered(number: u32) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Its number in files.
    pub fn number(self) -> u32 {
        self.about().0
    }

    /// Its name in the format.
    pub fn word(self) -> &'static str {
        self.about().1
    }

    /// How many numbers are stored together; rows are whole blocks.
    pub fn block(self) -> usize {
        self.about().2
    }

    /// Bytes of a block.
    pub fn block_bytes(self) -> usize {
        self.about().3
    }
}
