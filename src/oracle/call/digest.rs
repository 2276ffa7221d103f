//! Hash functions by their published descriptions: XXH64, CRC-32, MD5 (RFC 1321), SHA-256 (FIPS 180-4).

const P1: u64 = 0x9E37_79B1_85EB_CA87;
const P2: u64 = 0xC2B2_AE3D_27D4_EB4F;
const P3: u64 = 0x1656_67B1_9E37_79F9;
const P4: u64 = 0x85EB_CA77_C2B2_AE63;
const P5: u64 = 0x27D4_EB2F_1656_67C5;

fn round(lane: u64, input: u64) -> u64 {
    lane.wrapping_add(input.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}

fn word64(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// XXH64 with seed 0.
pub(super) fn xxh64(input: &[u8]) -> u64 {
    let (stripes, mut tail) = input.split_at(input.len() / 32 * 32);
    let mut hash = P5;
    if !stripes.is_empty() {
        let mut lanes = [P1.wrapping_add(P2), P2, 0, 0_u64.wrapping_sub(P1)];
        for stripe in stripes.chunks(32) {
            for (lane, word) in lanes.iter_mut().zip(stripe.chunks(8)) {
                *lane = round(*lane, word64(word));
            }
        }
        let turns = [1, 7, 12, 18];
        hash = lanes.iter().zip(turns).fold(0, |sum, (lane, turn)| sum.wrapping_add(lane.rotate_left(turn)));
        for lane in lanes {
            hash = (hash ^ round(0, lane)).wrapping_mul(P1).wrapping_add(P4);
        }
    }
    hash = hash.wrapping_add(input.len() as u64);
    while tail.len() >= 8 {
        hash = (hash ^ round(0, word64(&tail[..8]))).rotate_left(27).wrapping_mul(P1).wrapping_add(P4);
        tail = &tail[8..];
    }
    if tail.len() >= 4 {
        hash = (hash ^ word64(&tail[..4]).wrapping_mul(P1)).rotate_left(23).wrapping_mul(P2).wrapping_add(P3);
        tail = &tail[4..];
    }
    for byte in tail {
        hash = (hash ^ u64::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(P2);
    hash = (hash ^ hash >> 29).wrapping_mul(P3);
    hash ^ hash >> 32
}

/// CRC-32 with the reversed polynomial, bit by bit.
pub(super) fn crc32(input: &[u8]) -> u32 {
    let mut state = u32::MAX;
    for byte in input {
        state ^= u32::from(*byte);
        for _ in 0..8 {
            state = state >> 1 ^ if state & 1 == 1 { 0xEDB8_8320 } else { 0 };
        }
    }
    !state
}

/// The message, a one bit, zeros, and its length in bits as the last eight bytes of a block of 64.
fn padded(input: &[u8], length: [u8; 8]) -> Vec<u8> {
    let mut message = [input, &[0x80]].concat();
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend(length);
    message
}

pub(super) fn md5(input: &[u8]) -> Vec<u8> {
    const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded(input, (input.len() as u64 * 8).to_le_bytes()).chunks(64) {
        let word = |at: usize| u32::from_le_bytes(block[4 * at..4 * at + 4].try_into().expect("four bytes"));
        let [mut a, mut b, mut c, mut d] = state;
        for step in 0..64 {
            let (mixed, at) = match step / 16 {
                0 => (b & c | !b & d, step),
                1 => (d & b | !d & c, 5 * step + 1),
                2 => (b ^ c ^ d, 3 * step + 5),
                _ => (c ^ (b | !d), 7 * step),
            };
            let sum = a.wrapping_add(mixed).wrapping_add(sine(step)).wrapping_add(word(at % 16));
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(TURNS[step / 16][step % 4])));
        }
        for (old, new) in state.iter_mut().zip([a, b, c, d]) {
            *old = old.wrapping_add(new);
        }
    }
    state.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The whole part of 2^32 |sin(step + 1)|.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "as the RFC says"
)]
fn sine(step: usize) -> u32 {
    (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32
}

pub(super) fn sha256(input: &[u8]) -> Vec<u8> {
    let primes: Vec<u128> = (2..).filter(|n| (2..*n).all(|divisor| n % divisor != 0)).take(64).collect();
    // The first 32 bits behind the point of square and cube roots of primes.
    let root = |prime: u128, power: u32| {
        let wanted = prime << (32 * power);
        let is_below = |candidate: u128| candidate.pow(power) <= wanted;
        let whole = (0..40)
            .rev()
            .fold(0, |root, bit| if is_below(root + (1 << bit)) { root + (1 << bit) } else { root });
        u32::try_from(whole & 0xffff_ffff).expect("32 bits")
    };
    let mut state: Vec<u32> = primes[..8].iter().map(|prime| root(*prime, 2)).collect();
    let constants: Vec<u32> = primes.iter().map(|prime| root(*prime, 3)).collect();
    for block in padded(input, (input.len() as u64 * 8).to_be_bytes()).chunks(64) {
        let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
        let mut words: Vec<u32> = block.chunks(4).map(word).collect();
        for at in 16..64 {
            let (near, far) = (words[at - 2], words[at - 15]);
            let near = near.rotate_right(17) ^ near.rotate_right(19) ^ near >> 10;
            let far = far.rotate_right(7) ^ far.rotate_right(18) ^ far >> 3;
            words.push(words[at - 16].wrapping_add(far).wrapping_add(words[at - 7]).wrapping_add(near));
        }
        let mut v = state.clone();
        for (word, constant) in words.iter().zip(&constants) {
            let turned = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = v[4] & v[5] ^ !v[4] & v[6];
            let parts = [v[7], turned, choice, *constant, *word];
            let first = parts.into_iter().fold(0, u32::wrapping_add);
            let turned = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2];
            v[3] = v[3].wrapping_add(first);
            v.rotate_right(1);
            v[0] = first.wrapping_add(turned).wrapping_add(majority);
        }
        for (old, new) in state.iter_mut().zip(v) {
            *old = old.wrapping_add(new);
        }
    }
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}
