//! How weights are stored, by ggml's numbers.

/// One way to store weights.
pub(super) struct Weights {
    kind: u64,
    /// Weights per block.
    pub(super) block: u64,
    /// Bytes per block.
    pub(super) block_bytes: u64,
}

/// The way with this number, if models here use it.
pub(super) fn weights(kind: u64) -> Option<&'static Weights> {
    WEIGHTS.iter().find(|weights| weights.kind == kind)
}

#[rustfmt::skip]
static WEIGHTS: &[Weights] = &[
    Weights { kind: 0, block: 1, block_bytes: 4 },      // f32
    Weights { kind: 1, block: 1, block_bytes: 2 },      // f16
    Weights { kind: 2, block: 32, block_bytes: 18 },    // q4_0
    Weights { kind: 3, block: 32, block_bytes: 20 },    // q4_1
    Weights { kind: 6, block: 32, block_bytes: 22 },    // q5_0
    Weights { kind: 7, block: 32, block_bytes: 24 },    // q5_1
    Weights { kind: 8, block: 32, block_bytes: 34 },    // q8_0
    Weights { kind: 10, block: 256, block_bytes: 84 },  // q2_k
    Weights { kind: 11, block: 256, block_bytes: 110 }, // q3_k
    Weights { kind: 12, block: 256, block_bytes: 144 }, // q4_k
    Weights { kind: 13, block: 256, block_bytes: 176 }, // q5_k
    Weights { kind: 14, block: 256, block_bytes: 210 }, // q6_k
    Weights { kind: 20, block: 32, block_bytes: 18 },   // iq4_nl
    Weights { kind: 23, block: 256, block_bytes: 136 }, // iq4_xs
    Weights { kind: 24, block: 1, block_bytes: 1 },     // i8
    Weights { kind: 25, block: 1, block_bytes: 2 },     // i16
    Weights { kind: 26, block: 1, block_bytes: 4 },     // i32
    Weights { kind: 27, block: 1, block_bytes: 8 },     // i64
    Weights { kind: 30, block: 1, block_bytes: 2 },     // bf16
];
